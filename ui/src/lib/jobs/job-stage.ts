import type { Job, JobStage } from '#contract/job.schema';
import type { Catalogue } from '#lib/text/en.ts';

/** What earlier versions called stages: their rows are still shown. */
const earlierNames: Record<string, JobStage> = {
  // Of a job that runs: the provider's own queue.
  queued: 'queued-at-provider',
  'waiting for the provider': 'waiting-for-provider',
  'looking for the call': 'looking-for-call',
  fetched: 'fetching',
};

/** What a job is doing, in words; empty for a stage that has none. */
export function stageText(job: Pick<Job, 'state' | 'stage' | 'cancelRequested'>, t: Catalogue): string {
  if (job.cancelRequested) return t.jobs.canceling;
  if (job.state === 'queued') return t.jobs.stage.queued;
  const texts: Record<string, string> = t.jobs.stage;
  return texts[earlierNames[job.stage] ?? job.stage] ?? '';
}
