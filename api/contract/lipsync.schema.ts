import * as v from 'valibot';
import { ErrorSchema } from './error.schema';
import { JobSchema, jobStates } from './job.schema';
import { providerChoice } from './provider.schema';

/** The expressiveness of a lip-sync that names none. */
export const DEFAULT_TEMPERATURE = 0.5;

const temperature = v.pipe(
  v.number('temperature must be a number from 0 (subtle) to 1 (exaggerated).'),
  v.finite('temperature must be a number from 0 (subtle) to 1 (exaggerated).'),
  v.minValue(0, 'temperature must be at least 0.'),
  v.maxValue(1, 'temperature must be at most 1.'),
);
const activeSpeakerDetection = v.boolean('active_speaker_detection must be true or false.');
const occlusionDetectionEnabled = v.boolean('occlusion_detection_enabled must be true or false.');

/** Where the face is, as shares of the picture, in the first picture of the clip. */
const speaker = v.strictObject({
  x: v.pipe(v.number('speaker.x must be a number from 0 to 1.'), v.minValue(0), v.maxValue(1)),
  y: v.pipe(v.number('speaker.y must be a number from 0 to 1.'), v.minValue(0), v.maxValue(1)),
});

/** The options keep the names that sync.so and the first version of the API gave them. */
export const LipsyncOptionsSchema = v.strictObject({
  temperature: v.optional(temperature, DEFAULT_TEMPERATURE),
  active_speaker_detection: v.optional(activeSpeakerDetection, false),
  occlusion_detection_enabled: v.optional(occlusionDetectionEnabled, false),
  speaker: v.optional(speaker),
});

/** The options as a request gives them: `null` is as good as left out. */
export const askedLipsyncFields = {
  ...LipsyncOptionsSchema.entries,
  temperature: v.nullish(temperature, DEFAULT_TEMPERATURE),
  active_speaker_detection: v.nullish(activeSpeakerDetection, false),
  occlusion_detection_enabled: v.nullish(occlusionDetectionEnabled, false),
};

export type LipsyncOptions = v.InferOutput<typeof LipsyncOptionsSchema>;
export type LipsyncOptionName = keyof LipsyncOptions;

/** Options that somebody set: those that differ from what happens without them. */
export function askedLipsyncOptions(options: LipsyncOptions): LipsyncOptionName[] {
  return [
    ...(options.temperature === DEFAULT_TEMPERATURE ? [] : (['temperature'] as const)),
    ...(options.active_speaker_detection ? (['active_speaker_detection'] as const) : []),
    ...(options.occlusion_detection_enabled ? (['occlusion_detection_enabled'] as const) : []),
    ...(options.speaker === undefined ? [] : (['speaker'] as const)),
  ];
}

/**
 * What a scene's lip-sync is asked for: the options, and who makes it. What is left out (or null) is as in the
 * lip-sync that the scene has, else the default; `speaker: null` takes the mark of a face off.
 */
export const SceneLipsyncRequestSchema = v.strictObject({
  temperature: v.nullish(temperature),
  active_speaker_detection: v.nullish(activeSpeakerDetection),
  occlusion_detection_enabled: v.nullish(occlusionDetectionEnabled),
  speaker: v.nullish(speaker),
  ...providerChoice,
});
export type AskedSceneLipsync = v.InferOutput<typeof SceneLipsyncRequestSchema>;

export const sceneChoices = ['all', 'stale', 'needed'] as const;

/**
 * Lip-sync of many scenes: all that somebody sings in, of these the stale ones or those that need it (stale or
 * never synced), or those named.
 */
export const BatchLipsyncRequestSchema = v.strictObject({
  scenes: v.optional(
    v.union(
      [
        v.picklist(sceneChoices),
        v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(1))), v.minLength(1), v.maxLength(1000)),
      ],
      'scenes must be "all", "stale", "needed" or a list of scene numbers, such as [1, 3].',
    ),
    'all',
  ),
  /** Scenes that have a lip-sync keep all it was made with; what is given here is for those without one. */
  keep: v.optional(v.boolean('keep must be true or false.'), false),
  ...SceneLipsyncRequestSchema.entries,
});
export type BatchLipsyncRequest = v.InferOutput<typeof BatchLipsyncRequestSchema>;

/**
 * What became of one scene of a batch: the state of its job; `skipped`: nothing to do there; `refused`:
 * it can't be done, the error says why.
 */
export const BatchLipsyncSchema = v.object({
  scenes: v.array(
    v.object({
      sequence: v.number(),
      sceneId: v.nullable(v.string()),
      status: v.picklist([...jobStates, 'skipped', 'refused']),
      job: v.nullable(JobSchema),
      error: v.nullable(ErrorSchema),
    }),
  ),
});
export type BatchLipsync = v.InferOutput<typeof BatchLipsyncSchema>;
