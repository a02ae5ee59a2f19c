import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Project, ProjectSchema } from '../../contract/project.schema';
import { SplitSceneSchema } from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
import { jsonBody } from '../../http/http.validate';
import { requireProjectId } from '../../shared/job-subject';
import type { SplitUsecases } from './split.usecases';

export const splitRoutes = (
  split: SplitUsecases,
  projects: { read(projectId: string): Promise<Project> },
  waitForJob: WaitForJob,
) =>
  new Hono().post(
    '/projects/:projectId/scenes/:sequence/split',
    describeRoute({
      tags: ['Trim'],
      summary: 'Cut a scene in two, exact to the frame',
      description:
        'Both parts are trims of the original clip. No scene moves in time; a lip-sync of the scene stays among its versions, and the parts are to be lip-synced anew.',
      responses: answers(ProjectSchema, {
        text: 'The project with both scenes.',
        errors: [400, 404, 409, 422, 502],
        job: true,
      }),
    }),
    longWork(),
    jsonBody(SplitSceneSchema),
    async (c) => {
      const { projectId, sequence } = c.req.param();
      const job = await split.start(projectId, sequence, c.req.valid('json'));
      return answerWithJob(c, job, waitForJob, (ended) => projects.read(requireProjectId(ended)));
    },
  );
