import type { YuvFrame } from '../../../api/providers/local/lipsync/pictures/yuv.frame';
import type { FaceSquare } from './independent.detector';

/** Adds up how much two clips differ outside a face, frame by frame. */
export type QualityMeter = {
  add(before: YuvFrame, after: YuvFrame, face: FaceSquare | null): void;
  /** Peak signal-to-noise ratio in dB and mean structural similarity, of luma. */
  result(): { psnr: number; ssim: number };
};

/** The face's square is enlarged by this: hair and neck move with nothing, but the chin drops. */
const FACE_MARGIN = 1.35;
const BLOCK = 8;
/** The constants of the SSIM paper (Wang et al. 2004) for 8 bits. */
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

export function createQualityMeter(): QualityMeter {
  let squares = 0;
  let pixels = 0;
  let similarity = 0;
  let blocks = 0;
  return {
    add(before, after, face) {
      const half = face ? (face.size * FACE_MARGIN) / 2 : 0;
      const { width, height } = before;
      for (let y = 0; y + BLOCK <= height; y += BLOCK) {
        for (let x = 0; x + BLOCK <= width; x += BLOCK) {
          const inFace = face && Math.abs(x + 4 - face.x) < half + 4 && Math.abs(y + 4 - face.y) < half + 4;
          if (inFace) continue;
          const block = compareBlock(before.y, after.y, width, x, y);
          squares += block.squares;
          pixels += BLOCK * BLOCK;
          similarity += block.similarity;
          blocks++;
        }
      }
    },
    result: () => ({
      psnr: squares > 0 ? 10 * Math.log10((255 * 255 * pixels) / squares) : Infinity,
      ssim: blocks > 0 ? similarity / blocks : 1,
    }),
  };
}

function compareBlock(
  before: Uint8Array,
  after: Uint8Array,
  stride: number,
  left: number,
  top: number,
): { squares: number; similarity: number } {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0];
  for (let row = 0; row < BLOCK; row++) {
    for (let column = 0; column < BLOCK; column++) {
      const at = (top + row) * stride + left + column;
      const a = before[at] ?? 0;
      const b = after[at] ?? 0;
      sumA += a;
      sumB += b;
      sumAA += a * a;
      sumBB += b * b;
      sumAB += a * b;
    }
  }
  const count = BLOCK * BLOCK;
  const meanA = sumA / count;
  const meanB = sumB / count;
  const varianceA = sumAA / count - meanA * meanA;
  const varianceB = sumBB / count - meanB * meanB;
  const covariance = sumAB / count - meanA * meanB;
  const similarity =
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
  return { squares: sumAA + sumBB - 2 * sumAB, similarity };
}
