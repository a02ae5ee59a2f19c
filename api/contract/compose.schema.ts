import * as v from 'valibot';

/** What happens where the scenes and the song differ in length. */
export const composeEndings = ['as-is', 'cut-to-song', 'fill'] as const;
export type ComposeEnding = (typeof composeEndings)[number];

/** Longer fades are a matter of cutting, not of an ending. */
export const longestFadeSeconds = 10;

const fadeSeconds = (name: string) =>
  v.pipe(
    v.number(),
    v.minValue(0, `${name} must be 0 (no fade) or more.`),
    v.maxValue(longestFadeSeconds, `${name} must be at most ${longestFadeSeconds}.`),
  );

/** How a video is composed; without any of it, pictures are copied as they are. */
export const ComposeOptionsSchema = v.strictObject({
  /** Seconds in which picture and sound come up from black and silence. */
  fadeInSeconds: v.optional(fadeSeconds('fadeInSeconds'), 0),
  /** Seconds in which picture and sound go at the end. */
  fadeOutSeconds: v.optional(fadeSeconds('fadeOutSeconds'), 0),
  /**
   * as-is: the scenes decide; the song is cut, or ended with silence. cut-to-song: a video that is longer than
   * the song ends with it. fill: the last frame stays until the song ends.
   */
  ending: v.optional(v.picklist(composeEndings), 'as-is'),
  /** A scene that has a length but no clip yet is black, instead of an error. */
  allowMissing: v.optional(v.boolean(), false),
});
export type ComposeOptions = v.InferOutput<typeof ComposeOptionsSchema>;
