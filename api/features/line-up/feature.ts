import type { WaitForJob } from '../../http/http.long-work';
import { createLineUpChanges } from './line-up.changes';
import { createLineUpJob } from './line-up.job';
import { lineUpRoutes } from './line-up.routes';
import { createLineUpUsecases } from './line-up.usecases';

type Given = Parameters<typeof createLineUpChanges>[0] &
  Omit<Parameters<typeof createLineUpUsecases>[0], 'changes'> &
  Omit<Parameters<typeof createLineUpJob>[0], 'changes'> & { waitForJob: WaitForJob };

/** Clips that were filmed to the song, placed by their own sound. */
export function lineUpFeature(given: Given) {
  const changes = createLineUpChanges(given);
  return {
    routes: lineUpRoutes(createLineUpUsecases({ ...given, changes }), given.waitForJob),
    jobs: [createLineUpJob({ ...given, changes })],
  };
}
