import { addMesh, type CompactMesh } from './compact.mesh';

/** Smoothing over time in frames: takes the model's tremble away and leaves speech as sharp as it was. */
const SIGMA = 0.7;
const REACH = 3;
const weights = Array.from({ length: REACH + 1 }, (_, step) => Math.exp(-0.5 * (step / SIGMA) ** 2));

/**
 * The mesh of one frame of a track, smoothed with a Gaussian over its neighbours, in pixels. Gaps
 * are not bridged: what lies beyond one doesn't count. Null where the face isn't seen.
 */
export function smoothedMesh(meshes: readonly (CompactMesh | null)[], index: number): Float32Array | null {
  const mesh = meshes[index];
  if (!mesh) return null;
  const sum = new Float32Array(mesh.length);
  let total = weights[0] ?? 1;
  addMesh(sum, mesh, total);
  for (const direction of [-1, 1]) {
    for (let step = 1; step <= REACH; step++) {
      const other = meshes[index + step * direction];
      if (!other) break;
      const weight = weights[step] ?? 0;
      total += weight;
      addMesh(sum, other, weight);
    }
  }
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) / total;
  return sum;
}
