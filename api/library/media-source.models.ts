import * as v from 'valibot';

/** Where a clip, sound or image lies that a caller named: at a URL elsewhere, or in the studio's own store. */
export const MediaSourceSchema = v.variant('from', [
  v.object({ from: v.literal('url'), url: v.string() }),
  v.object({ from: v.literal('storage'), key: v.string(), sha256: v.nullable(v.string()) }),
]);
export type MediaSource = v.InferOutput<typeof MediaSourceSchema>;
