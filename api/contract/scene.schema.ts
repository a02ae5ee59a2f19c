import * as v from 'valibot';
import { JobSchema } from './job.schema';
import { LipsyncOptionsSchema } from './lipsync.schema';
import { providerNames } from './provider.names';
import { singingStates } from './singing.schema';
import { AudioSegmentSchema, TakeSchema } from './take.schema';
import { SlotFramesSchema, WindowSchema } from './window.schema';

export const staleReasons = [
  'song-changed',
  'moved',
  'length-changed',
  'clip-changed',
  'other-sound',
] as const;
export type StaleReason = (typeof staleReasons)[number];

export const SceneSchema = v.object({
  id: v.string(),
  sequence: v.number(),
  prompt: v.string(),
  negativePrompt: v.string(),
  /** Seconds of `slotFrames`. */
  plannedDuration: v.nullable(v.number()),
  /** The scene's own length in frames; null until it is given one, by hand or by its first clip. */
  slotFrames: v.nullable(v.number()),
  /** How the clip fills the slot. */
  window: WindowSchema,
  /** Whether somebody chose where the picture lies; else it is where the face is, or in the middle. */
  framedByHand: v.boolean(),
  /** The clip's whole length in frames of the project; null without a clip. */
  sourceFrames: v.nullable(v.number()),
  /** Frames of the slot that the clip doesn't reach; 0 when it covers the slot or there is no clip. */
  missingFrames: v.number(),
  /** Whether the current clip still shows an earlier length or window, and the one that fits is being made. */
  fitting: v.boolean(),
  /** The job that makes it. */
  fitJob: v.nullable(JobSchema),
  /** Null when a scene before it has neither a clip nor a planned duration. */
  startFrame: v.nullable(v.number()),
  frames: v.nullable(v.number()),
  start: v.nullable(v.number()),
  end: v.nullable(v.number()),
  duration: v.nullable(v.number()),
  /** Seconds of the current clip: `duration` once there is one, else null. */
  videoDuration: v.nullable(v.number()),
  imageUrl: v.nullable(v.string()),
  videoClipUrl: v.nullable(v.string()),
  originalVideoClipUrl: v.nullable(v.string()),
  currentTake: v.nullable(TakeSchema),
  originalTake: v.nullable(TakeSchema),
  imageTake: v.nullable(TakeSchema),
  /** Set when the scene has a lip-sync, also one that its clip shows no more (stale). */
  lipsync: v.nullable(
    v.object({
      stale: v.boolean(),
      staleReason: v.nullable(v.picklist(staleReasons)),
      madeFor: v.nullable(AudioSegmentSchema),
      /** What it was made with, and a re-sync keeps; null: its record can't be read. */
      madeWith: v.nullable(
        v.object({
          options: LipsyncOptionsSchema,
          provider: v.nullable(v.picklist(providerNames)),
          model: v.nullable(v.string()),
        }),
      ),
    }),
  ),
  /** Whether anybody is seen and heard singing in it. */
  singing: v.picklist(singingStates),
  /** Whether it is to be lip-synced: what `singing` says, or what was said by hand. */
  needsLipSync: v.boolean(),
  /** What was said by hand; null: nothing. */
  needsLipSyncByHand: v.nullable(v.boolean()),
  /** Middle of the face in its original clip, as shares of the picture; null: none was found. */
  faceMiddle: v.nullable(v.object({ x: v.number(), y: v.number() })),
  activeJob: v.nullable(JobSchema),
  lastError: v.nullable(
    v.object({
      jobId: v.string(),
      kind: v.string(),
      code: v.string(),
      message: v.string(),
      at: v.string(),
      /** Whether doing the same again can help. */
      retryable: v.boolean(),
    }),
  ),
  createdAt: v.string(),
  updatedAt: v.string(),
});

export type Scene = v.InferOutput<typeof SceneSchema>;

const prompt = v.pipe(v.string(), v.maxLength(5000, 'A prompt has at most 5000 characters.'));
const plannedDuration = v.pipe(
  v.number('plannedDuration must be a number of seconds.'),
  v.minValue(0.1, 'plannedDuration must be at least 0.1 seconds.'),
  v.maxValue(600, 'plannedDuration must be at most 600 seconds.'),
);
const sequence = v.pipe(
  v.number('sequence must be a whole number.'),
  v.integer('sequence must be a whole number.'),
  v.minValue(1, 'Scenes are numbered from 1.'),
);

export const SplitSceneSchema = v.strictObject({
  /** The second part begins with this frame of the scene's current clip. */
  frame: v.pipe(v.number('frame must be a whole number.'), v.integer('frame must be a whole number.')),
});
export type SplitScene = v.InferOutput<typeof SplitSceneSchema>;

export const CreateSceneSchema = v.strictObject({
  prompt: v.optional(prompt, ''),
  negativePrompt: v.optional(prompt, ''),
  /** The scene's length in seconds. */
  plannedDuration: v.optional(v.nullable(plannedDuration), null),
  /** Where to insert it; at the end when left out. */
  sequence: v.optional(sequence),
});
export type CreateScene = v.InferOutput<typeof CreateSceneSchema>;

export const UpdateSceneSchema = v.strictObject({
  prompt: v.optional(prompt),
  negativePrompt: v.optional(prompt),
  /** The scene's length in seconds, or in frames; the scenes after it move. Null: as long as its clip. */
  plannedDuration: v.optional(v.nullable(plannedDuration)),
  slotFrames: v.optional(v.nullable(SlotFramesSchema)),
  /** Whether it is to be lip-synced; null: what is seen and heard decides. */
  needsLipSync: v.optional(v.nullable(v.boolean('needsLipSync must be true, false or null.'))),
});
export type UpdateScene = v.InferOutput<typeof UpdateSceneSchema>;

export const ReorderSchema = v.strictObject({
  /** The ids of all scenes in their new order. */
  sceneIds: v.array(v.string('sceneIds is the list of all scene ids in their new order.')),
});
export type Reorder = v.InferOutput<typeof ReorderSchema>;

export const DeleteScenesSchema = v.strictObject({
  /** The ids of the scenes to delete, each once. */
  sceneIds: v.pipe(
    v.array(v.string('sceneIds is the list of the ids of scenes.')),
    v.minLength(1, 'sceneIds must name at least one scene.'),
    v.check((ids) => new Set(ids).size === ids.length, 'sceneIds must name each scene once.'),
  ),
});
export type DeleteScenes = v.InferOutput<typeof DeleteScenesSchema>;

const seconds = (name: string) =>
  v.pipe(
    v.number(`${name} must be a number of seconds.`),
    v.finite(`${name} must be a number of seconds.`),
    v.minValue(0, `${name} must not be negative.`),
  );
const frame = (name: string) =>
  v.pipe(
    v.number(`${name} must be a whole number of frames.`),
    v.integer(`${name} must be a whole number of frames.`),
    v.minValue(0, `${name} must not be negative.`),
  );

/** Seconds or frames of the original clip; the out point is the first frame not shown any more. */
export const TrimSchema = v.pipe(
  v.strictObject({
    in: v.optional(seconds('in')),
    out: v.optional(seconds('out')),
    inFrame: v.optional(frame('inFrame')),
    outFrame: v.optional(frame('outFrame')),
  }),
  v.check(
    (trim) =>
      trim.in !== undefined && trim.out !== undefined
        ? trim.inFrame === undefined && trim.outFrame === undefined
        : trim.in === undefined &&
          trim.out === undefined &&
          trim.inFrame !== undefined &&
          trim.outFrame !== undefined,
    'Give { "in", "out" } in seconds or { "inFrame", "outFrame" } in frames of the original clip.',
  ),
);
export type Trim = v.InferOutput<typeof TrimSchema>;
