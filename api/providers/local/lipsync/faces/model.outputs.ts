import type { Region } from '../pictures/crop.sampler';

/** A face: centre and side of its box (in units of the searched square), roll in radians, 0..1 score. */
export type Detection = { x: number; y: number; size: number; angle: number; score: number };

/** Sides of the squares that the detector and the mesh model read: their numbers are in these pixels. */
export const DETECTOR_SIDE = 256;
export const MESH_SIDE = 192;
/** BlazeFace's anchors: a fine grid of 16 px with 2, and a coarse one of 32 px with 6 in each cell. */
const grids = [
  { step: 16, anchors: 2 },
  { step: 32, anchors: 6 },
] as const;
/** Below this the detector calls foliage faces; human's default is .2, MediaPipe's .5. */
export const MIN_SCORE = 0.5;
/** Boxes that share more than this with a better one are the same face (MediaPipe's value). */
const SAME_FACE = 0.3;

/**
 * Turns the raw outputs of blazeface into faces, best first, one per face.
 * `scores[i]` holds a logit per anchor of grid i, `boxes[i]` 16 numbers per anchor: centre offset,
 * size, then six points of which the first two are the eyes.
 */
export function decodeDetections(
  scores: readonly Float32Array[],
  boxes: readonly Float32Array[],
): Detection[] {
  const found: Detection[] = [];
  grids.forEach(({ step, anchors }, grid) => {
    const logits = scores[grid] ?? new Float32Array(0);
    const numbers = boxes[grid] ?? new Float32Array(0);
    const cells = DETECTOR_SIDE / step;
    for (let index = 0; index < logits.length; index++) {
      const score = 1 / (1 + Math.exp(-(logits[index] ?? 0)));
      if (score < MIN_SCORE) continue;
      const cell = Math.floor(index / anchors);
      const anchorX = ((cell % cells) + 0.5) * step;
      const anchorY = (Math.floor(cell / cells) + 0.5) * step;
      const value = (column: number): number => numbers[index * 16 + column] ?? 0;
      found.push({
        x: (anchorX + value(0)) / DETECTOR_SIDE,
        y: (anchorY + value(1)) / DETECTOR_SIDE,
        size: Math.max(value(2), value(3)) / DETECTOR_SIDE,
        angle: Math.atan2(value(7) - value(5), value(6) - value(4)),
        score,
      });
    }
  });
  return withoutDoubles(found);
}

/** Keeps the best of every group of overlapping boxes. */
export function withoutDoubles(found: readonly Detection[]): Detection[] {
  const kept: Detection[] = [];
  for (const face of [...found].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => overlap(face, other) < SAME_FACE)) kept.push(face);
  }
  return kept;
}

/** Intersection over union of two square boxes given by centre and side. */
export function overlap(
  a: { x: number; y: number; size: number },
  b: { x: number; y: number; size: number },
): number {
  const span = (p: number, q: number, side: number, other: number): number =>
    Math.max(0, Math.min(p + side / 2, q + other / 2) - Math.max(p - side / 2, q - other / 2));
  const shared = span(a.x, b.x, a.size, b.size) * span(a.y, b.y, a.size, b.size);
  const all = a.size * a.size + b.size * b.size - shared;
  return all > 0 ? shared / all : 0;
}

/** From the model's square back into the picture; z keeps the scale of x and y. */
export function toPicture(coordinates: Float32Array, region: Region): Float32Array {
  const scale = region.size / MESH_SIDE;
  const cos = Math.cos(region.angle);
  const sin = Math.sin(region.angle);
  for (let i = 0; i < coordinates.length; i += 3) {
    const dx = ((coordinates[i] ?? 0) - MESH_SIDE / 2) * scale;
    const dy = ((coordinates[i + 1] ?? 0) - MESH_SIDE / 2) * scale;
    coordinates[i] = region.x + dx * cos - dy * sin;
    coordinates[i + 1] = region.y + dx * sin + dy * cos;
    coordinates[i + 2] = (coordinates[i + 2] ?? 0) * scale;
  }
  return coordinates;
}
