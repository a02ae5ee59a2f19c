import type { FinalVideo } from '../../contract/project.schema';
import type { WaitForJob } from '../../http/http.long-work';
import { createComposeJob } from './compose.job';
import { composeRoutes } from './compose.routes';
import { createComposeUsecases } from './compose.usecases';

type Given = Parameters<typeof createComposeUsecases>[0] &
  Parameters<typeof createComposeJob>[0] & {
    projects: { finalVideo(projectId: string): Promise<FinalVideo> };
    waitForJob: WaitForJob;
  };

/** The finished video. */
export const composeFeature = (given: Given) => ({
  routes: composeRoutes(createComposeUsecases(given), given.projects, given.waitForJob),
  jobs: [createComposeJob(given)],
});
