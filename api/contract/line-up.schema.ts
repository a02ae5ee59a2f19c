import * as v from 'valibot';

/** How sure it is that a clip was filmed at a place of the song. */
export const lineUpConfidences = ['certain', 'unsure', 'none'] as const;
export type LineUpConfidence = (typeof lineUpConfidences)[number];

/** What keeps a scene as it is, or that nothing needs to be changed. */
export const lineUpReasons = [
  'in-sync',
  'not-heard',
  'other-sound',
  'elsewhere',
  'no-clip-here',
  'no-length',
  'busy',
] as const;
export type LineUpReason = (typeof lineUpReasons)[number];

const PlaceSchema = v.object({
  /** Frame of the project under which the frame `inFrame` of the clip lies. */
  startFrame: v.number(),
  inFrame: v.number(),
  /** Where in the song the clip's first moment lies, in seconds; below 0 when filming began before the song. */
  offsetSeconds: v.number(),
  /** Frames of the clip per frame of the video that keep it in sync. */
  speed: v.number(),
});
export type LineUpPlace = v.InferOutput<typeof PlaceSchema>;

const LineUpWindowSchema = v.object({ inFrame: v.number(), speed: v.number() });
export type LineUpWindow = v.InferOutput<typeof LineUpWindowSchema>;

export const LineUpClipSchema = v.object({
  /** The take that was listened to: a scene's original clip. */
  takeId: v.string(),
  name: v.nullable(v.string()),
  posterUrl: v.nullable(v.string()),
  /** The scenes that show this clip. */
  sequences: v.array(v.number()),
  confidence: v.picklist(lineUpConfidences),
  /** 0..1: how likely the place is right. */
  likelihood: v.number(),
  /** Null when the clip does not belong to the song. */
  place: v.nullable(PlaceSchema),
  /** Other places that fit about as well, as in a chorus that is copied. */
  alternatives: v.array(PlaceSchema),
  /** Frames of the video [start, end) over which the song is heard in the clip. */
  covers: v.nullable(v.object({ startFrame: v.number(), endFrame: v.number() })),
});
export type LineUpClip = v.InferOutput<typeof LineUpClipSchema>;

export const LineUpSceneSchema = v.object({
  sequence: v.number(),
  sceneId: v.string(),
  /** The clip that the scene would show; null: none can be placed here. */
  takeId: v.nullable(v.string()),
  /** The part of that clip that is in sync here. */
  window: v.nullable(LineUpWindowSchema),
  /** `window`: its clip moves under it; `clip`: it gets another clip; `none`: it stays as it is. */
  change: v.picklist(['window', 'clip', 'none']),
  confidence: v.picklist(lineUpConfidences),
  /** Whether the scene shows, just now, its clip in sync as it was filmed; it needs no lip-sync then. */
  inSync: v.boolean(),
  reason: v.nullable(v.picklist(lineUpReasons)),
});
export type LineUpScene = v.InferOutput<typeof LineUpSceneSchema>;

export const LineUpSchema = v.object({
  /** The song that the clips were compared with; null when none were. */
  songId: v.nullable(v.string()),
  clips: v.array(LineUpClipSchema),
  scenes: v.array(LineUpSceneSchema),
});
/** Where the project's clips belong in the song, and what lining up its scenes would change. */
export type LineUp = v.InferOutput<typeof LineUpSchema>;

export const SceneLineUpSchema = v.object({
  /** False: the clip's sound is not this song's. */
  belongs: v.boolean(),
  confidence: v.picklist(lineUpConfidences),
  likelihood: v.number(),
  place: v.nullable(v.object({ startFrame: v.number(), inFrame: v.number() })),
  offsetSeconds: v.nullable(v.number()),
  speed: v.nullable(v.number()),
  alternatives: v.array(PlaceSchema),
  /** What lining up would do to the scene, or did. */
  scene: LineUpSceneSchema,
});
/** Where a scene's clip was filmed. */
export type SceneLineUp = v.InferOutput<typeof SceneLineUpSchema>;

const sequences = v.pipe(
  v.array(
    v.pipe(
      v.number('scenes must be numbers of scenes.'),
      v.integer('scenes must be numbers of scenes.'),
      v.minValue(1, 'scenes must be numbers of scenes.'),
    ),
    'scenes must be a list of numbers of scenes.',
  ),
  v.minLength(1, 'Name at least one scene.'),
  v.maxLength(2000, 'Name at most 2000 scenes.'),
);

export const StartSceneLineUpSchema = v.strictObject({
  /** Whether the scene is lined up at once when its place is certain. */
  apply: v.optional(v.boolean('apply must be true or false.'), false),
});

/** Whether scenes that have a clip already may get another, as if they were empty. */
const recut = v.optional(v.boolean('recut must be true or false.'), false);

export const StartLineUpSchema = v.strictObject({
  /** Only these scenes; all when left out. */
  scenes: v.optional(sequences),
  recut,
  /** Whether all scenes whose place is certain are lined up at once. */
  apply: v.optional(v.boolean('apply must be true or false.'), false),
});
export type StartLineUp = v.InferOutput<typeof StartLineUpSchema>;

export const ApplyLineUpSchema = v.strictObject({
  /** The scenes that are lined up as proposed. */
  scenes: sequences,
  recut,
});
export type ApplyLineUp = v.InferOutput<typeof ApplyLineUpSchema>;

export const LineUpQuerySchema = v.object({
  recut: v.optional(v.picklist(['true', 'false'], 'recut must be true or false.')),
});
