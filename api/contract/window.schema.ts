import * as v from 'valibot';

/** What fills the part of a slot that the clip doesn't reach. */
export const endings = ['hold', 'bounce'] as const;
export type Ending = (typeof endings)[number];

/** How a clip of another shape lies in the project's frame. */
export const framingModes = ['fill', 'fit', 'free'] as const;
export type FramingMode = (typeof framingModes)[number];

/** Bounds of a window's numbers. A day at 30 frames a second is the longest clip anybody could mean. */
export const windowLimits = {
  inFrame: 2_592_000,
  slowest: 0.25,
  fastest: 4,
  smallest: 0.1,
  largest: 10,
  /** As long as a planned duration may be, 600 s, at the fastest rate. */
  slotFrames: 18_000,
} as const;

const inFrame = v.pipe(
  v.number('inFrame must be a whole number of frames.'),
  v.integer('inFrame must be a whole number of frames.'),
  v.minValue(0, 'inFrame must not be negative.'),
  v.maxValue(windowLimits.inFrame, `inFrame must be at most ${windowLimits.inFrame}.`),
);
const speed = v.pipe(
  v.number('speed must be a number: 0.5 is half as fast.'),
  v.minValue(windowLimits.slowest, `speed must be at least ${windowLimits.slowest}.`),
  v.maxValue(windowLimits.fastest, `speed must be at most ${windowLimits.fastest}.`),
);
const point = (name: string) =>
  v.pipe(
    v.number(`${name} must be a number from 0 to 1.`),
    v.minValue(0, `${name} must be a number from 0 to 1.`),
    v.maxValue(1, `${name} must be a number from 0 to 1.`),
  );
const background = v.union(
  [
    v.literal('blur'),
    v.pipe(
      v.string(),
      v.regex(/^#[0-9a-f]{6}$/i),
      v.transform((colour) => colour.toLowerCase()),
    ),
  ],
  'background must be a colour as #rrggbb, or "blur".',
);
const scale = v.pipe(
  v.number('scale must be a number: 1 shows the whole picture.'),
  v.minValue(windowLimits.smallest, `scale must be at least ${windowLimits.smallest}.`),
  v.maxValue(windowLimits.largest, `scale must be at most ${windowLimits.largest}.`),
);
const slotFrames = v.pipe(
  v.number('slotFrames must be a whole number of frames.'),
  v.integer('slotFrames must be a whole number of frames.'),
  v.minValue(1, 'slotFrames must be at least 1.'),
  v.maxValue(windowLimits.slotFrames, `slotFrames must be at most ${windowLimits.slotFrames}.`),
);
export const SlotFramesSchema = slotFrames;

const framing = {
  /** fill: covers the frame; fit: the whole picture, with background; free: moved and scaled by hand. */
  mode: v.picklist(framingModes, 'mode must be fill, fit or free.'),
  /** Around the picture where it leaves any of the frame free. */
  background,
  /** fill: the point of the clip's picture that is kept inside; free: the one at the frame's middle. */
  x: point('x'),
  y: point('y'),
  /** Of free: relative to fit. */
  scale,
};
const window = {
  /** First frame of the clip that is shown, counted at the project's rate and speed 1. */
  inFrame,
  /** Frames of the clip per frame of the scene. */
  speed,
  /** Blends frames where the clip is slowed. */
  blend: v.boolean('blend must be true or false.'),
  ending: v.picklist(endings, 'ending must be hold or bounce.'),
};

export const FramingSchema = v.strictObject(framing);
/** Where a clip's picture lies in the project's frame. */
export type Framing = v.InferOutput<typeof FramingSchema>;

/** Where somebody put the picture; null: nobody did, so that it is where the face is, or in the middle. */
const chosenPoint = { x: v.nullable(framing.x), y: v.nullable(framing.y) };

export const WindowSchema = v.strictObject({ ...window, framing: FramingSchema });
/** How a scene's original clip fills its slot. */
export type ClipWindow = v.InferOutput<typeof WindowSchema>;

/** A window as it is kept: what nobody chose of the picture's place is null (`windowOf`). */
export type KeptWindow = Omit<ClipWindow, 'framing'> & {
  framing: Omit<Framing, 'x' | 'y'> & { x: number | null; y: number | null };
};

/** A clip from its first frame, at its own speed, covering the frame. */
export const defaultWindow: ClipWindow = {
  inFrame: 0,
  speed: 1,
  blend: false,
  ending: 'hold',
  framing: { mode: 'fill', background: '#000000', x: 0.5, y: 0.5, scale: 1 },
};

/** The default window as it is kept. */
export const keptDefaultWindow: KeptWindow = {
  ...defaultWindow,
  framing: { ...defaultWindow.framing, x: null, y: null },
};

const changedFraming = v.partial(v.strictObject({ ...framing, ...chosenPoint }));

export const ChangeWindowSchema = v.pipe(
  v.partial(v.strictObject({ ...window, framing: changedFraming, slotFrames })),
  v.check((change) => Object.keys(change).length > 0, 'Name at least one field to change.'),
);
/** Any part of a window, and the scene's length; what is left out stays. */
export type ChangeWindow = v.InferOutput<typeof ChangeWindowSchema>;

export const RollSchema = v.strictObject({
  /** The cut before the scene, or the one after it. */
  edge: v.picklist(['start', 'end'], 'edge must be start or end.'),
  /** How many frames later the cut comes; negative: earlier. */
  frames: v.pipe(
    v.number('frames must be a whole number.'),
    v.integer('frames must be a whole number.'),
    v.minValue(-windowLimits.slotFrames, `frames must be at least -${windowLimits.slotFrames}.`),
    v.maxValue(windowLimits.slotFrames, `frames must be at most ${windowLimits.slotFrames}.`),
    v.check((frames) => frames !== 0, 'frames must not be 0.'),
  ),
});
export type Roll = v.InferOutput<typeof RollSchema>;
