import { Hono } from 'hono';
import { describeRoute, resolver } from 'hono-openapi';
import {
  BatchLipsyncRequestSchema,
  BatchLipsyncSchema,
  SceneLipsyncRequestSchema,
} from '../../contract/lipsync.schema';
import { BatchEstimateSchema, EstimateSchema } from '../../contract/provider.schema';
import {
  SceneLipsyncSchema,
  StandaloneLipsyncResultSchema,
  StandaloneLipsyncSchema,
} from '../../contract/video.schema';
import { answers, preferHeader } from '../../http/http.documentation';
import { answerWithJob, type WaitForJob, waitForJobs, wantsAsync } from '../../http/http.long-work';
import { parseInput, readJsonObject } from '../../http/http.validate';
import type { BatchLipsyncUsecases } from './batch-lipsync.usecases';
import { optionsOf } from './lipsync.rules';
import type { SceneLipsyncUsecases } from './scene-lipsync.usecases';
import type { StandaloneLipsyncUsecases } from './standalone-lipsync.usecases';

const tags = ['Lip-sync'];
const option = (name: string, type: 'number' | 'boolean' | 'string', description: string) => ({
  name,
  in: 'query' as const,
  required: false,
  schema: { type },
  description,
});
/** The body's options may also stand in the query; the body wins. */
const optionParameters = [
  option('temperature', 'number', 'Lip movement from 0 (subtle) to 1 (exaggerated); 0.5 unless told.'),
  option('active_speaker_detection', 'boolean', 'With several faces, sync the one who is speaking.'),
  option('occlusion_detection_enabled', 'boolean', 'Leave mouths that are covered as they are (slower).'),
  option('provider', 'string', 'Who makes it: one of GET /providers.'),
  option('model', 'string', 'One of its models.'),
];

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
          '`scenes`: `all` with a clip, the `stale` ones, those that are `needed` (stale or never synced), or a list of numbers. Each scene has its own job and its own result. When the sum of the estimates would pass the budget nothing is started.',
        parameters: [preferHeader],
        requestBody: {
          required: false,
          content: { 'application/json': { schema: resolver(BatchLipsyncRequestSchema) } },
        },
        responses: {
          ...answers(BatchLipsyncSchema, { text: 'Every job has ended.', errors: [400, 404, 409] }),
          ...answers(BatchLipsyncSchema, { status: 202, text: 'The jobs go on.' }),
        },
      }),
      async (c) => {
        const started = await batch.start(c.req.param('projectId'), await readJsonObject(c));
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
        requestBody: {
          required: false,
          content: { 'application/json': { schema: resolver(BatchLipsyncRequestSchema) } },
        },
        responses: answers(BatchEstimateSchema, { text: 'Of each scene, and the sum.', errors: [400, 404] }),
      }),
      async (c) => c.json(await batch.estimate(c.req.param('projectId'), await readJsonObject(c)), 200),
    )
    .post(
      '/projects/:projectId/lipsync/:sequence/estimate',
      describeRoute({
        tags,
        summary: 'What the lip-sync of a scene would cost; nothing is started',
        parameters: optionParameters,
        requestBody: {
          required: false,
          content: { 'application/json': { schema: resolver(SceneLipsyncRequestSchema) } },
        },
        responses: answers(EstimateSchema, { text: 'The estimate.', errors: [400, 404, 422] }),
      }),
      async (c) => {
        const options = optionsOf(c.req.query(), await readJsonObject(c));
        const { projectId, sequence } = c.req.param();
        return c.json(await scenes.estimate(projectId, sequence, options), 200);
      },
    )
    .post(
      '/projects/:projectId/lipsync/:sequence',
      describeRoute({
        tags,
        summary: 'Lip-sync a scene to exactly the slice of the song that plays under it',
        description:
          'Start and end come from the database: the sum of the frames of the scenes before it. The result becomes the current take; the original stays. Options may also be query parameters. On failure nothing changes but an error to show.',
        parameters: [preferHeader, ...optionParameters],
        requestBody: {
          required: false,
          content: { 'application/json': { schema: resolver(SceneLipsyncRequestSchema) } },
        },
        responses: answers(SceneLipsyncSchema, {
          text: 'The lip-synced scene.',
          errors: [400, 404, 409, 422, 502],
          job: true,
        }),
      }),
      async (c) => {
        const options = optionsOf(c.req.query(), await readJsonObject(c));
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
        parameters: [preferHeader],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: resolver(StandaloneLipsyncSchema) } },
        },
        responses: answers(StandaloneLipsyncResultSchema, {
          text: 'The lip-synced video.',
          errors: [400, 404, 409, 413, 415, 422, 502],
          job: true,
        }),
      }),
      async (c) => {
        const job = await standalone.start(parseInput(StandaloneLipsyncSchema, await readJsonObject(c)));
        return answerWithJob(c, job, waitForJob, standalone.present);
      },
    );
