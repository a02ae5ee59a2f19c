import type { GivenMedia, MediaSource } from '../../library/media-source.rules';
import type { Storage } from '../../storage/storage.types';
import type { MediaUrls } from './media-urls.usecases';

const videoPath = /^\/api\/mv\/get_video\/([0-9a-f-]{36})$/i;

/** Media that callers name by URL. The studio's own URLs lead to its store, whatever name it was reached by. */
export function createGivenMedia(deps: {
  mediaUrls: Pick<MediaUrls, 'keyOf'>;
  /** A video of this studio by its id; null when there is none. */
  findVideo: (id: string) => Promise<{ s3Key: string; sha256: string } | null>;
  storage: Pick<Storage, 'download'>;
  /** @throws AppError 400 `UrlNotAllowed` at once for a URL that must not be fetched */
  checkUrl: (url: string) => Promise<void>;
  /** Fetches a URL that a user gave, safely, into a file. */
  fetchToFile: (
    url: string,
    options: { toPath: string; maxBytes: number; signal: AbortSignal },
  ) => Promise<unknown>;
}): GivenMedia {
  return {
    /** @throws AppError 400 `UrlNotAllowed`; 403 `MediaUrlInvalid`, `MediaUrlEnded` for the studio's own */
    async locate(url: string): Promise<MediaSource> {
      const key = await deps.mediaUrls.keyOf(url);
      if (key !== null) return { from: 'storage', key, sha256: null };
      // Ids are made at random, so that a video of another studio is never taken for one of this.
      const id = videoPath.exec(URL.parse(url, 'http://studio')?.pathname ?? '')?.[1];
      const video = id === undefined ? null : await deps.findVideo(id);
      if (video !== null) return { from: 'storage', key: video.s3Key, sha256: video.sha256 };
      await deps.checkUrl(url);
      return { from: 'url', url };
    },

    /** Brings it into a file that does not exist yet. */
    async fetch(
      source: MediaSource,
      options: { toPath: string; maxBytes: number; signal: AbortSignal },
    ): Promise<void> {
      if (source.from === 'url') {
        await deps.fetchToFile(source.url, options);
        return;
      }
      const { toPath, signal } = options;
      const { key, sha256 } = source;
      await deps.storage.download(key, toPath, { signal, ...(sha256 === null ? {} : { sha256 }) });
    },
  };
}
