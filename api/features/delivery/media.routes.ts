import { Hono } from 'hono';
import { answerMedia, type MediaStore } from '../../http/media.answer';
import { MEDIA_PATH } from './media-url.models';
import type { MediaUrls } from './media-urls.usecases';

/** The media of projects, under the URLs that answers hold. A URL's signature stands for the caller's token. */
export const mediaRoutes = (urls: Pick<MediaUrls, 'open'>, store: MediaStore) =>
  new Hono().get(`${MEDIA_PATH}*`, async (c) => {
    const { pathname, searchParams } = new URL(c.req.url);
    const { key, keepSeconds } = await urls.open(pathname, searchParams);
    return answerMedia(c, store, { key, keepSeconds, saveAs: searchParams.get('download') ?? undefined });
  });
