import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Scene, SceneSchema, TrimSchema } from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
import { jsonBody } from '../../http/http.validate';
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
        'In and out in seconds or frames of the original clip. The scene has its new length at once and its clip is made after; scenes after it move, and lip-syncs whose slice of the song changes are shown as stale. 200 also for `respond-async` when there is nothing to make.',
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
      const { sceneId, job } = await trim.trim(projectId, sequence, c.req.valid('json'));
      const present = () => scenes.readById(projectId, sceneId);
      return job === null ? c.json(await present(), 200) : answerWithJob(c, job, waitForJob, present);
    },
  );
