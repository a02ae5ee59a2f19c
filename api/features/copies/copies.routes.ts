import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { DuplicateProjectSchema, ProjectSchema } from '../../contract/project.schema';
import { SceneSchema } from '../../contract/scene.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody } from '../../http/http.validate';
import type { CopyUsecases } from './copies.usecases';

export const copyRoutes = (copies: CopyUsecases) =>
  new Hono()
    .post(
      '/projects/:projectId/duplicate',
      describeRoute({
        tags: ['Projects'],
        summary: 'Copy a project with its song, scenes and all of their versions',
        description:
          'The copy has a life of its own; media are shared and deleted with the last project that uses them. The finished video is not copied. With another `size` all clips fill the new frame, with the faces in it, and are rendered for it; lip-syncs are framed anew, not made anew.',
        responses: answers(ProjectSchema, { status: 201, text: 'The new project.', errors: [400, 404] }),
      }),
      jsonBody(DuplicateProjectSchema),
      async (c) => {
        const project = await copies.project(c.req.param('projectId'), c.req.valid('json'));
        return c.json(project, 201, { Location: `/api/mv/projects/${project.id}` });
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/duplicate',
      describeRoute({
        tags: ['Scenes'],
        summary: 'Copy a scene with all of its versions; the copy stands right after it',
        responses: answers(SceneSchema, { status: 201, text: 'The new scene.', errors: [404, 422] }),
      }),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        return c.json(await copies.scene(projectId, sequence), 201);
      },
    );
