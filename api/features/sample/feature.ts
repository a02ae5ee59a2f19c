import { createSampleJob } from './sample.job';
import { sampleRoutes } from './sample.routes';
import type { SampleUsecases } from './sample.usecases';

type Given = { sample: SampleUsecases } & Parameters<typeof createSampleJob>[0];

/** The sample project. */
export const sampleFeature = (given: Given) => ({
  routes: sampleRoutes(given.sample),
  jobs: [createSampleJob(given)],
});
