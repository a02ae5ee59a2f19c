import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type FinalVideo, FinalVideoSchema } from '../../contract/project.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
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
        'Pictures are copied, not encoded again. The song is cut to the scenes (with a short fade-out), or ended with silence when it is shorter.',
      responses: answers(FinalVideoSchema, {
        text: 'The finished video.',
        errors: [400, 404, 409, 502],
        job: true,
      }),
    }),
    longWork(),
    async (c) => {
      const job = await compose.start(c.req.param('projectId'));
      return answerWithJob(c, job, waitForJob, (ended) => projects.finalVideo(requireProjectId(ended)));
    },
  );
