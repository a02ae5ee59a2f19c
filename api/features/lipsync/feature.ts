import type { WaitForJob } from '../../http/http.long-work';
import { createBatchLipsyncUsecases } from './batch-lipsync.usecases';
import { lipsyncRoutes } from './lipsync.routes';
import { createSceneLipsyncJob } from './scene-lipsync.job';
import { createSceneLipsyncUsecases } from './scene-lipsync.usecases';
import { createStandaloneLipsyncJob } from './standalone-lipsync.job';
import { createStandaloneLipsyncUsecases } from './standalone-lipsync.usecases';

type Given = Parameters<typeof createSceneLipsyncUsecases>[0] &
  Parameters<typeof createSceneLipsyncJob>[0] &
  Omit<Parameters<typeof createBatchLipsyncUsecases>[0], 'sceneLipsync'> &
  Parameters<typeof createStandaloneLipsyncUsecases>[0] &
  Parameters<typeof createStandaloneLipsyncJob>[0] & { waitForJob: WaitForJob };

/** Lip-sync of one scene, of many, and of any clip. */
export function lipsyncFeature(given: Given) {
  const sceneLipsync = createSceneLipsyncUsecases(given);
  const batch = createBatchLipsyncUsecases({ ...given, sceneLipsync });
  const standalone = createStandaloneLipsyncUsecases(given);
  return {
    routes: lipsyncRoutes(sceneLipsync, batch, standalone, given.waitForJob),
    jobs: [createSceneLipsyncJob(given), createStandaloneLipsyncJob(given)],
  };
}
