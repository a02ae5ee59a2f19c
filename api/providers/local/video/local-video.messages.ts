import * as v from 'valibot';

/** What the process that makes clips is told. */
export const ClipJobSchema = v.strictObject({
  ffmpegPath: v.string(),
  prompt: v.string(),
  negativePrompt: v.string(),
  /** Null: a card is drawn first. */
  imagePath: v.nullable(v.string()),
  /** The image is a card that was drawn from this. */
  imageCard: v.nullable(
    v.object({ prompt: v.string(), negativePrompt: v.string(), seed: v.nullable(v.number()) }),
  ),
  width: v.number(),
  height: v.number(),
  fps: v.number(),
  frames: v.number(),
  seed: v.nullable(v.number()),
  outputPath: v.string(),
  workDirectory: v.string(),
  videoArguments: v.array(v.string()),
});
export type ClipJob = v.InferOutput<typeof ClipJobSchema>;
