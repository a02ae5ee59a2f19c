import type { Job } from '../contract/job.schema';

/** Whether a job makes the take that fits a scene's slot: it goes on beside the scene's other work. */
export const isFitJob = (job: { kind: string }): boolean => job.kind === 'fit';

/** The scene's newest fit job, if it failed since a job that needs its take began. `jobs`: newest first. */
export function failedFit(jobs: Job[], waiting: Pick<Job, 'startedAt'>): Job | null {
  const newest = jobs.find(isFitJob);
  if (newest === undefined || newest.state !== 'failed' || waiting.startedAt === null) return null;
  return newest.createdAt >= waiting.startedAt ? newest : null;
}
