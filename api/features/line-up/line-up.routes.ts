import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  ApplyLineUpSchema,
  LineUpQuerySchema,
  LineUpSchema,
  SceneLineUpSchema,
  StartLineUpSchema,
  StartSceneLineUpSchema,
} from '../../contract/line-up.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob } from '../../http/http.long-work';
import { jsonBody, queryParameters } from '../../http/http.validate';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { LineUpUsecases } from './line-up.usecases';

const tags = ['Line up'];

export const lineUpRoutes = (lineUp: LineUpUsecases, waitForJob: WaitForJob) =>
  new Hono()
    .get(
      '/projects/:projectId/line-up',
      describeRoute({
        tags,
        summary: 'Where the project’s clips were filmed in the song, as far as they have been listened to',
        description:
          'With what lining up would change in each scene now; `recut=true`: as if all scenes were empty.',
        responses: answers(LineUpSchema, { text: 'Clips and scenes.', errors: [400, 404] }),
      }),
      queryParameters(LineUpQuerySchema),
      async (c) =>
        c.json(await lineUp.read(c.req.param('projectId'), c.req.valid('query').recut === 'true'), 200),
    )
    .post(
      '/projects/:projectId/line-up',
      describeRoute({
        tags,
        summary: 'Find where the project’s clips were filmed, by their own sound',
        description:
          'For clips that were filmed while the song played. Scenes keep their clip and get the part of it that is in sync; empty scenes (with `recut` all) are cut from the clips that reach over them, in turns. Nothing changes unless `apply` is true, and then only where the place is certain.',
        responses: answers(LineUpSchema, {
          text: 'Clips and scenes.',
          errors: [400, 404, 409, 502],
          job: true,
        }),
      }),
      longWork(),
      jsonBody(StartLineUpSchema),
      async (c) => {
        const body = c.req.valid('json');
        const job = await lineUp.start(c.req.param('projectId'), body);
        return answerWithJob(c, job, waitForJob, (ended) => lineUp.read(requireProjectId(ended), body.recut));
      },
    )
    .post(
      '/projects/:projectId/line-up/apply',
      describeRoute({
        tags,
        summary: 'Line scenes up as proposed',
        description: 'Their clips are rendered behind; lip-syncs of these scenes are taken off.',
        responses: answers(LineUpSchema, { text: 'Clips and scenes as they are now.', errors: [400, 404] }),
      }),
      jsonBody(ApplyLineUpSchema),
      async (c) => c.json(await lineUp.apply(c.req.param('projectId'), c.req.valid('json')), 200),
    )
    .post(
      '/projects/:projectId/scenes/:sequence/line-up',
      describeRoute({
        tags,
        summary: 'Find where a scene’s clip was filmed, by its own sound',
        description:
          'A clip whose sound is not the song’s is answered with `belongs: false`. With `apply` the scene is lined up when its place is certain.',
        responses: answers(SceneLineUpSchema, {
          text: 'Where the clip belongs.',
          errors: [400, 404, 409, 502],
          job: true,
        }),
      }),
      longWork(),
      jsonBody(StartSceneLineUpSchema),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        const job = await lineUp.startScene(projectId, sequence, c.req.valid('json').apply);
        return answerWithJob(c, job, waitForJob, (ended) =>
          lineUp.readScene(requireProjectId(ended), requireSceneId(ended)),
        );
      },
    );
