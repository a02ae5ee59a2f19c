import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { MediaListSchema, ReplaceMediaSchema, UseMediaSchema } from '../../contract/media.schema';
import { ProjectSchema } from '../../contract/project.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody } from '../../http/http.validate';
import type { MediaBinUsecases } from './media-bin.usecases';

const tags = ['Media'];

export const mediaBinRoutes = (bin: MediaBinUsecases) =>
  new Hono()
    .get(
      '/projects/:projectId/media',
      describeRoute({
        tags,
        summary: 'Every clip and image of the project, once each, with the scenes that use it',
        description: 'What was made of the same file is one, wherever it is used.',
        responses: answers(MediaListSchema, { text: 'The media.', errors: [404] }),
      }),
      async (c) => c.json({ media: await bin.list(c.req.param('projectId')) }, 200),
    )
    .delete(
      '/projects/:projectId/media/:mediaId',
      describeRoute({
        tags,
        summary: 'Delete a clip or image that no scene shows',
        description:
          'It is kept in the project’s bin for 30 days, and its files as long as undo can bring it back.',
        responses: answers(MediaListSchema, { status: 204, text: 'Deleted.', errors: [404, 409] }),
      }),
      async (c) => {
        const { projectId, mediaId } = c.req.param();
        await bin.remove(projectId, mediaId);
        return c.body(null, 204);
      },
    )
    .post(
      '/projects/:projectId/media/:mediaId/use',
      describeRoute({
        tags,
        summary: 'Use a clip or image in scenes: in all that are named, or in none',
        description: 'Nothing is copied in the store; the scenes’ other versions stay.',
        responses: answers(ProjectSchema, { text: 'The project.', errors: [400, 404, 409] }),
      }),
      jsonBody(UseMediaSchema),
      async (c) => {
        const { projectId, mediaId } = c.req.param();
        return c.json(await bin.use(projectId, mediaId, c.req.valid('json').sceneIds), 200);
      },
    )
    .post(
      '/projects/:projectId/media/:mediaId/replace',
      describeRoute({
        tags,
        summary: 'Put another clip or image in its place, in every scene that uses it',
        responses: answers(ProjectSchema, { text: 'The project.', errors: [400, 404, 409] }),
      }),
      jsonBody(ReplaceMediaSchema),
      async (c) => {
        const { projectId, mediaId } = c.req.param();
        return c.json(await bin.replace(projectId, mediaId, c.req.valid('json').with), 200);
      },
    );
