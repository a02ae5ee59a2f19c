import type { MouthTargets } from '../audio/audio.types';
import type { MouthShape } from '../mouth/mouth.shape';

/**
 * The widest opening, in eye distances, at temperature 0; each step up multiplies it. .15 / .21 /
 * .285 at 0, .5 and 1: the 95th percentiles of a calm, a lively and a shouting talker.
 */
const WIDEST = 0.15;
const WIDEST_GROWTH = 1.9;
/** Spread and rounded lips differ from the resting width by this share at temperature .5. */
const WIDTH_SWING = 0.13;
/** A dropping jaw draws the corners in: this much width per opening. */
const WIDTH_PER_OPENING = 0.3;

/** Shapes for every frame of what the sound asks of a mouth whose resting width is `restWidth`. */
export function mouthCurve(targets: MouthTargets, temperature: number, restWidth: number): MouthShape[] {
  const widest = WIDEST * WIDEST_GROWTH ** temperature;
  const swing = WIDTH_SWING * (0.6 + 0.8 * temperature);
  return Array.from(targets.aperture, (open, frame) => {
    const aperture = widest * open * (1 - (targets.closed[frame] ?? 0));
    return {
      aperture,
      width: restWidth * (1 + swing * (targets.width[frame] ?? 0)) - WIDTH_PER_OPENING * aperture,
    };
  });
}
