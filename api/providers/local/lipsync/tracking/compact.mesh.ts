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
