/**
 * A mesh in sixteen bits: a ten-minute clip has 15,000 of them. An eighth of a pixel is below the
 * model's own tremble, and the largest picture (4096 px) just fits.
 */
export type CompactMesh = Int16Array;

const STEPS_PER_PIXEL = 8;

export function packMesh(mesh: Float32Array): CompactMesh {
  return Int16Array.from(mesh, (value) =>
    Math.max(-32_768, Math.min(32_767, Math.round(value * STEPS_PER_PIXEL))),
  );
}

/** Adds `weight` times a mesh (in pixels) onto `sum`. */
export function addMesh(sum: Float32Array, mesh: CompactMesh, weight: number): void {
  const factor = weight / STEPS_PER_PIXEL;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + factor * (mesh[i] ?? 0);
}

/** One face through one shot. `meshes[i]` belongs to frame `shot.start + i`; null: not seen there. */
export type FaceTrack = {
  id: number;
  meshes: (CompactMesh | null)[];
};

/** Frames between two cuts, `end` exclusive, and the faces seen in them. */
export type Shot = { start: number; end: number; tracks: FaceTrack[] };

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
