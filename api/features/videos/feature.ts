import type { MediaStore } from '../../http/media.answer';
import { videoRoutes } from './videos.routes';
import { createVideoUsecases } from './videos.usecases';

/** Any video by its id. */
export const videosFeature = (
  given: Parameters<typeof createVideoUsecases>[0] & { storage: MediaStore },
) => ({ routes: videoRoutes(createVideoUsecases(given), given.storage) });
