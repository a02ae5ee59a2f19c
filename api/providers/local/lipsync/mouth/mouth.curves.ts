import { smoothstep } from '../../../../shared/numbers';
import type { MouthTargets } from '../audio/audio.types';
import type { MouthShape } from './mouth.shape';

/**
 * The wide-open mouth that an opening of 1 stands for, in eye distances, at temperature 0; a whole
 * step of temperature multiplies it. Speech reaches .57 of it: .15 / .20 / .28 at 0, .5 and 1, where
 * a natural talker's open mouths measure .16 (95th percentile): 0 mumbles, 1 shouts.
 */
const WIDEST = 0.26;
const WIDEST_GROWTH = 1.9;
/** No jaw drops further: openings are bent towards this limit. */
const LIMIT = 0.5;
/** The sound's opening already allows for closing lips; where they surely touch, nothing is left of it. */
const TOUCH_FROM = 0.5;
const TOUCH_SURELY = 0.85;
/** Spread and rounded lips differ from the resting width by this share at temperature .5. */
const WIDTH_SWING = 0.13;
/** The same for wide and round lips at temperature 0, and how much more a whole step of temperature adds. */
const SWING_AT_REST = 0.6;
const SWING_GROWTH = 0.8;
/** A dropping jaw draws the corners in: this much width per opening. */
const WIDTH_PER_OPENING = 0.3;

/** Shapes for every frame of what the sound asks of a mouth whose resting width is `restWidth`. */
export function mouthCurve(targets: MouthTargets, temperature: number, restWidth: number): MouthShape[] {
  const widest = WIDEST * WIDEST_GROWTH ** temperature;
  const swing = WIDTH_SWING * (SWING_AT_REST + SWING_GROWTH * temperature);
  return Array.from(targets.aperture, (open, frame) => {
    const apart = 1 - smoothstep(TOUCH_FROM, TOUCH_SURELY, targets.closed[frame] ?? 0);
    const aperture = LIMIT * Math.tanh((widest * open * apart) / LIMIT);
    return {
      aperture,
      width: restWidth * (1 + swing * (targets.width[frame] ?? 0)) - WIDTH_PER_OPENING * aperture,
    };
  });
}

const DEGREE = Math.PI / 180;
/** Beyond these turns of the head the far half of the mouth isn't seen well enough to redraw. */
const YAW_FADE_FROM = 36 * DEGREE;
const YAW_FADE_TO = 44 * DEGREE;
/** Passing over between the new mouth and the source's takes this many frames. */
const FADE_FRAMES = 5;

export type FrameState = { seen: boolean; yaw: number; covered: boolean };

/** How much of the new mouth each frame shows, 0..1: soft in time, 0 where there is no usable face. */
export function strengthCurve(states: readonly FrameState[]): Float32Array {
  const wanted = Float32Array.from(states, ({ seen, yaw, covered }) =>
    seen && !covered ? 1 - smoothstep(YAW_FADE_FROM, YAW_FADE_TO, Math.abs(yaw)) : 0,
  );
  return Float32Array.from(wanted, (_, frame) => {
    let least = 1;
    for (let step = -FADE_FRAMES; step <= FADE_FRAMES; step++) {
      // A frame outside the shot sets no limit: a cut needs no fade.
      const other = wanted[frame + step];
      if (other !== undefined) least = Math.min(least, other + Math.abs(step) / (FADE_FRAMES + 1));
    }
    return Math.min(least, wanted[frame] ?? 0);
  });
}
