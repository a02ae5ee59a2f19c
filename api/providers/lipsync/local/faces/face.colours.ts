import { lowerOuter, upperOuter } from '../mesh/face.mesh';
import type { YuvFrame } from '../pixels/yuv.frame';
import type { MouthColours, Yuv } from '../render/drawn.mouth';

/** Cheeks and the skin beside the nose: lit like teeth would be. */
const skinPoints = [50, 280, 205, 425, 118, 347] as const;
/** The middle of the red of both lips lies between these rings. */
const lipPoints = [...lowerOuter.slice(3, 8), ...upperOuter.slice(3, 8)] as const;

/** Reads the colours of lips and skin of a face; in limited-range YUV. */
export function faceColours(frame: YuvFrame, mesh: Float32Array): MouthColours {
  return { lip: meanAt(frame, mesh, lipPoints), skin: meanAt(frame, mesh, skinPoints) };
}

/** The mean of several readings. */
export function meanColours(readings: readonly MouthColours[]): MouthColours {
  const mean = (pick: (colours: MouthColours) => Yuv): Yuv => ({
    y: average(readings.map((reading) => pick(reading).y)),
    u: average(readings.map((reading) => pick(reading).u)),
    v: average(readings.map((reading) => pick(reading).v)),
  });
  return { lip: mean(({ lip }) => lip), skin: mean(({ skin }) => skin) };
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function meanAt(frame: YuvFrame, mesh: Float32Array, points: readonly number[]): Yuv {
  const sum = { y: 0, u: 0, v: 0 };
  for (const point of points) {
    const x = Math.max(0, Math.min(frame.width - 1, Math.round(mesh[point * 3] ?? 0)));
    const y = Math.max(0, Math.min(frame.height - 1, Math.round(mesh[point * 3 + 1] ?? 0)));
    const chroma = (y >> 1) * (frame.width >> 1) + (x >> 1);
    sum.y += (frame.y[y * frame.width + x] ?? 0) / points.length;
    sum.u += (frame.u[chroma] ?? 128) / points.length;
    sum.v += (frame.v[chroma] ?? 128) / points.length;
  }
  return sum;
}
