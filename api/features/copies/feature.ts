import { copyRoutes } from './copies.routes';
import { createCopyUsecases } from './copies.usecases';

/** Copies of projects and scenes. */
export const copiesFeature = (given: Parameters<typeof createCopyUsecases>[0]) => ({
  routes: copyRoutes(createCopyUsecases(given)),
});
