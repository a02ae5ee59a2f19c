/** One try at playing: how far two clocks were apart, in frames, and the longest time without a new picture. */
export type Try = { off: number; stalledMs: number };

/**
 * For a script that watches in the page, with its `song`: `stalledMs` is the longest time without a new
 * picture so far, of the page while the song plays, or of what tells a function of `begin()` each of its pictures.
 */
export const watchStalls = `
    let stalledMs = 0;
    const begin = () => {
      let at = null;
      return (isShown) => {
        const now = performance.now();
        if (isShown && at !== null) stalledMs = Math.max(stalledMs, now - at);
        at = isShown ? now : null;
      };
    };
    const drawn = begin();
    const draw = () => {
      drawn(!song.paused);
      requestAnimationFrame(draw);
    };
    draw();`;

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
