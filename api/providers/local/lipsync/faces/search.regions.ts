import type { Region } from '../pictures/crop.sampler';
import { OUTER_EYE_LEFT, OUTER_EYE_RIGHT, VERTEX_COUNT } from './face.mesh';
import type { Detection } from './model.outputs';

/** The mesh model was trained on faces with a quarter of their size around them (MediaPipe's graph). */
const MARGIN = 1.5;

/** Where to read the mesh of a face that the detector found. */
export function regionOfDetection(found: Detection): Region {
  return { x: found.x, y: found.y, size: found.size * MARGIN, angle: found.angle };
}

/** Where to read the next mesh of a face whose mesh is known: upright by its eyes, around its box. */
export function regionOfMesh(mesh: Float32Array): Region {
  const angle = Math.atan2(
    value(mesh, OUTER_EYE_RIGHT, 1) - value(mesh, OUTER_EYE_LEFT, 1),
    value(mesh, OUTER_EYE_RIGHT, 0) - value(mesh, OUTER_EYE_LEFT, 0),
  );
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    const x = value(mesh, vertex, 0) * cos + value(mesh, vertex, 1) * sin;
    const y = -value(mesh, vertex, 0) * sin + value(mesh, vertex, 1) * cos;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  return {
    x: x * cos - y * sin,
    y: x * sin + y * cos,
    size: MARGIN * Math.max(right - left, bottom - top),
    angle,
  };
}

function value(mesh: Float32Array, vertex: number, axis: number): number {
  return mesh[vertex * 3 + axis] ?? 0;
}

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
