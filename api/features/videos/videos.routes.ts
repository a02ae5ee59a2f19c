import { Hono } from 'hono';
import { describeRoute } from 'hono-openapi';
import { VideoInfoSchema } from '../../contract/video.schema';
import { answers } from '../http/http.documentation';
import type { VideoUsecases } from './videos.usecases';

const tags = ['Videos'];

/** `Content-Disposition` for saving under a name; RFC 6266 says how names beyond ASCII are written. */
export function attachment(fileName: string): string {
  const clean = fileName.replace(/\p{Cc}|["\\/]/gu, '_').slice(0, 150);
  const ascii = clean.replace(/[^\x20-\x7e]|%/g, '_');
  const encoded = encodeURIComponent(clean).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

export const videoRoutes = (videos: VideoUsecases) =>
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
        const range = c.req.header('range');
        const object = await videos.open(c.req.param('id'), {
          signal: c.req.raw.signal,
          ...(range === undefined ? {} : { range }),
        });
        const saveAs = c.req.query('download');
        const headers: Record<string, string> = {
          ...(saveAs === undefined ? {} : { 'Content-Disposition': attachment(saveAs) }),
          'Accept-Ranges': 'bytes',
          'Content-Type': object.contentType,
          'Content-Length': String(object.bytes),
          // Videos never change: an id names one file for ever.
          'Cache-Control': 'private, max-age=31536000, immutable',
          ...(object.etag === null ? {} : { ETag: object.etag }),
        };
        if (object.range === null) return c.body(object.body, 200, headers);
        const { start, end } = object.range;
        headers['Content-Range'] = `bytes ${start}-${end}/${object.totalBytes}`;
        return c.body(object.body, 206, headers);
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
