import { type Context, Hono } from 'hono';
import { dataPolicy } from '../../http/http.csp';
import type { RequestMeter } from '../../http/http.request-log';
import { answerMedia, type MediaStore } from '../../http/media.answer';
import { MEDIA_PATH } from './media-url.rules';
import type { MediaUrls } from './media-urls.usecases';

const ROUTE = `${MEDIA_PATH}*`;

/**
 * The media of projects, under the URLs that answers hold. A URL's signature stands for the caller's token.
 * Requests are counted but not logged or traced each; what fails is answered and logged as everywhere.
 */
export function mediaRoutes(deps: {
  urls: Pick<MediaUrls, 'open'>;
  store: MediaStore;
  meter: RequestMeter;
  /** Pages of other origins that the settings name show media, too. */
  forOtherOrigins: boolean;
}) {
  const headers = {
    'Content-Security-Policy': dataPolicy,
    'Cross-Origin-Resource-Policy': deps.forOtherOrigins ? 'cross-origin' : 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
  const answered = async (c: Context) => {
    const { pathname, searchParams } = new URL(c.req.url);
    try {
      const { key, keepSeconds } = await deps.urls.open(pathname, searchParams);
      const saveAs = searchParams.get('download') ?? undefined;
      return await answerMedia(c, deps.store, { key, keepSeconds, saveAs, headers });
    } catch (error) {
      for (const [name, value] of Object.entries(headers)) c.header(name, value);
      throw error;
    }
  };
  const send = async (c: Context) => {
    const started = performance.now();
    const response = await answered(c);
    const seconds = (performance.now() - started) / 1000;
    deps.meter({ method: c.req.method, route: ROUTE, status: response.status, seconds });
    return response;
  };
  return new Hono().get(ROUTE, send);
}
