/** A candidate (its index) and its share in one frame's mouth. */
export type Share = { candidate: number; share: number };

/** Dissolve around a jump: the path of the frames beside, carried on or back to this one. */
const KERNEL = [
  { step: -1, share: 0.25 },
  { step: 0, share: 0.5 },
  { step: 1, share: 0.25 },
] as const;

/** The sources of one frame of a path: one, or around a jump two or three that dissolve into another. */
export function mixAt(path: Int32Array, index: number, candidates: number): Share[] {
  const shares = new Map<number, number>();
  for (const { step, share } of KERNEL) {
    const there = path[index + step];
    const candidate = there === undefined ? (path[index] ?? -1) : there - step;
    const valid = candidate >= 0 && candidate < candidates ? candidate : (path[index] ?? -1);
    if (valid >= 0) shares.set(valid, (shares.get(valid) ?? 0) + share);
  }
  return [...shares].map(([candidate, share]) => ({ candidate, share }));
}
