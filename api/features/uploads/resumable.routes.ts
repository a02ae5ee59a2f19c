import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import type { ResumableUploads } from './resumable.uploads';

/** Where resumable uploads live, under the API. */
export const RESUMABLE_PATH = '/uploads';

export const resumableRoutes = (resumable: ResumableUploads) =>
  new Hono()
    .post(
      RESUMABLE_PATH,
      describeRoute({
        tags: ['Uploads'],
        summary: 'Begin an upload that can be resumed (tus 1.0)',
        description:
          'For large files and bad lines; any tus client works. `Upload-Metadata`: `kind` (song, clip, image), `projectId`, for clips and images `sequence`, and `filename`. The request that completes the file is answered with its job.',
        responses: {
          201: { description: 'Go on at the Location.' },
          400: { description: 'The metadata does not fit.' },
          404: { description: 'There is no such project or scene.' },
          409: { description: 'Something is being done to the scene or song already.' },
          413: { description: 'The file is too large.' },
        },
      }),
      (c) => resumable.handle(c.req.raw),
    )
    .on(['OPTIONS'], [RESUMABLE_PATH], (c) => resumable.handle(c.req.raw))
    .on(['HEAD', 'GET', 'PATCH', 'DELETE', 'OPTIONS'], [`${RESUMABLE_PATH}/:id`], (c) =>
      resumable.handle(c.req.raw),
    );
