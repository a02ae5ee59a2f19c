import type { Scene } from '../../contract/scene.schema';
import { createFitJob } from './fit.job';
import { windowRoutes } from './window.routes';
import { createWindowUsecases } from './window.usecases';

type Given = Parameters<typeof createFitJob>[0] &
  Parameters<typeof createWindowUsecases>[0] & {
    scenes: { readById(projectId: string, sceneId: string): Promise<Scene> };
  };

/** How clips fill their scenes. */
export const fitFeature = (given: Given) => ({
  routes: windowRoutes(createWindowUsecases(given), given.scenes),
  jobs: [createFitJob(given)],
});
