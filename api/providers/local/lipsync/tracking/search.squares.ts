import type { Region } from '../pixels/crop.sampler';

/** No square is smaller: 48 px of it are 38 px of the detector's 256, which it still finds. */
const SMALLEST_SQUARE = 320;
/** Neighbouring squares overlap by this share, so that no face is cut by all of them. */
const OVERLAP = 0.35;

/**
 * The squares of a picture to search for faces, coarse to fine: the whole picture (letterboxed),
 * then tiles of the short side, of half and of a quarter of it. Each level is searched only when
 * the ones before found nothing.
 */
export function searchSquares(width: number, height: number): Region[][] {
  const levels: Region[][] = [[{ x: width / 2, y: height / 2, size: Math.max(width, height), angle: 0 }]];
  const short = Math.min(width, height);
  for (const divisor of [1, 2, 4]) {
    const size = Math.max(SMALLEST_SQUARE, short / divisor);
    if (size >= Math.max(width, height)) continue;
    levels.push(tiles(width, height, Math.min(size, short)));
    if (size === SMALLEST_SQUARE) break;
  }
  return levels;
}

function tiles(width: number, height: number, size: number): Region[] {
  const result: Region[] = [];
  for (const y of centres(height, size)) {
    for (const x of centres(width, size)) result.push({ x, y, size, angle: 0 });
  }
  return result;
}

function centres(length: number, size: number): number[] {
  const count = Math.max(1, Math.ceil((length - size) / (size * (1 - OVERLAP)) + 1));
  if (count === 1) return [length / 2];
  return Array.from({ length: count }, (_, i) => size / 2 + (i * (length - size)) / (count - 1));
}
