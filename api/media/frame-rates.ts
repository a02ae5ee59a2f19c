/** Rates that cameras and programs use, as exact fractions. */
const knownRates: readonly (readonly [number, number])[] = [
  [10, 1],
  [12, 1],
  [15, 1],
  [24_000, 1001],
  [24, 1],
  [25, 1],
  [30_000, 1001],
  [30, 1],
  [48, 1],
  [50, 1],
  [60_000, 1001],
  [60, 1],
  [120, 1],
];

/**
 * Snaps a measured rate to the known one it stands for: WebM's millisecond timestamps read
 * 24.0016 for 24. The window, 0.04 %, is under half the 0.1 % between 24 and 23.976.
 */
export function snapFrameRate(measured: number): number {
  for (const [numerator, denominator] of knownRates) {
    const rate = numerator / denominator;
    if (Math.abs(measured / rate - 1) < 0.0004) return rate;
  }
  return measured;
}

/** Whether a rate is, as exactly as `snapFrameRate` tells them apart, one that cameras and programs use. */
export function isKnownFrameRate(rate: number): boolean {
  return knownRates.some(([numerator, denominator]) => snapFrameRate(rate) === numerator / denominator);
}

/** "30000/1001" of ffprobe as a number; null for "0/0" and everything that is not a fraction. */
export function parseFraction(text: string | undefined): number | null {
  const match = /^(\d+)[/:](\d+)$/.exec(text ?? '');
  if (match === null) return null;
  const value = Number(match[1]) / Number(match[2]);
  return Number.isFinite(value) && value > 0 ? value : null;
}
