import type { Yuv, YuvFrame } from '../pictures/yuv.frame';
import { lowerOuter, upperOuter } from './face.mesh';

/** Colours that a drawn mouth is mixed from, measured on the face itself. */
export type MouthColours = { lip: Yuv; skin: Yuv };

/** Cheeks and the skin beside the nose: lit like teeth would be. */
const skinPoints = [50, 280, 205, 425, 118, 347] as const;
/** The middle of the outer edges of both lips. */
const lipPoints = [...lowerOuter.slice(3, 8), ...upperOuter.slice(3, 8)] as const;
/** More frames don't change the mean. */
const MOST_READINGS = 60;

/** Gathers the mean colours of lips and skin of a face over its first frames. */
export type FaceColourReader = {
  add(frame: YuvFrame, mesh: Float32Array): void;
  mean(): MouthColours;
};

export function createFaceColours(): FaceColourReader {
  const lip = { y: 0, u: 0, v: 0 };
  const skin = { y: 0, u: 0, v: 0 };
  let readings = 0;
  const divided = (sum: Yuv): Yuv => ({
    y: sum.y / Math.max(1, readings),
    u: sum.u / Math.max(1, readings),
    v: sum.v / Math.max(1, readings),
  });
  return {
    add(frame, mesh) {
      if (readings >= MOST_READINGS) return;
      addMeanAt(lip, frame, mesh, lipPoints);
      addMeanAt(skin, frame, mesh, skinPoints);
      readings++;
    },
    mean: () => ({ lip: divided(lip), skin: divided(skin) }),
  };
}

function addMeanAt(sum: Yuv, frame: YuvFrame, mesh: Float32Array, points: readonly number[]): void {
  for (const point of points) {
    const x = Math.max(0, Math.min(frame.width - 1, Math.round(mesh[point * 3] ?? 0)));
    const y = Math.max(0, Math.min(frame.height - 1, Math.round(mesh[point * 3 + 1] ?? 0)));
    const chroma = (y >> 1) * (frame.width >> 1) + (x >> 1);
    sum.y += (frame.y[y * frame.width + x] ?? 0) / points.length;
    sum.u += (frame.u[chroma] ?? 128) / points.length;
    sum.v += (frame.v[chroma] ?? 128) / points.length;
  }
}
