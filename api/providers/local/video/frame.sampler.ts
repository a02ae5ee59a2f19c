import { type YuvFrame, yuvBytes, yuvFrame } from '../lipsync/pictures/yuv.frame';
import { nearness, type Pose } from './camera.path.rules';

/** Positions between two pixels that are told apart; weights are whole 256ths. */
const PHASES = 256;

/** Catmull-Rom's four weights for every phase (Keys 1981, a = −0.5): sharp, and exact on pixels. */
function cubicWeights(): Int16Array {
  const weights = new Int16Array(PHASES * 4);
  for (let phase = 0; phase < PHASES; phase++) {
    const t = phase / PHASES;
    const exact = [
      ((-0.5 * t + 1) * t - 0.5) * t,
      (1.5 * t - 2.5) * t * t + 1,
      ((-1.5 * t + 2) * t + 0.5) * t,
      (0.5 * t - 0.5) * t * t,
    ];
    const rounded = exact.map((weight) => Math.round(weight * 256));
    // Rounding must not make the picture lighter or darker.
    const rest = 256 - rounded.reduce((sum, weight) => sum + weight, 0);
    rounded[t < 0.5 ? 1 : 2] = (rounded[t < 0.5 ? 1 : 2] ?? 0) + rest;
    weights.set(rounded, phase * 4);
  }
  return weights;
}

type Plane = { pixels: Uint8Array; width: number; height: number };

export type FrameSampler = {
  /** The frame that a camera in this pose sees. The buffer is the same every time. */
  sample(pose: Pose): YuvFrame;
};

/**
 * Looks at a sheet through a moving camera: every pixel is taken at its exact place between four by
 * four of the sheet, row by row, so that moves are smooth to a hundredth of a pixel. The lower a row,
 * the nearer it is (`Pose.parallax`, `Pose.swell`). `Math.imul` spares the checks for numbers too large
 * for 32 bits: 9.5 ms instead of 20 ms of processor for a 720p frame.
 */
export function createFrameSampler(sheet: YuvFrame, size: { width: number; height: number }): FrameSampler {
  const { width, height } = size;
  const weights = cubicWeights();
  const data = new Uint8Array(yuvBytes(width, height));
  const frame = yuvFrame(width, height, data);
  const row = new Int32Array(sheet.width + 8);
  const chroma = { width: sheet.width >> 1, height: sheet.height >> 1 };
  const planes = {
    y: { pixels: sheet.y, width: sheet.width, height: sheet.height },
    u: { pixels: sheet.u, ...chroma },
    v: { pixels: sheet.v, ...chroma },
  };
  const luma = {
    y: new Uint8ClampedArray(data.buffer, frame.y.byteOffset, frame.y.length),
    u: new Uint8ClampedArray(data.buffer, frame.u.byteOffset, frame.u.length),
    v: new Uint8ClampedArray(data.buffer, frame.v.byteOffset, frame.v.length),
  };
  return {
    sample(pose) {
      // In pixel middles: pixel 0 of a plane is at 0.
      const left = pose.x - 0.5;
      const top = pose.y - 0.5;
      samplePlane(planes.y, luma.y, { width, height, left, top, half: 1 }, pose, weights, row);
      // Colour is stored at the left of each pair of pixels and between each pair of rows (H.264 default).
      const at = { width: width >> 1, height: height >> 1, left: left / 2, top: (top - 0.5) / 2, half: 2 };
      samplePlane(planes.u, luma.u, at, pose, weights, row);
      samplePlane(planes.v, luma.v, at, pose, weights, row);
      return frame;
    },
  };
}

type View = { width: number; height: number; left: number; top: number; half: number };

function samplePlane(
  plane: Plane,
  output: Uint8ClampedArray,
  view: View,
  pose: Pose,
  weights: Int16Array,
  row: Int32Array,
): void {
  const { pixels, width: stride, height: rows } = plane;
  const { width, height, half } = view;
  // Middle of the first pixel, in pixels from the middle of the view; colour sits half a luma pixel left.
  const firstX = half === 1 ? 0.5 - width / 2 : 0.25 - width / 2;
  const firstY = 0.5 - height / 2;
  for (let y = 0; y < height; y++) {
    const near = nearness(y + 0.5, height);
    const step = pose.step * (1 - pose.swell * near);
    const start = view.left + (pose.parallax / half) * near + firstX * step;
    const sourceY = view.top + (y + firstY) * pose.step;
    const top = Math.floor(sourceY);
    const phaseY = Math.floor((sourceY - top) * PHASES) * 4;
    const [a = 0, b = 0, c = 0, d = 0] = [
      weights[phaseY],
      weights[phaseY + 1],
      weights[phaseY + 2],
      weights[phaseY + 3],
    ];
    const line = (at: number) => Math.min(Math.max(at, 0), rows - 1) * stride;
    const [r0, r1, r2, r3] = [line(top - 1), line(top), line(top + 1), line(top + 2)];
    const from = Math.max(Math.floor(start) - 1, 0);
    const to = Math.min(Math.ceil(start + step * (width - 1)) + 2, stride - 1);
    // `row[x + 2]` is column x: two columns on each side repeat the edge.
    for (let x = from; x <= to; x++) {
      row[x + 2] =
        Math.imul(pixels[r0 + x] ?? 0, a) +
        Math.imul(pixels[r1 + x] ?? 0, b) +
        Math.imul(pixels[r2 + x] ?? 0, c) +
        Math.imul(pixels[r3 + x] ?? 0, d);
    }
    if (from === 0) row[0] = row[1] = row[2] ?? 0;
    if (to === stride - 1) row[stride + 2] = row[stride + 3] = row[stride + 1] ?? 0;
    // Fixed point of 16 binary places: a step is exact to a fiftieth of a pixel over 1280.
    let place = Math.round((start + 2) * 65_536);
    const stepFixed = Math.round(step * 65_536);
    const begin = y * width;
    for (let x = 0; x < width; x++) {
      const index = place >> 16;
      const phase = ((place >> 8) & 255) << 2;
      output[begin + x] =
        (Math.imul(row[index - 1] ?? 0, weights[phase] ?? 0) +
          Math.imul(row[index] ?? 0, weights[phase + 1] ?? 0) +
          Math.imul(row[index + 1] ?? 0, weights[phase + 2] ?? 0) +
          Math.imul(row[index + 2] ?? 0, weights[phase + 3] ?? 0) +
          32_768) >>
        16;
      place += stepFixed;
    }
  }
}
