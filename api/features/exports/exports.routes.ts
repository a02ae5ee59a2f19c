import { create as contentDisposition } from 'content-disposition';
import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { ExportListSchema } from '../../contract/export.schema';
import { answers, failures } from '../../http/http.documentation';
import type { ExportUsecases } from './exports.usecases';

const tags = ['Exports'];

export const exportRoutes = (exports: ExportUsecases) =>
  new Hono()
    .get(
      '/projects/:projectId/exports',
      describeRoute({
        tags,
        summary: 'Formats in which the timeline can be had for editing programs',
        responses: answers(ExportListSchema, { text: 'The formats.', errors: [404] }),
      }),
      async (c) => c.json(await exports.list(c.req.param('projectId')), 200),
    )
    .get(
      '/projects/:projectId/exports/:format',
      describeRoute({
        tags,
        summary: 'The timeline as a file: every clip with its place, to the frame',
        description: 'Clips are named as their files are in S3 and in `s3Key` of their takes.',
        responses: {
          200: {
            description: 'The file.',
            content: { 'text/plain': { schema: { type: 'string' } } },
          },
          ...failures([404]),
        },
      }),
      async (c) => {
        const { projectId, format } = c.req.param();
        const file = await exports.write(projectId, format);
        return c.body(file.text, 200, {
          'Content-Type': file.contentType,
          'Content-Disposition': contentDisposition(file.fileName.toWellFormed()),
          'Cache-Control': 'private, no-cache',
        });
      },
    );
