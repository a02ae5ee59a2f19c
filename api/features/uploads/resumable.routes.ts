import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { JobSchema } from '../../contract/job.schema';
import { callerKey } from '../../http/caller.rules';
import { answers, failures } from '../../http/http.documentation';
import type { ResumableUploads } from './resumable.uploads';

/** Where resumable uploads live, under the API. */
export const RESUMABLE_PATH = '/uploads';

const tags = ['Uploads'];

const version = {
  name: 'Tus-Resumable',
  in: 'header' as const,
  required: true,
  schema: { type: 'string' as const, enum: ['1.0.0'] },
};
const number = (name: string, description: string) => ({
  name,
  in: 'header' as const,
  required: true,
  schema: { type: 'integer' as const, minimum: 0 },
  description,
});

/** The protocol's answers without content, and the errors it can give. */
const protocolAnswers = (texts: Record<number, string>, errors: Parameters<typeof failures>[0]) => ({
  ...Object.fromEntries(Object.entries(texts).map(([status, description]) => [status, { description }])),
  ...failures([400, 412, ...errors]),
});

export const resumableRoutes = (resumable: ResumableUploads) =>
  new Hono()
    .post(
      RESUMABLE_PATH,
      describeRoute({
        tags,
        summary: 'Begin an upload that can be resumed (tus 1.0)',
        description:
          'For large files and bad lines; any tus client works. `Upload-Metadata`: `kind` (song, clip, image), `projectId`, for clips and images `sceneId` (or `sequence`, its number; with neither it becomes media of the project without a scene), and `filename`. The request that completes the file is answered with its job. `HEAD` of its Location says how far it is.',
        parameters: [
          version,
          number('Upload-Length', 'Bytes of the file.'),
          { name: 'Upload-Metadata', in: 'header', required: true, schema: { type: 'string' } },
        ],
        responses: protocolAnswers({ 201: 'Go on at the Location.' }, [404, 409, 413, 507]),
      }),
      (c) => resumable.handle(c.req.raw, callerKey(c.get('caller'))),
    )
    .patch(
      `${RESUMABLE_PATH}/:id`,
      describeRoute({
        tags,
        summary: 'Send more bytes of an upload',
        parameters: [version, number('Upload-Offset', 'Where they go on, as HEAD says it.')],
        requestBody: {
          content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
        },
        responses: {
          ...protocolAnswers(
            { 204: 'They were kept: Upload-Offset says how many there are.' },
            [404, 409, 410, 413, 415, 422, 502, 507],
          ),
          ...answers(JobSchema, { text: 'The file is whole and was taken: its job.' }),
        },
      }),
      (c) => resumable.handle(c.req.raw, callerKey(c.get('caller'))),
    )
    .delete(
      `${RESUMABLE_PATH}/:id`,
      describeRoute({
        tags,
        summary: 'Give an upload up',
        parameters: [version],
        responses: protocolAnswers({ 204: 'Its bytes are gone.' }, [404, 409, 410]),
      }),
      (c) => resumable.handle(c.req.raw, callerKey(c.get('caller'))),
    )
    .on(['OPTIONS'], [RESUMABLE_PATH, `${RESUMABLE_PATH}/:id`], (c) =>
      resumable.handle(c.req.raw, callerKey(c.get('caller'))),
    )
    // Hono gives HEAD to the handler of GET.
    .get(`${RESUMABLE_PATH}/:id`, (c) => resumable.handle(c.req.raw, callerKey(c.get('caller'))));
