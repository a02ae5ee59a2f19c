import type { Scene } from '../../contract/scene.schema';
import type { TakeThumbnailsUsecases } from './take-thumbnails.usecases';
import { takeRoutes } from './takes.routes';
import { createTakeUsecases } from './takes.usecases';

type Given = Parameters<typeof createTakeUsecases>[0] & {
  takeThumbnails: Pick<TakeThumbnailsUsecases, 'makeFor' | 'completions'>;
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> };
};

/** Versions of a scene's media, and their pictures. */
export const takesFeature = (given: Given) => ({
  routes: takeRoutes(createTakeUsecases(given), given.takeThumbnails, given.scenes),
  completions: given.takeThumbnails.completions,
});
