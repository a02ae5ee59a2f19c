import type { Project } from '../../contract/project.schema';
import { sceneRoutes } from './scenes.routes';
import type { SceneUsecases } from './scenes.usecases';

/** Scenes and their order. */
export const scenesFeature = (given: {
  scenes: SceneUsecases;
  projects: { read(projectId: string): Promise<Project> };
}) => ({ routes: sceneRoutes(given.scenes, given.projects) });
