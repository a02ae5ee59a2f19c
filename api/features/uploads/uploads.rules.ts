import * as v from 'valibot';

/** What an upload's job knows of the file it was given: it lies in S3 under `sourceKey`. */
export const UploadedSourceSchema = v.object({
  sourceKey: v.string(),
  sourceBytes: v.number(),
  sourceSha256: v.string(),
  fileName: v.string(),
});

export type UploadedSource = v.InferOutput<typeof UploadedSourceSchema>;
