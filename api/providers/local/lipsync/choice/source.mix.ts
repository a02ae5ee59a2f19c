/** A candidate (its index) and its share in one frame's mouth. */
export type Share = { candidate: number; share: number };

/** Dissolve around a jump: a quarter of what the frames beside it show, carried on or back to this one. */
const BESIDE = [-1, 1] as const;
const BESIDE_SHARE = 0.25;

/** The sources of one frame of a path: one, or around a jump two or three that dissolve into another. */
export function mixAt(path: Int32Array, index: number, candidates: number): Share[] {
  const here = path[index] ?? -1;
  if (here < 0) return [];
  const shares = new Map<number, number>([[here, 1]]);
  for (const step of BESIDE) {
    const there = path[index + step] ?? -1;
    const carried = there - step;
    // The next or the same candidate is no jump.
    if (there < 0 || Math.abs(there - here) <= 1 || carried < 0 || carried >= candidates) continue;
    shares.set(carried, (shares.get(carried) ?? 0) + BESIDE_SHARE);
    shares.set(here, (shares.get(here) ?? 0) - BESIDE_SHARE);
  }
  return [...shares].map(([candidate, share]) => ({ candidate, share }));
}

/** How many times a path leaves its run. */
export function countJumps(path: Int32Array): number {
  let jumps = 0;
  for (let i = 1; i < path.length; i++) if (Math.abs((path[i] ?? 0) - (path[i - 1] ?? 0)) > 1) jumps++;
  return jumps;
}
