import type { WaitForFit, WaitForJob } from '../../http/http.long-work';
import type { Jobs } from '../../jobs/jobs.types';
import { isFitJob } from '../../library/fit-jobs.rules';

/** Callers wait for the clip that fits a scene; when it fails the scene says so. */
export const createWaitForFit =
  (deps: { jobs: Pick<Jobs, 'list'>; waitForJob: WaitForJob }): WaitForFit =>
  async (sceneId, c) => {
    for (;;) {
      const active = await deps.jobs.list({ sceneId, states: ['queued', 'running'], limit: 2 });
      const job = active.find(isFitJob);
      if (job === undefined) return;
      const ended = await deps.waitForJob(job.id, c);
      // As long as callers are kept waiting.
      if (ended.state === 'queued' || ended.state === 'running') return;
    }
  };
