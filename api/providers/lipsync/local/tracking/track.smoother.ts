/**
 * Smooths each coordinate of a track over time with a Gaussian of `sigma` frames; gaps stay gaps
 * and don't bleed into their neighbours. .7 frame takes the detector's tremble and leaves lips sharp.
 */
export function smoothMeshes(
  meshes: readonly (Float32Array | null)[],
  sigma: number,
): (Float32Array | null)[] {
  const reach = Math.max(1, Math.ceil(sigma * 3));
  const weights = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - reach) / sigma) ** 2),
  );
  return meshes.map((mesh, index) => {
    if (!mesh) return null;
    const sum = new Float32Array(mesh.length);
    let total = 0;
    // From the middle outwards on both sides, stopping at the first gap.
    for (const direction of [-1, 1]) {
      for (let step = direction === 1 ? 0 : 1; step <= reach; step++) {
        const other = meshes[index + step * direction];
        if (!other) break;
        const weight = weights[reach + step] ?? 0;
        total += weight;
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + weight * (other[i] ?? 0);
      }
    }
    for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) / total;
    return sum;
  });
}
