import * as v from 'valibot';

/** Every clip of a project is normalised once to the project's format. */
export const frameRates = [24, 25, 30] as const;
export const SAMPLE_RATE = 48_000;

const evenSize = (name: string) =>
  v.pipe(
    v.number(),
    v.integer(`${name} must be a whole number of pixels.`),
    v.minValue(128, `${name} must be at least 128 pixels.`),
    v.maxValue(4096, `${name} must be at most 4096 pixels.`),
    v.multipleOf(2, `${name} must be an even number of pixels.`),
  );

export const FormatSchema = v.strictObject({
  width: evenSize('width'),
  height: evenSize('height'),
  fps: v.picklist(frameRates, 'fps must be 24, 25 or 30.'),
});

/** Picture size in pixels and frames per second of a project; sound is always 48 kHz. */
export type Format = v.InferOutput<typeof FormatSchema>;
