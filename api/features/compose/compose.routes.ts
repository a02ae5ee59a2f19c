import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { ComposeOptionsSchema } from '../../contract/compose.schema';
import { type FinalVideo, FinalVideoSchema } from '../../contract/project.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
import { jsonObject } from '../../http/http.validate';
import { requireProjectId } from '../../shared/job-subject';
import type { ComposeUsecases } from './compose.usecases';

export const composeRoutes = (
  compose: ComposeUsecases,
  projects: { finalVideo(projectId: string): Promise<FinalVideo> },
  waitForJob: WaitForJob,
) =>
  new Hono().post(
    '/projects/:projectId/compose',
    describeRoute({
      tags: ['Compose'],
      summary: 'Compose all scenes and the song into one video',
      description:
        'Pictures are copied, not encoded again but where a fade is asked for. The song is cut to the scenes (with a short fade-out), or ended with silence when it is shorter; `ending` cuts the video to the song or fills it up instead.',
      responses: answers(FinalVideoSchema, {
        text: 'The finished video.',
        errors: [400, 404, 409, 502],
        job: true,
      }),
    }),
    longWork(),
    jsonObject(ComposeOptionsSchema),
    async (c) => {
      const job = await compose.start(c.req.param('projectId'), c.req.valid('json'));
      return answerWithJob(c, job, waitForJob, (ended) => projects.finalVideo(requireProjectId(ended)));
    },
  );
