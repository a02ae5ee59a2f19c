import type { YuvFrame } from '../../../api/providers/local/lipsync/pictures/yuv.frame';
import type { FaceSquare } from './independent.detector';

/** Compares how restless the lower half of the face is in two clips. */
export type JitterMeter = {
  add(before: YuvFrame, after: YuvFrame, face: FaceSquare | null): void;
  /** After divided by before; 1: as calm as the source. */
  ratio(): number;
};

/** The lower half of the face's square, read on a grid of this many points in both directions. */
const GRID = 40;

/**
 * Jitter is the mean size of the second difference in time of the luma, on a grid that moves with
 * the face: what moves evenly counts little, what trembles or jumps counts much.
 */
export function createJitterMeter(): JitterMeter {
  const histories: Float32Array[][] = [[], []];
  const sums = [0, 0];
  return {
    add(before, after, face) {
      [before, after].forEach((frame, which) => {
        const history = histories[which];
        if (!history || !face) return;
        history.push(readGrid(frame, face));
        const [first, second, third] = history.slice(-3);
        if (first && second && third) {
          let sum = 0;
          for (let i = 0; i < third.length; i++) {
            sum += Math.abs((third[i] ?? 0) - 2 * (second[i] ?? 0) + (first[i] ?? 0));
          }
          sums[which] = (sums[which] ?? 0) + sum / third.length;
        }
        if (history.length > 3) history.shift();
      });
    },
    ratio: () => (sums[0] ? (sums[1] ?? 0) / sums[0] : 0),
  };
}

function readGrid(frame: YuvFrame, face: FaceSquare): Float32Array {
  const values = new Float32Array(GRID * GRID);
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const x = Math.round(face.x + ((column + 0.5) / GRID - 0.5) * face.size);
      const y = Math.round(face.y + ((row + 0.5) / GRID) * 0.5 * face.size);
      const inside = x >= 0 && y >= 0 && x < frame.width && y < frame.height;
      values[row * GRID + column] = inside ? (frame.y[y * frame.width + x] ?? 0) : 0;
    }
  }
  return values;
}
