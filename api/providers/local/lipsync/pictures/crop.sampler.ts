import type { YuvFrame } from './yuv.frame';

/** A turned square of a picture: centre and side in pixels, angle in radians (clockwise on screen). */
export type Region = { x: number; y: number; size: number; angle: number };

/**
 * Samples a turned square of a picture into `side`² RGB triples of 0..255, for the models.
 * Shrinking averages up to 3x3 points per sample, so that small detail doesn't shimmer (nearest
 * pixels: interpolating them too tripled the time and changed nothing); outside it is black. BT.709 limited range, which every normalised clip has.
 */
export function sampleRegion(frame: YuvFrame, region: Region, side: number, into: Float32Array): void {
  const taps = Math.max(1, Math.min(3, Math.round(region.size / side)));
  if (taps > 1) sampleMean(frame, region, side, into, taps);
  else sampleBilinear(frame, region, side, into);
}

/** One interpolated point per sample. Places run along a line, so they are added up, not multiplied out. */
function sampleBilinear(frame: YuvFrame, region: Region, side: number, into: Float32Array): void {
  const { width, height, y: luma, u, v } = frame;
  const chromaWidth = width >> 1;
  const { stepX, stepY, startX, startY } = walkOf(region, side);
  let out = 0;
  for (let row = 0; row < side; row++) {
    // Interpolation counts from pixel centres.
    let px = startX - row * stepY - 0.5;
    let py = startY + row * stepX - 0.5;
    for (let column = 0; column < side; column++, px += stepX, py += stepY, out += 3) {
      if (px < 0 || py < 0 || px >= width - 1 || py >= height - 1) {
        into[out] = into[out + 1] = into[out + 2] = 0;
        continue;
      }
      const x = px | 0;
      const y = py | 0;
      const at = y * width + x;
      const fx = px - x;
      const above = (luma[at] ?? 0) * (1 - fx) + (luma[at + 1] ?? 0) * fx;
      const below = (luma[at + width] ?? 0) * (1 - fx) + (luma[at + width + 1] ?? 0) * fx;
      const chroma = (y >> 1) * chromaWidth + (x >> 1);
      putRgb(into, out, above + (below - above) * (py - y), u[chroma] ?? 128, v[chroma] ?? 128);
    }
  }
}

/** The mean of taps² nearest pixels per sample. */
function sampleMean(frame: YuvFrame, region: Region, side: number, into: Float32Array, taps: number): void {
  const { width, height, y: luma, u, v } = frame;
  const chromaWidth = width >> 1;
  const { stepX, stepY, startX, startY } = walkOf(region, side);
  const count = taps * taps;
  const offsetX = new Float64Array(count);
  const offsetY = new Float64Array(count);
  for (let tap = 0; tap < count; tap++) {
    const across = ((tap % taps) + 0.5) / taps - 0.5;
    const down = (Math.floor(tap / taps) + 0.5) / taps - 0.5;
    offsetX[tap] = across * stepX - down * stepY;
    offsetY[tap] = across * stepY + down * stepX;
  }
  // A square that lies inside the picture, as most do, needs no look at the edges for every point.
  const reach = (Math.abs(stepX) + Math.abs(stepY)) * (side / 2 + 1);
  const isInside =
    region.x > reach && region.y > reach && region.x + reach < width - 1 && region.y + reach < height - 1;
  let out = 0;
  for (let row = 0; row < side; row++) {
    let px = startX - row * stepY;
    let py = startY + row * stepX;
    for (let column = 0; column < side; column++, px += stepX, py += stepY, out += 3) {
      let sumY = 0;
      let sumU = 0;
      let sumV = 0;
      let outside = 0;
      for (let tap = 0; tap < count; tap++) {
        const tapX = px + (offsetX[tap] ?? 0);
        const tapY = py + (offsetY[tap] ?? 0);
        if (!isInside && (tapX < 0 || tapY < 0 || tapX >= width - 1 || tapY >= height - 1)) {
          outside++;
          continue;
        }
        const x = tapX | 0;
        const y = tapY | 0;
        const chroma = (y >> 1) * chromaWidth + (x >> 1);
        sumY += luma[y * width + x] ?? 0;
        sumU += u[chroma] ?? 128;
        sumV += v[chroma] ?? 128;
      }
      // What lies outside counts as black.
      const mean = (sumY + 16 * outside) / count;
      putRgb(into, out, mean, (sumU + 128 * outside) / count, (sumV + 128 * outside) / count);
    }
  }
}

/** The place of the first sample, and the way from one sample to the next along a row. */
function walkOf(
  region: Region,
  side: number,
): { startX: number; startY: number; stepX: number; stepY: number } {
  const step = region.size / side;
  const stepX = step * Math.cos(region.angle);
  const stepY = step * Math.sin(region.angle);
  const first = 0.5 - side / 2;
  return {
    stepX,
    stepY,
    startX: region.x + first * (stepX - stepY),
    startY: region.y + first * (stepY + stepX),
  };
}

/** BT.709 of limited range (ITU-R BT.709-6). Without calls in it, small enough for the compiler to put it where it is used. */
function putRgb(into: Float32Array, out: number, luma: number, blue: number, red: number): void {
  const bright = 1.1644 * (luma - 16);
  const u = blue - 128;
  const v = red - 128;
  const r = bright + 1.7927 * v;
  const g = bright - 0.2132 * u - 0.5329 * v;
  const b = bright + 2.1124 * u;
  into[out] = r < 0 ? 0 : Math.min(r, 255);
  into[out + 1] = g < 0 ? 0 : Math.min(g, 255);
  into[out + 2] = b < 0 ? 0 : Math.min(b, 255);
}
