import * as v from 'valibot';
import { jobKinds } from './job.kinds';
import { chargedStates } from './provider.schema';

export type JobKind = (typeof jobKinds)[number];

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'canceled'] as const;
export type JobState = (typeof jobStates)[number];

/** The steps of jobs, for their progress. Rows of earlier versions may hold others. */
export const jobStages = [
  'queued',
  'starting',
  'fetching',
  'normalising',
  'decoding',
  'measuring',
  'trimming',
  'composing',
  'painting',
  'drawing',
  'moving',
  'tracking',
  'rendering',
  'uploading',
  'waiting-for-provider',
  'queued-at-provider',
  'looking-for-call',
  'generating',
  'checking',
  'storing',
  'done',
] as const;
export type JobStage = (typeof jobStages)[number];

export const JobSchema = v.object({
  id: v.string(),
  projectId: v.nullable(v.string()),
  sceneId: v.nullable(v.string()),
  kind: v.picklist(jobKinds),
  state: v.picklist(jobStates),
  stage: v.string(),
  progress: v.number(),
  attempt: v.number(),
  options: v.record(v.string(), v.unknown()),
  result: v.nullable(v.record(v.string(), v.unknown())),
  provider: v.nullable(v.string()),
  model: v.nullable(v.string()),
  error: v.nullable(
    v.object({ code: v.string(), status: v.number(), message: v.string(), details: v.unknown() }),
  ),
  /** All that it has cost so far. */
  costUsd: v.nullable(v.number()),
  /** Whether any of its calls to a provider was charged; null: it made none. */
  charged: v.nullable(v.picklist(chargedStates)),
  cancelRequested: v.boolean(),
  createdAt: v.string(),
  startedAt: v.nullable(v.string()),
  finishedAt: v.nullable(v.string()),
  updatedAt: v.string(),
});

/** A job with where it belongs, for lists over all projects. */
export const StudioJobSchema = v.object({
  ...JobSchema.entries,
  projectTitle: v.nullable(v.string()),
  sequence: v.nullable(v.number()),
});
export type StudioJob = v.InferOutput<typeof StudioJobSchema>;

/** A piece of long work as the API shows it. Times are ISO 8601, progress is 0..1. */
export type Job = v.InferOutput<typeof JobSchema>;
