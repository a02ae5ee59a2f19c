import type { TakeRow } from '../../library/takes.rules';

/** The frames of the original clip on both sides of a cut: [inFrame, splitFrame) and [splitFrame, outFrame). */
export type Split = { inFrame: number; splitFrame: number; outFrame: number };

/**
 * Where a cut before a frame of the current clip lies in the original clip. `uncut`: the current take, or
 * the one that it was lip-synced from. Null when nothing would be left on one side.
 */
export function splitOf(uncut: Pick<TakeRow, 'trimIn' | 'frames'>, frame: number): Split | null {
  const { trimIn, frames } = uncut;
  if (frames === null || frame < 1 || frame >= frames) return null;
  const inFrame = trimIn ?? 0;
  return { inFrame, splitFrame: inFrame + frame, outFrame: inFrame + frames };
}
