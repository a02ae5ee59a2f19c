import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Project, ProjectSchema } from '../../contract/project.schema';
import { SplitSceneSchema } from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { longWork, type WaitForJob, waitForJobs, wantsAsync } from '../../http/http.long-work';
import { jsonBody } from '../../http/http.validate';
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
        'Both scenes show their part of the same original. No scene moves in time, and each part keeps its part of the lip-sync. The cut is made at once; the call waits for the two clips that are made for it, `respond-async` does not.',
      responses: answers(ProjectSchema, {
        text: 'The project with both scenes.',
        errors: [400, 404, 409, 422],
      }),
    }),
    longWork(),
    jsonBody(SplitSceneSchema),
    async (c) => {
      const { projectId, sequence } = c.req.param();
      const jobs = await split.split(projectId, sequence, c.req.valid('json'));
      if (!wantsAsync(c)) await waitForJobs(jobs, waitForJob, c);
      return c.json(await projects.read(projectId), 200);
    },
  );
