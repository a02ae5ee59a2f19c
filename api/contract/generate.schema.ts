import * as v from 'valibot';
import { FormatSchema } from './format.schema';
import { IdSchema } from './ids.schema';
import { chargedStates, providerChoice } from './provider.schema';
import { SceneSchema } from './scene.schema';

const words = (name: string) =>
  v.pipe(v.string(`${name} must be text.`), v.maxLength(5000, `${name} has at most 5000 characters.`));
const neededWords = (name: string) =>
  v.pipe(words(name), v.trim(), v.minLength(1, `${name} must say what to make.`));
/** 31 bits: what every model takes. */
const seed = v.pipe(
  v.number('seed must be a whole number.'),
  v.integer('seed must be a whole number.'),
  v.minValue(0, 'seed must be at least 0.'),
  v.maxValue(2 ** 31 - 1, 'seed must be less than 2147483648.'),
);
const duration = v.pipe(
  v.number('duration must be a number of seconds.'),
  v.finite('duration must be a number of seconds.'),
  v.minValue(0.1, 'duration must be at least 0.1 seconds.'),
  v.maxValue(600, 'duration must be at most 600 seconds.'),
);
const flag = (name: string) => v.boolean(`${name} must be true or false.`);

/** A scene's new image; what is left out comes from the scene. */
export const GenerateImageSchema = v.strictObject({
  prompt: v.optional(neededWords('prompt')),
  negativePrompt: v.optional(words('negativePrompt')),
  seed: v.optional(v.nullable(seed), null),
  /** Whether the project's character pictures are given along. */
  useReferences: v.optional(flag('useReferences'), true),
  ...providerChoice,
});
export type GenerateImage = v.InferOutput<typeof GenerateImageSchema>;

/** A scene's new clip; what is left out comes from the scene. */
export const GenerateVideoSchema = v.strictObject({
  ...GenerateImageSchema.entries,
  /** Seconds; the planned duration when left out, else the length of the clip that there is. */
  duration: v.optional(duration),
  /**
   * Whether the scene's image is the first frame. Left out: yes, but a storyboard card of this machine is
   * no picture that another provider should begin with.
   */
  useImage: v.optional(flag('useImage')),
});
export type GenerateVideo = v.InferOutput<typeof GenerateVideoSchema>;

const generatedFields = {
  jobId: v.string(),
  status: v.string(),
  projectId: v.string(),
  sequence: v.number(),
  takeId: v.string(),
  /** As it was sent. */
  prompt: v.string(),
  provider: v.string(),
  model: v.string(),
  ignoredOptions: v.array(v.string()),
  costUsd: v.nullable(v.number()),
  charged: v.nullable(v.picklist(chargedStates)),
  processingTimeSeconds: v.number(),
};

export const GeneratedImageSchema = v.object({
  ...generatedFields,
  imageUrl: v.nullable(v.string()),
  scene: SceneSchema,
});
export type GeneratedImage = v.InferOutput<typeof GeneratedImageSchema>;

export const GeneratedVideoSchema = v.object({
  ...generatedFields,
  videoClipUrl: v.nullable(v.string()),
  originalVideoClipUrl: v.nullable(v.string()),
  frames: v.number(),
  duration: v.number(),
  /** How many frames the provider made; cut or padded to exactly those that are needed. */
  receivedFrames: v.nullable(v.number()),
  scene: SceneSchema,
});
export type GeneratedVideo = v.InferOutput<typeof GeneratedVideoSchema>;

/** A clip outside any scene, or for the scene that is named. */
export const StandaloneVideoSchema = v.pipe(
  v.strictObject({
    prompt: neededWords('prompt'),
    negative_prompt: v.optional(words('negative_prompt'), ''),
    /** The first frame. */
    image_url: v.optional(v.pipe(v.string('image_url must be a URL.'), v.maxLength(4096))),
    duration: v.optional(duration, 5),
    /** Of a clip outside any project; a scene's clip has its project's format. */
    format: v.optional(FormatSchema, { width: 1280, height: 720, fps: 25 }),
    seed: v.optional(v.nullable(seed), null),
    project_id: v.optional(IdSchema),
    sequence: v.optional(v.pipe(v.number('sequence must be a whole number.'), v.integer(), v.minValue(1))),
    ...providerChoice,
  }),
  v.check(
    (body) => (body.project_id === undefined) === (body.sequence === undefined),
    'project_id and sequence go together: they name the scene that gets the clip.',
  ),
  v.check(
    (body) => body.project_id === undefined || body.image_url === undefined,
    'image_url is for clips outside projects: a scene’s clip begins with the scene’s own image.',
  ),
);
export type StandaloneVideo = v.InferOutput<typeof StandaloneVideoSchema>;

/** A picture of a character or product to go by in later pictures and clips. */
export const CharacterReferenceSchema = v.strictObject({
  /** What it looks like; the project's character description when left out. */
  description: v.optional(neededWords('description')),
  negative_prompt: v.optional(words('negative_prompt'), ''),
  seed: v.optional(v.nullable(seed), null),
  /** The project that keeps it as a reference. */
  project_id: v.optional(IdSchema),
  ...providerChoice,
});
export type CharacterReference = v.InferOutput<typeof CharacterReferenceSchema>;

const standaloneMetadata = {
  provider: v.string(),
  model: v.string(),
  prompt: v.string(),
  ignored_options: v.array(v.string()),
  cost_usd: v.nullable(v.number()),
  charged: v.nullable(v.picklist(chargedStates)),
  processing_time_seconds: v.number(),
  file_size: v.number(),
  width: v.number(),
  height: v.number(),
};

export const StandaloneVideoResultSchema = v.object({
  job_id: v.string(),
  status: v.string(),
  /** For `GET /get_video/{id}`. */
  video_id: v.string(),
  video_url: v.string(),
  metadata: v.object({ ...standaloneMetadata, duration: v.number(), fps: v.number(), frames: v.number() }),
});
export type StandaloneVideoResult = v.InferOutput<typeof StandaloneVideoResultSchema>;

export const CharacterReferenceResultSchema = v.object({
  job_id: v.string(),
  status: v.string(),
  image_id: v.string(),
  image_url: v.string(),
  project_id: v.nullable(v.string()),
  metadata: v.object(standaloneMetadata),
});
export type CharacterReferenceResult = v.InferOutput<typeof CharacterReferenceResultSchema>;
