import type { Job } from '#contract/job.schema';
import type { Catalogue } from '#lib/text/en.ts';

/** What the studio calls stages, where that isn't the name of the text. */
const others: Record<string, keyof Catalogue['jobs']['stage']> = {
  // While it runs: in the provider's own queue.
  queued: 'provider',
  'waiting for the provider': 'provider',
  'looking for the call': 'searching',
  fetched: 'fetching',
};

/** What a job is doing, in words; empty for a stage that has none. */
export function stageText(job: Pick<Job, 'state' | 'stage' | 'cancelRequested'>, t: Catalogue): string {
  if (job.cancelRequested) return t.jobs.canceling;
  if (job.state === 'queued') return t.jobs.stage.queued;
  const texts: Record<string, string> = t.jobs.stage;
  return texts[others[job.stage] ?? job.stage] ?? '';
}
