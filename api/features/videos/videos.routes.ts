import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { VideoInfoSchema, VideoQuerySchema } from '../../contract/video.schema';
import { answers, failures } from '../../http/http.documentation';
import { queryParameters } from '../../http/http.validate';
import { answerMedia, type MediaStore } from '../../http/media.answer';
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
        responses: {
          200: {
            description: 'The video.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          206: {
            description: 'The range that was asked for.',
            content: { 'video/mp4': { schema: { type: 'string', format: 'binary' } } },
          },
          302: { description: 'Where it is, for `redirect=true`. The address holds for a while.' },
          416: { description: 'The range lies outside the video.' },
          ...failures([404, 502]),
        },
      }),
      queryParameters(VideoQuerySchema),
      async (c) => {
        const { download: saveAs, redirect } = c.req.valid('query');
        if (redirect) {
          c.header('Cache-Control', 'private, no-store');
          return c.redirect(await videos.url(c.req.param('id')), 302);
        }
        const { s3Key } = await videos.find(c.req.param('id'));
        return answerMedia(c, store, {
          key: s3Key,
          keepSeconds: KEEP_SECONDS,
          saveAs,
          headers: { 'X-Request-Id': c.get('requestId') },
        });
      },
    )
    .get(
      '/get_video/:id/info',
      describeRoute({
        tags,
        summary: 'What a video is and how it was made',
        responses: answers(VideoInfoSchema, {
          text: 'The video’s facts with `exists: true`; `exists: false` when there is no such video.',
        }),
      }),
      async (c) => c.json(await videos.info(c.req.param('id')), 200),
    );
