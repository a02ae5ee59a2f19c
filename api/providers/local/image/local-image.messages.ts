import * as v from 'valibot';

/** What the process that draws cards is told. */
export const CardJobSchema = v.strictObject({
  prompt: v.string(),
  negativePrompt: v.string(),
  title: v.string(),
  sequence: v.nullable(v.number()),
  width: v.number(),
  height: v.number(),
  seed: v.nullable(v.number()),
  cast: v.array(v.string()),
  /** True: the picture alone, without type and marks. */
  plain: v.boolean(),
  outputPath: v.string(),
});
export type CardJob = v.InferOutput<typeof CardJobSchema>;

/** A card is drawn with a short side of at least this many pixels, so that a camera can move in it. */
export const MIN_SHORT_SIDE = 1080;
/** Nor larger than pictures are stored (`maxImageSide` of api/media), unless its format asks for it. */
export const MAX_LONG_SIDE = 2048;

/** The pixels of a card for a format: its exact shape, large enough to look into. */
export function cardSize(format: { width: number; height: number }): { width: number; height: number } {
  const [short, long] = [Math.min(format.width, format.height), Math.max(format.width, format.height)];
  const scale = Math.max(1, Math.min(MIN_SHORT_SIDE / short, MAX_LONG_SIDE / long));
  return { width: Math.round(format.width * scale), height: Math.round(format.height * scale) };
}
