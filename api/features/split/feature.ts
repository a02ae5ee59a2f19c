import type { Project } from '../../contract/project.schema';
import type { WaitForJob } from '../../http/http.long-work';
import { splitRoutes } from './split.routes';
import { createSplitUsecases } from './split.usecases';

type Given = Parameters<typeof createSplitUsecases>[0] & {
  projects: { read(projectId: string): Promise<Project> };
  waitForJob: WaitForJob;
};

/** Cutting a scene in two. */
export const splitFeature = (given: Given) => ({
  routes: splitRoutes(createSplitUsecases(given), given.projects, given.waitForJob),
});
