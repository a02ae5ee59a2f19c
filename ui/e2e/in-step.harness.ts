/** One try at playing: how far two clocks were apart, in frames, and the longest time without a new picture. */
export type Try = { off: number; stalledMs: number };

/** Two and a half pictures at 25 fps: beyond that the machine was busy with other work, not the page. */
const STALL_MS = 100;
/** So many tries without a stall are enough, and so many are made at most. */
const ENOUGH = 3;
const MOST_TRIES = 6;

/**
 * How far apart the clocks are: the worst of three tries that the machine let run. Where it let none run in
 * six, the third best of these: half of them must be good.
 */
export async function framesApart(play: () => Promise<Try>): Promise<number> {
  const tries: Try[] = [];
  const smooth = () => tries.filter(({ stalledMs }) => stalledMs < STALL_MS);
  while (tries.length < MOST_TRIES && smooth().length < ENOUGH) tries.push(await play());
  if (smooth().length > 0) return Math.max(...smooth().map(({ off }) => off));
  const sorted = tries.map(({ off }) => off).sort((a, b) => a - b);
  return sorted[MOST_TRIES / 2 - 1] ?? Number.POSITIVE_INFINITY;
}
