import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { ProjectSchema } from '../../contract/project.schema';
import { answers } from '../../http/http.documentation';
import type { SampleUsecases } from './sample.usecases';

export const sampleRoutes = (sample: SampleUsecases) =>
  new Hono().post(
    '/projects/sample',
    describeRoute({
      tags: ['Projects'],
      summary: 'Open a sample project: a song and three clips made on this machine',
      responses: answers(ProjectSchema, {
        status: 201,
        text: 'The project; its media comes with its jobs.',
      }),
    }),
    async (c) => {
      const project = await sample.create();
      return c.json(project, 201, { Location: `/api/mv/projects/${project.id}` });
    },
  );
