import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import type * as v from 'valibot';
import {
  CharacterReferenceResultSchema,
  CharacterReferenceSchema,
  GeneratedImageSchema,
  GeneratedVideoSchema,
  GenerateImageSchema,
  GenerateVideoSchema,
  StandaloneVideoResultSchema,
  StandaloneVideoSchema,
} from '../../contract/generate.schema';
import { EstimateSchema } from '../../contract/provider.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForFit, type WaitForJob } from '../../http/http.long-work';
import { jsonObject, uncheckedJsonObject } from '../../http/http.validate';
import { requireSceneId } from '../../shared/job-subject';
import type { CharacterReferenceUsecases } from './character-reference.usecases';
import type { SceneImageUsecases } from './scene-image.usecases';
import type { SceneVideoUsecases } from './scene-video.usecases';
import type { StandaloneVideoUsecases } from './standalone-video.usecases';

const tags = ['Generation'];

/** A call that makes something, as the API's page shows it. */
const makes = (of: { summary: string; description: string; answer: v.GenericSchema }) =>
  describeRoute({
    tags,
    summary: of.summary,
    description: of.description,
    responses: answers(of.answer, {
      text: 'It is made.',
      errors: [400, 404, 409, 422, 502],
      job: true,
    }),
  });
const estimates = (summary: string) =>
  describeRoute({
    tags,
    summary,
    responses: answers(EstimateSchema, { text: 'The estimate.', errors: [400, 404] }),
  });

export const generateRoutes = (
  usecases: {
    sceneImage: SceneImageUsecases;
    sceneVideo: SceneVideoUsecases;
    standaloneVideo: StandaloneVideoUsecases;
    characterReference: CharacterReferenceUsecases;
  },
  waitForJob: WaitForJob,
  waitForFit: WaitForFit,
) => {
  const { sceneImage, sceneVideo, standaloneVideo, characterReference } = usecases;
  return new Hono()
    .post(
      '/projects/:projectId/scenes/:sequence/generate_image',
      makes({
        summary: 'Make a new image for a scene',
        description: 'From the scene’s prompt, or the one that is sent. Earlier images stay as takes.',
        answer: GeneratedImageSchema,
      }),
      longWork(),
      uncheckedJsonObject(GenerateImageSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const job = await sceneImage.start(projectId, sequence, c.req.valid('json'));
        return answerWithJob(c, job, waitForJob, sceneImage.present);
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/generate_image/estimate',
      estimates('What an image for a scene would cost; nothing is started'),
      uncheckedJsonObject(GenerateImageSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        return c.json(await sceneImage.estimate(projectId, sequence, c.req.valid('json')), 200);
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/generate_video',
      makes({
        summary: 'Make a new clip for a scene',
        description:
          'From the scene’s prompt, with its image as the first frame. It becomes the scene’s original and current take, exactly as long as planned; earlier clips stay as takes.',
        answer: GeneratedVideoSchema,
      }),
      longWork(),
      uncheckedJsonObject(GenerateVideoSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const job = await sceneVideo.start(projectId, sequence, c.req.valid('json'));
        return answerWithJob(c, job, waitForJob, async (ended) => {
          await waitForFit(requireSceneId(ended), c);
          return sceneVideo.present(ended);
        });
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/generate_video/estimate',
      estimates('What a clip for a scene would cost; nothing is started'),
      uncheckedJsonObject(GenerateVideoSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        return c.json(await sceneVideo.estimate(projectId, sequence, c.req.valid('json')), 200);
      },
    )
    .post(
      '/generate_video',
      makes({
        summary: 'Make a clip outside any scene, or for the one that is named',
        description: 'GET /get_video/{video_id} gives its bytes.',
        answer: StandaloneVideoResultSchema,
      }),
      longWork(),
      jsonObject(StandaloneVideoSchema),
      async (c) => {
        const job = await standaloneVideo.start(c.req.valid('json'));
        return answerWithJob(c, job, waitForJob, standaloneVideo.present);
      },
    )
    .post(
      '/generate_video/estimate',
      estimates('What a clip would cost; nothing is started'),
      jsonObject(StandaloneVideoSchema),
      async (c) => c.json(await standaloneVideo.estimate(c.req.valid('json')), 200),
    )
    .post(
      '/generate_character_reference',
      makes({
        summary: 'Make a picture of what a character looks like',
        description:
          'With project_id the project keeps it and gives it along to image and video providers that take references.',
        answer: CharacterReferenceResultSchema,
      }),
      longWork(),
      jsonObject(CharacterReferenceSchema),
      async (c) => {
        const input = c.req.valid('json');
        return answerWithJob(
          c,
          await characterReference.start(input),
          waitForJob,
          characterReference.present,
        );
      },
    )
    .post(
      '/generate_character_reference/estimate',
      estimates('What a character reference would cost; nothing is started'),
      jsonObject(CharacterReferenceSchema),
      async (c) => c.json(await characterReference.estimate(c.req.valid('json')), 200),
    );
};
