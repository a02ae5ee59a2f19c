import type { YuvFrame } from './yuv.frame';

/** A turned square of a picture: centre and side in pixels, angle in radians (clockwise on screen). */
export type Region = { x: number; y: number; size: number; angle: number };

/**
 * Samples a turned square of a picture into `side`² RGB triples of 0..255, for the models.
 * Shrinking averages up to 3x3 points per sample, so that small detail doesn't shimmer (nearest
 * pixels: interpolating them too tripled the time and changed nothing); outside it is black. BT.709 limited range, which every normalised clip has.
 */
export function sampleRegion(frame: YuvFrame, region: Region, side: number, into: Float32Array): void {
  const step = region.size / side;
  const taps = Math.max(1, Math.min(3, Math.round(step)));
  const cos = Math.cos(region.angle);
  const sin = Math.sin(region.angle);
  const { width, height, y: luma, u, v } = frame;
  const chromaWidth = width >> 1;
  const share = 1 / (taps * taps);
  // Interpolation counts from pixel centres, nearest picks the pixel that holds the point.
  const half = taps > 1 ? 0 : 0.5;
  let out = 0;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      let sumY = 0;
      let sumU = 0;
      let sumV = 0;
      let inside = 0;
      for (let tap = 0; tap < taps * taps; tap++) {
        const dx = (column + ((tap % taps) + 0.5) / taps) * step - region.size / 2;
        const dy = (row + (Math.floor(tap / taps) + 0.5) / taps) * step - region.size / 2;
        const px = region.x + dx * cos - dy * sin - half;
        const py = region.y + dx * sin + dy * cos - half;
        const x = Math.floor(px);
        const y = Math.floor(py);
        if (x < 0 || y < 0 || x >= width - 1 || y >= height - 1) continue;
        const at = y * width + x;
        if (taps > 1) {
          sumY += luma[at] ?? 0;
        } else {
          const fx = px - x;
          const fy = py - y;
          const above = (luma[at] ?? 0) * (1 - fx) + (luma[at + 1] ?? 0) * fx;
          const below = (luma[at + width] ?? 0) * (1 - fx) + (luma[at + width + 1] ?? 0) * fx;
          sumY += above * (1 - fy) + below * fy;
        }
        const chroma = (y >> 1) * chromaWidth + (x >> 1);
        sumU += u[chroma] ?? 128;
        sumV += v[chroma] ?? 128;
        inside++;
      }
      const bright = 1.1644 * (sumY - 16 * inside);
      const blue = sumU - 128 * inside;
      const red = sumV - 128 * inside;
      into[out++] = limit((bright + 1.7927 * red) * share);
      into[out++] = limit((bright - 0.2132 * blue - 0.5329 * red) * share);
      into[out++] = limit((bright + 2.1124 * blue) * share);
    }
  }
}

function limit(value: number): number {
  return value < 0 ? 0 : Math.min(255, value);
}
