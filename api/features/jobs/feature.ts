import { jobRoutes } from './jobs.routes';
import { createJobUsecases } from './jobs.usecases';

/** Watching, canceling and retrying long work. */
export const jobsFeature = (given: Parameters<typeof createJobUsecases>[0]) => ({
  routes: jobRoutes(createJobUsecases(given)),
});
