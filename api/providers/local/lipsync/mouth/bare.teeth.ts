import { smoothstep } from '../../../../shared/numbers';
import { lowerInner, upperInner } from '../faces/face.mesh';
import type { Yuv, YuvFrame } from '../pictures/yuv.frame';

/** A mouth's picture and where it is: the mesh in pixels, a unit of one eye distance in pixels. */
export type SeenMouth = {
  crop: YuvFrame;
  originX: number;
  originY: number;
  mesh: Float32Array;
  unit: number;
};

/** The middle columns of the lips: towards the corners there are no teeth. */
const COLUMNS = [3, 4, 5, 6, 7] as const;
/** The mesh puts lips together that are a little apart: at least this far (eye distances) is looked. */
const REACH = 0.02;
const STEPS = 4;
/** Clips whose lips differ less than this from what they are like at rest never show their teeth. */
const LEAST_RANGE = 0.15;
/** A clip's mouths at rest and at their palest: percentiles, so that single frames with a reflex decide nothing. */
const REST_SHARE = 0.1;
const PALEST_SHARE = 0.9;
/** From the palest inside (1) and that of rest (0): what counts as teeth, and surely. */
const TEETH_FROM = 0.2;
const TEETH_SURELY = 0.5;

/**
 * How much of its teeth each mouth shows, 0..1, by their colour: teeth are less red than lips. It tells
 * what the mesh doesn't, which reads .019 eye distances of a drawn mouth whose teeth are seen and .017
 * of one that is shut. Judged against the clip's own range.
 */
export function bareTeeth(mouths: readonly SeenMouth[], lip: Yuv): Float32Array {
  const pale = mouths.map((mouth) => palenessOf(mouth, lip));
  const sorted = [...pale].sort((a, b) => a - b);
  const rest = sorted[Math.floor(sorted.length * REST_SHARE)] ?? 0;
  const range = (sorted[Math.floor(sorted.length * PALEST_SHARE)] ?? 0) - rest;
  return Float32Array.from(pale, (value) =>
    range < LEAST_RANGE ? 0 : smoothstep(TEETH_FROM, TEETH_SURELY, (value - rest) / range),
  );
}

/** How much less red than the lips the palest place between them is, as a share of the lips' redness. */
function palenessOf({ crop, originX, originY, mesh, unit }: SeenMouth, lip: Yuv): number {
  const redness = Math.max(8, lip.v - 128);
  const width = crop.width >> 1;
  const height = crop.height >> 1;
  let sum = 0;
  for (const column of COLUMNS) {
    const upper = (upperInner[column] ?? 0) * 3;
    const lower = (lowerInner[column] ?? 0) * 3;
    const top = mesh[upper + 1] ?? 0;
    const bottom = mesh[lower + 1] ?? 0;
    const x = ((mesh[upper] ?? 0) + (mesh[lower] ?? 0)) / 2;
    const reach = Math.max(REACH * unit, (bottom - top) / 2);
    let least = lip.v;
    for (let step = -STEPS; step <= STEPS; step++) {
      const column = Math.max(0, Math.min(width - 1, Math.round((x - originX) / 2)));
      const row = ((top + bottom) / 2 + (step / STEPS) * reach - originY) / 2;
      least = Math.min(
        least,
        crop.v[Math.max(0, Math.min(height - 1, Math.round(row))) * width + column] ?? lip.v,
      );
    }
    sum += (lip.v - least) / redness;
  }
  return sum / COLUMNS.length;
}
