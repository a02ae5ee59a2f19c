import { smoothstep } from '../mouth/mouth.shape';

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
