import type { WaitForFit, WaitForJob } from '../../http/http.long-work';
import { createCharacterReferenceJob } from './character-reference.job';
import { createCharacterReferenceUsecases } from './character-reference.usecases';
import { generateRoutes } from './generate.routes';
import { createSceneImageJob } from './scene-image.job';
import { createSceneImageUsecases } from './scene-image.usecases';
import { createSceneVideoJob } from './scene-video.job';
import { createSceneVideoUsecases } from './scene-video.usecases';
import { createStandaloneVideoJob } from './standalone-video.job';
import { createStandaloneVideoUsecases } from './standalone-video.usecases';

type Given = Parameters<typeof createSceneImageUsecases>[0] &
  Parameters<typeof createSceneImageJob>[0] &
  Parameters<typeof createSceneVideoJob>[0] &
  Omit<Parameters<typeof createStandaloneVideoUsecases>[0], 'sceneVideo'> &
  Parameters<typeof createStandaloneVideoJob>[0] &
  Parameters<typeof createCharacterReferenceUsecases>[0] &
  Parameters<typeof createCharacterReferenceJob>[0] & { waitForJob: WaitForJob; waitForFit: WaitForFit };

/** Images and clips from words. */
export function generateFeature(given: Given) {
  const sceneVideo = createSceneVideoUsecases(given);
  const usecases = {
    sceneVideo,
    sceneImage: createSceneImageUsecases(given),
    standaloneVideo: createStandaloneVideoUsecases({ ...given, sceneVideo }),
    characterReference: createCharacterReferenceUsecases(given),
  };
  return {
    routes: generateRoutes(usecases, given.waitForJob, given.waitForFit),
    jobs: [
      createSceneImageJob(given),
      createSceneVideoJob(given),
      createStandaloneVideoJob(given),
      createCharacterReferenceJob(given),
    ],
  };
}
