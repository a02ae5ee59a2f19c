import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Scene, SceneSchema } from '../../contract/scene.schema';
import { TakeListSchema, TakeSchema } from '../../contract/take.schema';
import { answers } from '../../http/http.documentation';
import type { TakeThumbnailsUsecases } from './take-thumbnails.usecases';
import type { TakeUsecases } from './takes.usecases';

const tags = ['Takes'];

export const takeRoutes = (
  takes: TakeUsecases,
  takeThumbnails: Pick<TakeThumbnailsUsecases, 'makeFor'>,
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> },
) =>
  new Hono()
    .post(
      '/projects/:projectId/takes/:takeId/pictures',
      describeRoute({
        tags,
        summary: 'A take with its poster and filmstrip, made now if it has none yet',
        description: 'Workers make them by themselves soon after a take; this is for takes that lack them.',
        responses: answers(TakeSchema, { text: 'The take.', errors: [404, 422, 502] }),
      }),
      async (c) => {
        const { projectId, takeId } = c.req.param();
        return c.json(await takeThumbnails.makeFor(projectId, takeId, c.req.raw.signal), 200);
      },
    )
    .get(
      '/projects/:projectId/scenes/:sequence/takes',
      describeRoute({
        tags,
        summary: 'Every version of a scene’s image and clip, newest first',
        responses: answers(TakeListSchema, { text: 'The takes.', errors: [404] }),
      }),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        return c.json({ takes: await takes.list(projectId, sequence) }, 200);
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/takes/:takeId/select',
      describeRoute({
        tags,
        summary: 'Make a take the current one (revert, compare, choose)',
        responses: answers(SceneSchema, { text: 'The scene with its new current take.', errors: [404, 409] }),
      }),
      async (c) => {
        const { projectId, sequence, takeId } = c.req.param();
        const sceneId = await takes.select(projectId, sequence, takeId);
        return c.json(await scenes.readById(projectId, sceneId), 200);
      },
    );
