import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Scene, SceneSchema, TrimSchema } from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
import { jsonBody } from '../../http/http.validate';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { TrimUsecases } from './trim.usecases';

export const trimRoutes = (
  trim: TrimUsecases,
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> },
  waitForJob: WaitForJob,
) =>
  new Hono().post(
    '/projects/:projectId/scenes/:sequence/trim',
    describeRoute({
      tags: ['Trim'],
      summary: 'Trim a scene’s clip, exact to the frame',
      description:
        'In and out in seconds or frames of the original clip; every trim cuts the original again. Scenes after it move, and lip-syncs whose slice of the song changes are shown as stale.',
      responses: answers(SceneSchema, {
        text: 'The trimmed scene.',
        errors: [400, 404, 409, 502],
        job: true,
      }),
    }),
    longWork(),
    jsonBody(TrimSchema),
    async (c) => {
      const { projectId, sequence } = c.req.param();
      const job = await trim.start(projectId, sequence, c.req.valid('json'));
      return answerWithJob(c, job, waitForJob, (ended) =>
        scenes.readById(requireProjectId(ended), requireSceneId(ended)),
      );
    },
  );
