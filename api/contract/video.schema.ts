import * as v from 'valibot';
import { IdSchema } from './ids.schema';
import { askedLipsyncFields, LipsyncOptionsSchema } from './lipsync.schema';
import { chargedStates, providerChoice } from './provider.schema';
import { SceneSchema } from './scene.schema';
import { AudioSegmentSchema } from './take.schema';

/** What a scene's lip-sync answers. */
export const SceneLipsyncSchema = v.object({
  jobId: v.string(),
  status: v.string(),
  projectId: v.string(),
  sequence: v.number(),
  videoClipUrl: v.nullable(v.string()),
  originalVideoClipUrl: v.nullable(v.string()),
  audioSegment: AudioSegmentSchema,
  options: LipsyncOptionsSchema,
  ignoredOptions: v.array(v.string()),
  provider: v.string(),
  model: v.string(),
  costUsd: v.nullable(v.number()),
  charged: v.nullable(v.picklist(chargedStates)),
  /** How many frames the provider made; cut or padded to exactly those of the clip. Null: not told. */
  receivedFrames: v.nullable(v.number()),
  processingTimeSeconds: v.number(),
  updatedAt: v.string(),
  scene: SceneSchema,
});
export type SceneLipsync = v.InferOutput<typeof SceneLipsyncSchema>;

const seconds = (name: string) =>
  v.pipe(
    v.number(`${name} must be a number of seconds.`),
    v.finite(`${name} must be a number of seconds.`),
    v.minValue(0, `${name} must not be negative.`),
  );
const url = (name: string) => v.pipe(v.string(`${name} must be a URL.`), v.maxLength(4096));

/** The lip-sync outside any scene: any clip, any sound, by URL or by id. */
export const StandaloneLipsyncSchema = v.pipe(
  v.strictObject({
    video_url: v.optional(url('video_url')),
    video_id: v.optional(IdSchema),
    audio_url: v.optional(url('audio_url')),
    audio_id: v.optional(IdSchema),
    start_time: v.optional(seconds('start_time')),
    end_time: v.optional(seconds('end_time')),
    project_id: v.optional(IdSchema),
    sequence: v.optional(
      v.pipe(
        v.number('sequence must be a whole number.'),
        v.integer(),
        v.minValue(1, 'Scenes are numbered from 1.'),
      ),
    ),
    ...askedLipsyncFields,
    ...providerChoice,
  }),
  v.check(
    (body) => (body.video_url === undefined) !== (body.video_id === undefined),
    'Give either video_url or video_id.',
  ),
  v.check(
    (body) => (body.audio_url === undefined) !== (body.audio_id === undefined),
    'Give either audio_url or audio_id.',
  ),
  v.check(
    (body) => (body.project_id === undefined) === (body.sequence === undefined),
    'project_id and sequence go together: they name the scene that gets the result.',
  ),
  v.check(
    (body) => body.end_time === undefined || body.end_time > (body.start_time ?? 0),
    'end_time must be later than start_time.',
  ),
);
export type StandaloneLipsyncRequest = v.InferOutput<typeof StandaloneLipsyncSchema>;

export const StandaloneLipsyncResultSchema = v.object({
  job_id: v.string(),
  status: v.string(),
  video_id: v.string(),
  video_url: v.string(),
  audio_url: v.string(),
  metadata: v.object({
    provider: v.string(),
    model: v.string(),
    options: LipsyncOptionsSchema,
    ignored_options: v.array(v.string()),
    cost_usd: v.nullable(v.number()),
    charged: v.nullable(v.picklist(chargedStates)),
    received_frames: v.nullable(v.number()),
    processing_time_seconds: v.number(),
    file_size: v.number(),
    duration: v.number(),
    width: v.number(),
    height: v.number(),
    fps: v.number(),
    frames: v.number(),
    /** When it was done, ISO 8601. */
    generation_timestamp: v.string(),
    /** The part of the sound under it, in seconds; the end is null for those made before it was kept. */
    start_time: v.number(),
    end_time: v.nullable(v.number()),
    /** `model`, `options` and `file_size` by the names of the first version of the API. */
    model_used: v.string(),
    parameters_used: LipsyncOptionsSchema,
    file_size_bytes: v.number(),
  }),
});

export const VideoFactsSchema = v.object({
  id: v.string(),
  exists: v.literal(true),
  kind: v.picklist(['video', 'take', 'final']),
  projectId: v.nullable(v.string()),
  contentType: v.string(),
  bytes: v.number(),
  sha256: v.string(),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  frames: v.number(),
  duration: v.number(),
  url: v.string(),
  madeBy: v.record(v.string(), v.unknown()),
  createdAt: v.string(),
});
export type VideoFacts = v.InferOutput<typeof VideoFactsSchema>;

/** What is known of an id: a video's facts, or that there is none. */
export const VideoInfoSchema = v.variant('exists', [
  VideoFactsSchema,
  v.object({ id: v.string(), exists: v.literal(false) }),
]);
export type VideoInfo = v.InferOutput<typeof VideoInfoSchema>;

export const VideoQuerySchema = v.object({
  download: v.optional(v.pipe(v.string(), v.description('The name under which a browser saves the video.'))),
  redirect: v.optional(
    v.pipe(
      v.picklist(['true', 'false', '1', '0'], 'redirect must be true or false.'),
      v.description('`true`: 302 to where the video is, instead of its bytes.'),
      v.transform((text) => text === 'true' || text === '1'),
    ),
    'false',
  ),
});
