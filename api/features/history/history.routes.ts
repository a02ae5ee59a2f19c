import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  BinSchema,
  RevisionListSchema,
  StepTimelineSchema,
  TimelineStepSchema,
} from '../../contract/history.schema';
import { ProjectSchema } from '../../contract/project.schema';
import { answers } from '../../http/http.documentation';
import { jsonObject } from '../../http/http.validate';
import type { BinUsecases } from './bin.usecases';
import type { HistoryUsecases } from './history.usecases';

const tags = ['History'];

export const historyRoutes = (history: HistoryUsecases, bin: BinUsecases) =>
  new Hono()
    .post(
      '/projects/:projectId/undo',
      describeRoute({
        tags,
        summary: 'Undo the last change of the timeline, whoever made it',
        description:
          'Scenes, their order, lengths, windows, words and versions, and the song. A change after it ends what could be redone. With `expectedRevision` nothing is undone that the caller has not seen. A scene that is being worked on is not changed: 409 `SceneBusy`.',
        responses: answers(TimelineStepSchema, {
          text: 'What was undone, and the project.',
          errors: [400, 404, 409],
        }),
      }),
      jsonObject(StepTimelineSchema),
      async (c) => c.json(await history.step(c.req.param('projectId'), 'undo', c.req.valid('json')), 200),
    )
    .post(
      '/projects/:projectId/redo',
      describeRoute({
        tags,
        summary: 'Do the change again that was undone last',
        responses: answers(TimelineStepSchema, {
          text: 'What was done again, and the project.',
          errors: [400, 404, 409],
        }),
      }),
      jsonObject(StepTimelineSchema),
      async (c) => c.json(await history.step(c.req.param('projectId'), 'redo', c.req.valid('json')), 200),
    )
    .get(
      '/projects/:projectId/revisions',
      describeRoute({
        tags,
        summary: 'The changes of the timeline that can be undone and redone, newest first',
        description: 'The last 500 of the last 30 days.',
        responses: answers(RevisionListSchema, { text: 'The changes.', errors: [404] }),
      }),
      async (c) => c.json(await history.list(c.req.param('projectId')), 200),
    )
    .get(
      '/projects/:projectId/bin',
      describeRoute({
        tags,
        summary: 'Deleted scenes, replaced songs and deleted media, and until when they are kept',
        responses: answers(BinSchema, { text: 'What is in the bin.', errors: [404] }),
      }),
      async (c) => c.json(await bin.list(c.req.param('projectId')), 200),
    )
    .post(
      '/projects/:projectId/bin/:itemId/restore',
      describeRoute({
        tags,
        summary: 'Put a deleted scene back where it was, take a replaced song again, or put media back',
        responses: answers(ProjectSchema, { text: 'The project.', errors: [404, 422] }),
      }),
      async (c) => {
        const { projectId, itemId } = c.req.param();
        return c.json(await bin.restore(projectId, itemId), 200);
      },
    );
