import type { Scene } from '../../contract/scene.schema';
import type { WaitForJob } from '../../http/http.long-work';
import { trimRoutes } from './trim.routes';
import { createTrimUsecases } from './trim.usecases';

type Given = Parameters<typeof createTrimUsecases>[0] & {
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> };
  waitForJob: WaitForJob;
};

/** Cutting clips to a part of their original. */
export const trimFeature = (given: Given) => ({
  routes: trimRoutes(createTrimUsecases(given), given.scenes, given.waitForJob),
});
