import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { type Scene, SceneSchema } from '../../contract/scene.schema';
import { ChangeWindowSchema, RollSchema } from '../../contract/window.schema';
import { answers } from '../../http/http.documentation';
import { jsonBody } from '../../http/http.validate';
import type { WindowUsecases } from './window.usecases';

const tags = ['Trim'];

export const windowRoutes = (
  windows: WindowUsecases,
  scenes: { readById(projectId: string, sceneId: string): Promise<Scene> },
) =>
  new Hono()
    .put(
      '/projects/:projectId/scenes/:sequence/window',
      describeRoute({
        tags,
        summary: 'Change how a scene’s clip fills it: in point, speed, framing, what fills the rest',
        description:
          'Any of the fields; `slotFrames` changes the scene’s length, and the scenes after it move. Answers at once; the clip that shows it is made after (`fitting`).',
        responses: answers(SceneSchema, { text: 'The changed scene.', errors: [400, 404] }),
      }),
      jsonBody(ChangeWindowSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const sceneId = await windows.changeWindow(projectId, sequence, c.req.valid('json'));
        return c.json(await scenes.readById(projectId, sceneId), 200);
      },
    )
    .post(
      '/projects/:projectId/scenes/:sequence/roll',
      describeRoute({
        tags,
        summary: 'Move the cut between a scene and its neighbour',
        description:
          'One becomes longer by as much as the other becomes shorter; no other scene moves, and what both show stays where it is in the song.',
        responses: answers(SceneSchema, { text: 'The changed scene.', errors: [400, 404] }),
      }),
      jsonBody(RollSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const sceneId = await windows.roll(projectId, sequence, c.req.valid('json'));
        return c.json(await scenes.readById(projectId, sceneId), 200);
      },
    );
