import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Project, ProjectSchema } from '../../contract/project.schema';
import {
  CreateSceneSchema,
  DeleteScenesSchema,
  ReorderSchema,
  SceneSchema,
  UpdateSceneSchema,
} from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody } from '../../http/http.validate';
import type { SceneUsecases } from './scenes.usecases';

const tags = ['Scenes'];

export const sceneRoutes = (scenes: SceneUsecases, projects: { read(projectId: string): Promise<Project> }) =>
  new Hono()
    .post(
      '/projects/:projectId/scenes',
      describeRoute({
        tags,
        summary: 'Add a scene, at the end or before another',
        responses: answers(SceneSchema, { status: 201, text: 'The new scene.', errors: [400, 404, 422] }),
      }),
      jsonBody(CreateSceneSchema),
      async (c) => c.json(await scenes.create(c.req.param('projectId'), c.req.valid('json')), 201),
    )
    .patch(
      '/projects/:projectId/scenes/reorder',
      describeRoute({
        tags,
        summary: 'Put all scenes into a new order',
        description: 'Lip-syncs whose slice of the song changes by it are shown as stale.',
        responses: answers(ProjectSchema, { text: 'The project in its new order.', errors: [400, 404] }),
      }),
      jsonBody(ReorderSchema),
      async (c) => {
        await scenes.reorder(c.req.param('projectId'), c.req.valid('json'));
        return c.json(await projects.read(c.req.param('projectId')), 200);
      },
    )
    .post(
      '/projects/:projectId/scenes/delete',
      describeRoute({
        tags,
        summary: 'Delete several scenes as one change; the ones after them move up',
        description: 'All of them or, when one is being worked on, none.',
        responses: answers(ProjectSchema, { text: 'The project without them.', errors: [400, 404, 409] }),
      }),
      jsonBody(DeleteScenesSchema),
      async (c) => {
        await scenes.removeMany(c.req.param('projectId'), c.req.valid('json'));
        return c.json(await projects.read(c.req.param('projectId')), 200);
      },
    )
    .get(
      '/projects/:projectId/scenes/:sequence',
      describeRoute({
        tags,
        summary: 'Read a scene',
        responses: answers(SceneSchema, { text: 'The scene.', errors: [404] }),
      }),
      async (c) => c.json(await scenes.read(c.req.param('projectId'), c.req.param('sequence')), 200),
    )
    .patch(
      '/projects/:projectId/scenes/:sequence',
      describeRoute({
        tags,
        summary:
          'Change a scene’s prompts or its length (the scenes after it move), or whether it is to be lip-synced',
        responses: answers(SceneSchema, { text: 'The changed scene.', errors: [400, 404] }),
      }),
      jsonBody(UpdateSceneSchema),
      async (c) =>
        c.json(
          await scenes.update(c.req.param('projectId'), c.req.param('sequence'), c.req.valid('json')),
          200,
        ),
    )
    .delete(
      '/projects/:projectId/scenes/:sequence',
      describeRoute({
        tags,
        summary: 'Delete a scene; the ones after it move up',
        responses: answers(SceneSchema, { status: 204, text: 'Deleted.', errors: [404, 409] }),
      }),
      async (c) => {
        await scenes.remove(c.req.param('projectId'), c.req.param('sequence'));
        return c.body(null, 204);
      },
    );
