import * as v from 'valibot';

/** Where a clip, sound or image lies that a caller named: at a URL elsewhere, or in the studio's own store. */
export const MediaSourceSchema = v.variant('from', [
  v.object({ from: v.literal('url'), url: v.string() }),
  v.object({ from: v.literal('storage'), key: v.string(), sha256: v.nullable(v.string()) }),
]);
export type MediaSource = v.InferOutput<typeof MediaSourceSchema>;

/** Media that callers name by URL. */
export type GivenMedia = {
  /** @throws AppError 400 `UrlNotAllowed`; 403 `MediaUrlInvalid`, `MediaUrlEnded` for the studio's own */
  locate(url: string): Promise<MediaSource>;
  /** Brings it into a file that does not exist yet. */
  fetch(
    source: MediaSource,
    options: { toPath: string; maxBytes: number; signal: AbortSignal },
  ): Promise<void>;
};
