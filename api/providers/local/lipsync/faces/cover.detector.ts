import type { YuvFrame } from '../pictures/yuv.frame';
import { canonical, lowerLip, upperLip, VERTEX_COUNT } from './face.mesh';

/** Colours of a face at fixed places of its mesh: (Y, U, V) triples, first the mouth's, then the upper face's. */
export type FaceSample = Uint8Array;

/** Skin around the mouth, between .04 and .42 eye distances from its middle; lips and teeth change by themselves. */
const mouthPoints = verticesWhere((vertex, x, y) => {
  const distance = Math.hypot(x, y);
  return distance > 0.04 && distance < 0.42 && y > -0.2 && !upperLip.has(vertex) && !lowerLip.has(vertex);
});
/** Cheeks, nose and forehead: they tell what the light does. */
const lightPoints = [9, 151, 6, 197, 50, 280, 101, 330, 205, 425, 118, 347] as const;

/**
 * A point is foreign when its colour differs by more than this from its usual one (luma counts half). It makes
 * the shares below: clear mouths to .15, covered ones .5 to .8 of the prototype's clips.
 */
const FOREIGN = 22;
/** A mouth is covered when this share of its points is foreign; clear mouths stay below .15 … */
const COVERED = 0.4;
/** … but restless clips reach .37 by themselves, so this much above the clip's own median is asked too. */
const ABOVE_USUAL = 0.25;
/** A hand is there before and after most of the mouth is covered. */
const BESIDE_FRAMES = 2;

/** Reads the colours that tell whether something lies over the mouth. */
export function sampleFace(frame: YuvFrame, mesh: Float32Array): FaceSample {
  const sample = new Uint8Array((mouthPoints.length + lightPoints.length) * 3);
  [...mouthPoints, ...lightPoints].forEach((vertex, i) => {
    const x = Math.max(1, Math.min(frame.width - 2, Math.round(mesh[vertex * 3] ?? 0)));
    const y = Math.max(1, Math.min(frame.height - 2, Math.round(mesh[vertex * 3 + 1] ?? 0)));
    let luma = 0;
    for (const [dx, dy] of [
      [-1, 0],
      [1, 0],
      [0, -1],
      [0, 1],
    ] as const)
      luma += frame.y[(y + dy) * frame.width + x + dx] ?? 0;
    const chroma = (y >> 1) * (frame.width >> 1) + (x >> 1);
    sample[i * 3] = luma / 4;
    sample[i * 3 + 1] = frame.u[chroma] ?? 128;
    sample[i * 3 + 2] = frame.v[chroma] ?? 128;
  });
  return sample;
}

/** Which frames of a track show something over the mouth. `samples[i]` belongs to its i-th frame. */
export function coveredFrames(samples: readonly (FaceSample | null)[]): boolean[] {
  const seen = samples.filter((sample) => sample !== null);
  if (seen.length === 0) return samples.map(() => false);
  const usual = medianSample(seen);
  const shares = samples.map((sample) => (sample ? foreignShare(sample, usual) : 0));
  const typical = median(seen.map((sample) => foreignShare(sample, usual)));
  const limit = Math.max(COVERED, typical + ABOVE_USUAL);
  return shares.map((_, index) =>
    shares
      .slice(Math.max(0, index - BESIDE_FRAMES), index + BESIDE_FRAMES + 1)
      .some((share) => share > limit),
  );
}

/** The share of the points around the mouth that don't have their usual colour, 0..1. */
export function foreignShare(sample: FaceSample, usual: FaceSample): number {
  const light = lightOf(sample) / Math.max(1, lightOf(usual));
  let foreign = 0;
  for (let i = 0; i < mouthPoints.length * 3; i += 3) {
    const luma = Math.abs((sample[i] ?? 0) - (usual[i] ?? 0) * light);
    const blue = Math.abs((sample[i + 1] ?? 0) - (usual[i + 1] ?? 0));
    const red = Math.abs((sample[i + 2] ?? 0) - (usual[i + 2] ?? 0));
    if (luma / 2 + blue + red > FOREIGN) foreign++;
  }
  return foreign / mouthPoints.length;
}

function lightOf(sample: FaceSample): number {
  const lumas = lightPoints.map((_, i) => sample[(mouthPoints.length + i) * 3] ?? 0);
  return median(lumas);
}

function medianSample(samples: readonly FaceSample[]): FaceSample {
  // A few hundred frames tell the usual colours as well as all of them.
  const some = samples.filter((_, i) => i % Math.ceil(samples.length / 300) === 0);
  return Uint8Array.from({ length: some[0]?.length ?? 0 }, (_, i) =>
    median(some.map((sample) => sample[i] ?? 0)),
  );
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function verticesWhere(accept: (vertex: number, x: number, y: number) => boolean): number[] {
  return Array.from({ length: VERTEX_COUNT }, (_, vertex) => vertex).filter((vertex) =>
    accept(vertex, canonical[vertex * 2] ?? 0, canonical[vertex * 2 + 1] ?? 0),
  );
}
