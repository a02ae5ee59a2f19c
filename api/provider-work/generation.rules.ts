import * as v from 'valibot';

/** An object in S3 that a provider is given. */
const GivenFileSchema = v.object({ key: v.string(), sha256: v.string(), contentType: v.string() });
export type GivenFile = v.InferOutput<typeof GivenFileSchema>;

/** What an image is made of; recorded when it was asked, so that later edits don't change it. */
export const ImageJobSchema = v.object({
  prompt: v.string(),
  negativePrompt: v.string(),
  seed: v.nullable(v.number()),
  references: v.array(GivenFileSchema),
});
export type ImageJob = v.InferOutput<typeof ImageJobSchema>;

/** What a storyboard card is drawn from. */
export const CardSchema = v.object({
  prompt: v.string(),
  negativePrompt: v.string(),
  seed: v.nullable(v.number()),
});

/** What a clip is made of. */
export const VideoJobSchema = v.object({
  ...ImageJobSchema.entries,
  /** Exactly how many frames of the format it will have. */
  frames: v.number(),
  /** The first frame; null: from words alone. */
  image: v.nullable(GivenFileSchema),
  /** What that image was drawn from, when it is a storyboard card of this machine. */
  imageCard: v.optional(v.nullable(CardSchema), null),
});
export type VideoJob = v.InferOutput<typeof VideoJobSchema>;
