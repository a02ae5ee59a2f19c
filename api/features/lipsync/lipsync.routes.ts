import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import {
  BatchLipsyncRequestSchema,
  BatchLipsyncSchema,
  SceneLipsyncRequestSchema,
} from '../../contract/lipsync.schema';
import { BatchEstimateSchema, EstimateSchema } from '../../contract/provider.schema';
import { SceneSchema } from '../../contract/scene.schema';
import {
  SceneLipsyncSchema,
  StandaloneLipsyncResultSchema,
  StandaloneLipsyncSchema,
} from '../../contract/video.schema';
import { answers } from '../../http/http.documentation';
import { answerWithJob, longWork, type WaitForJob, waitForJobs, wantsAsync } from '../../http/http.long-work';
import { jsonObject, takes, uncheckedJsonObject } from '../../http/http.validate';
import type { BatchLipsyncUsecases } from './batch-lipsync.usecases';
import { optionsOf } from './lipsync.rules';
import type { SceneLipsyncUsecases } from './scene-lipsync.usecases';
import type { StandaloneLipsyncUsecases } from './standalone-lipsync.usecases';

const tags = ['Lip-sync'];
const option = <Name extends string>(
  name: Name,
  type: 'number' | 'boolean' | 'string',
  description: string,
) => ({
  name,
  in: 'query' as const,
  required: false,
  schema: { type },
  description,
});
const parameters = [
  option('temperature', 'number', 'Lip movement from 0 (subtle) to 1 (exaggerated); 0.5 unless told.'),
  option('active_speaker_detection', 'boolean', 'With several faces, sync the one who is speaking.'),
  option('occlusion_detection_enabled', 'boolean', 'Leave mouths that are covered as they are (slower).'),
  option('provider', 'string', 'Who makes it: one of GET /providers.'),
  option('model', 'string', 'One of its models.'),
];
/** The body's options may also stand in the query; the body wins. */
const optionsInQuery = () =>
  takes<{ query?: { [Name in (typeof parameters)[number]['name']]?: string } }>({ parameters });

export const lipsyncRoutes = (
  scenes: SceneLipsyncUsecases,
  batch: BatchLipsyncUsecases,
  standalone: StandaloneLipsyncUsecases,
  waitForJob: WaitForJob,
) =>
  new Hono()
    .post(
      '/projects/:projectId/lipsync',
      describeRoute({
        tags,
        summary: 'Lip-sync many scenes',
        description:
          '`scenes`: `all` that need it (`needsLipSync`), of these the `stale` ones or those `needed` now (stale or never synced), or a list of numbers. A scene that has a lip-sync keeps what it was made with where the request leaves it out; `keep`: all of it. Each scene has its own job and its own result. When the sum of the estimates would pass the budget nothing is started.',
        responses: {
          ...answers(BatchLipsyncSchema, { text: 'Every job has ended.', errors: [400, 404, 409] }),
          ...answers(BatchLipsyncSchema, { status: 202, text: 'The jobs go on.' }),
        },
      }),
      longWork(),
      uncheckedJsonObject(BatchLipsyncRequestSchema),
      async (c) => {
        const started = await batch.start(c.req.param('projectId'), c.req.valid('json'));
        if (wantsAsync(c)) return c.json(started, 202, { 'Preference-Applied': 'respond-async' });
        const jobs = started.scenes.flatMap(({ job }) => (job === null ? [] : [job]));
        const ended = batch.withJobs(started, await waitForJobs(jobs, waitForJob, c));
        const goesOn = ended.scenes.some(({ status }) => status === 'queued' || status === 'running');
        return c.json(ended, goesOn ? 202 : 200);
      },
    )
    .post(
      '/projects/:projectId/lipsync/estimate',
      describeRoute({
        tags,
        summary: 'What lip-syncing many scenes would cost; nothing is started',
        responses: answers(BatchEstimateSchema, { text: 'Of each scene, and the sum.', errors: [400, 404] }),
      }),
      uncheckedJsonObject(BatchLipsyncRequestSchema),
      async (c) => c.json(await batch.estimate(c.req.param('projectId'), c.req.valid('json')), 200),
    )
    .post(
      '/projects/:projectId/lipsync/:sequence/estimate',
      describeRoute({
        tags,
        summary: 'What the lip-sync of a scene would cost; nothing is started',
        responses: answers(EstimateSchema, { text: 'The estimate.', errors: [400, 404, 422] }),
      }),
      optionsInQuery(),
      uncheckedJsonObject(SceneLipsyncRequestSchema),
      async (c) => {
        const options = optionsOf(c.req.query(), c.req.valid('json'));
        const { projectId, sequence } = c.req.param();
        return c.json(await scenes.estimate(projectId, sequence, options), 200);
      },
    )
    .delete(
      '/projects/:projectId/lipsync/:sequence',
      describeRoute({
        tags,
        summary: 'Remove a scene’s lip-sync: it shows its clip as it is',
        description: 'The lip-sync stays among the scene’s versions. Nothing moves in time.',
        responses: answers(SceneSchema, { text: 'The scene without it.', errors: [404] }),
      }),
      async (c) => {
        const { projectId, sequence } = c.req.param();
        return c.json(await scenes.remove(projectId, sequence), 200);
      },
    )
    .post(
      '/projects/:projectId/lipsync/:sequence',
      describeRoute({
        tags,
        summary: 'Lip-sync a scene to exactly the slice of the song that plays under it',
        description:
          'Start and end come from the database: the sum of the frames of the scenes before it. The result becomes the current take; the original stays. Options may also be query parameters. On failure nothing changes but an error to show.',
        responses: answers(SceneLipsyncSchema, {
          text: 'The lip-synced scene.',
          errors: [400, 404, 409, 422, 502],
          job: true,
        }),
      }),
      longWork(),
      optionsInQuery(),
      uncheckedJsonObject(SceneLipsyncRequestSchema),
      async (c) => {
        const options = optionsOf(c.req.query(), c.req.valid('json'));
        const { projectId, sequence } = c.req.param();
        const job = await scenes.start(projectId, sequence, options);
        return answerWithJob(c, job, waitForJob, scenes.present);
      },
    )
    .post(
      '/lipsync',
      describeRoute({
        tags,
        summary: 'Lip-sync any clip to any sound',
        description:
          'The clip by video_url or video_id, the sound by audio_url or audio_id (a song), from start_time to end_time in seconds. With project_id and sequence the result becomes that scene’s current take.',
        responses: answers(StandaloneLipsyncResultSchema, {
          text: 'The lip-synced video.',
          errors: [400, 404, 409, 413, 415, 422, 502],
          job: true,
        }),
      }),
      longWork(),
      jsonObject(StandaloneLipsyncSchema),
      async (c) => {
        const job = await standalone.start(c.req.valid('json'));
        return answerWithJob(c, job, waitForJob, standalone.present);
      },
    );
