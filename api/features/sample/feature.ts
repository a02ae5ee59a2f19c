import { createSampleJob } from './sample.job';
import { sampleRoutes } from './sample.routes';
import { createSampleUsecases } from './sample.usecases';

type Given = Parameters<typeof createSampleUsecases>[0] & Parameters<typeof createSampleJob>[0];

/** The sample project. */
export const sampleFeature = (given: Given) => ({
  routes: sampleRoutes(createSampleUsecases(given)),
  jobs: [createSampleJob(given)],
});
