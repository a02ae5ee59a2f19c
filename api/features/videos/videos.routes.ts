import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { VideoInfoSchema } from '../../contract/video.schema';
import { answerMedia, type MediaStore } from '../delivery/media.answer';
import { answers } from '../http/http.documentation';
import type { VideoUsecases } from './videos.usecases';

const tags = ['Videos'];

/** Videos never change: an id names one file for ever. */
const KEEP_SECONDS = 365 * 24 * 60 * 60;

export const videoRoutes = (videos: VideoUsecases, store: MediaStore) =>
  new Hono()
    .get(
      '/get_video/:id',
      describeRoute({
        tags,
        summary: 'The bytes of a video, whole or in ranges',
        parameters: [
          {
            name: 'download',
            in: 'query',
            required: false,
            schema: { type: 'string' },
            description: 'The name under which a browser saves the video.',
          },
        ],
        responses: {
          200: {
            description: 'The video.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          206: {
            description: 'The range that was asked for.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          404: { description: 'There is no such video.' },
          416: { description: 'The range lies outside the video.' },
        },
      }),
      async (c) => {
        const { s3Key } = await videos.find(c.req.param('id'));
        return answerMedia(c, store, {
          key: s3Key,
          keepSeconds: KEEP_SECONDS,
          saveAs: c.req.query('download'),
        });
      },
    )
    .get(
      '/get_video/:id/info',
      describeRoute({
        tags,
        summary: 'What a video is and how it was made',
        responses: answers(VideoInfoSchema, { text: 'The video’s facts.', errors: [404] }),
      }),
      async (c) => c.json(await videos.info(c.req.param('id')), 200),
    );
