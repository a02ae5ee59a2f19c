import * as v from 'valibot';

/** What one measured process does: it gets this as its argument and prints its figures as JSON. */
export const UploadTaskSchema = v.object({
  how: v.picklist(['plain', 'confirmed', 'confirmed-in-one']),
  databaseUrl: v.string(),
  endpoint: v.string(),
  socketPath: v.optional(v.string()),
  region: v.string(),
  bucket: v.string(),
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
  mediaRoot: v.string(),
  /** Relative to the media root. */
  paths: v.array(v.string()),
});
export type UploadTask = v.InferOutput<typeof UploadTaskSchema>;

export const UploadFiguresSchema = v.object({
  milliseconds: v.number(),
  peakMebibytes: v.number(),
  /** Before the first byte was sent: what the runtime and the libraries take. */
  startMebibytes: v.number(),
});
export type UploadFigures = v.InferOutput<typeof UploadFiguresSchema>;

export const StoreFactsSchema = v.object({
  endpoint: v.string(),
  socketPath: v.optional(v.string()),
  region: v.string(),
  bucket: v.string(),
  accessKeyId: v.string(),
  secretAccessKey: v.string(),
});
