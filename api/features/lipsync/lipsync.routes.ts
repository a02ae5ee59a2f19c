import { Hono } from 'hono';
import { describeRoute, resolver } from 'hono-openapi';
import { LipsyncOptionsSchema } from '../../contract/lipsync.schema';
import {
  SceneLipsyncSchema,
  StandaloneLipsyncResultSchema,
  StandaloneLipsyncSchema,
} from '../../contract/video.schema';
import { answers, preferHeader } from '../http/http.documentation';
import { answerWithJob, type WaitForJob } from '../http/http.long-work';
import { parseInput, readJsonObject } from '../http/http.validate';
import { optionsFromQuery } from './lipsync.models';
import type { SceneLipsyncUsecases } from './scene-lipsync.usecases';
import type { StandaloneLipsyncUsecases } from './standalone-lipsync.usecases';

const tags = ['Lip-sync'];
const option = (name: string, type: 'number' | 'boolean', description: string) => ({
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
];

export const lipsyncRoutes = (
  scenes: SceneLipsyncUsecases,
  standalone: StandaloneLipsyncUsecases,
  waitForJob: WaitForJob,
) =>
  new Hono()
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
          content: { 'application/json': { schema: resolver(LipsyncOptionsSchema) } },
        },
        responses: answers(SceneLipsyncSchema, {
          text: 'The lip-synced scene.',
          errors: [400, 404, 409, 422, 502],
          job: true,
        }),
      }),
      async (c) => {
        const body = await readJsonObject(c);
        const options = { ...optionsFromQuery(c.req.query()), ...body };
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
