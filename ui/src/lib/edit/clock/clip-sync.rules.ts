/**
 * How a clip is kept on the song's clock: small changes of its speed, which nobody sees, and a seek only
 * when it is far off. Errors are seconds: positive when the clip is ahead of the song.
 */

/** Less than this is left alone: an eighth of a frame at 25 fps. */
const GOOD_ENOUGH = 0.005;
/** What is off is made good in a quarter of a second … */
const GAIN = 4;
/** … at most this much faster or slower; silent clips may be that without being noticed. */
const MOST = 0.25;
/** Farther off than this, catching up would take longer than a seek. */
const SEEK_BEYOND = 0.35;
/** Where clips are compared, a picture that jumps is better than two that are frames apart for a second. */
export const SEEK_BEYOND_COMPARED = 0.12;
/** Speeds are set in steps: browsers re-plan their decoding at each change. */
const RATE_STEP = 0.02;

export type Correction = { kind: 'rate'; rate: number } | { kind: 'seek' };

/**
 * What to do about a clip that plays.
 * @param error its time minus the song's time in the scene, both read at the same moment
 * @param speed how fast the song plays, 1 = as it is
 * @param seekBeyond the error from which on it is set right at once
 */
export function correctionOf(error: number, speed: number, seekBeyond = SEEK_BEYOND): Correction {
  if (Math.abs(error) > seekBeyond) return { kind: 'seek' };
  if (Math.abs(error) < GOOD_ENOUGH) return { kind: 'rate', rate: speed };
  const change = Math.max(-MOST, Math.min(MOST, -error * GAIN));
  return { kind: 'rate', rate: Math.round((speed * (1 + change)) / RATE_STEP) * RATE_STEP };
}

/** No browser takes longer than this to set a clip going that is loaded and at its place. */
const LONGEST_LEAD = 0.12;
/**
 * How long before its cut a clip is started that was not seen before, in seconds: between the 10 ms of
 * silent clips and the 65 ms of clips with sound that were measured in Chromium, so that neither is a
 * frame off at its first cut.
 */
const FIRST_LEAD = 0.035;
/** How much of an error is learnt from a later cut: one slow start must not spoil the next. */
const LEARN = 0.25;

/** How long before its cut a clip is started. `known`: its own lead, undefined before its first cut. */
export const leadOf = (known: number | undefined): number => known ?? FIRST_LEAD;

/** The lead of a clip after a cut, from how far off it was there; its first cut tells most. */
export function nextLead(known: number | undefined, errorAtCut: number): number {
  const learn = known === undefined ? 1 : LEARN;
  return Math.max(0, Math.min(LONGEST_LEAD, leadOf(known) - errorAtCut * learn));
}

/** Whether a clip that was started for a cut still to come runs already, and must wait for it. */
export function isEarly(clipSeconds: number, toCut: number, fps: number): boolean {
  return clipSeconds > 0.25 / fps && toCut > 0.25 / fps;
}
