import { mediaBinRoutes } from './media-bin.routes';
import { createMediaBinUsecases } from './media-bin.usecases';

/** A project's clips and images, each once. */
export const mediaBinFeature = (given: Parameters<typeof createMediaBinUsecases>[0]) => ({
  routes: mediaBinRoutes(createMediaBinUsecases(given)),
});
