import { VERTEX_COUNT } from '../faces/face.mesh';
import { copyBox, evenBox, type YuvFrame } from '../pictures/yuv.frame';
import { mouthAlpha } from './mouth.weights';

/** The picture around a mouth in one frame, kept for other frames to borrow. */
export type MouthCrop = { frame: number; originX: number; originY: number; crop: YuvFrame };

export type MouthLibrary = {
  add(frameIndex: number, frame: YuvFrame, mesh: Float32Array): void;
  /** In the order of time. */
  crops(): readonly MouthCrop[];
};

/** Pixels beyond the outermost borrowed point: smoothing moves points a little after cutting out. */
const MARGIN = 6;

/** Choosing among more mouths than these 24 s of them takes long and finds hardly better ones. */
const MOST_MOUTHS = 600;

/**
 * Of a long clip whole runs are kept, this many frames each: borrowed one after the other they move as
 * the mouth did, where lone frames (tried: every 32nd of ten minutes) gave another mouth every frame.
 */
const RUN = 16;
/** With fewer runs than this to choose from, more and shorter ones are better. */
const FEW_RUNS = 12;

/** Keeps crops up to `maxBytes` and MOST_MOUTHS; beyond, runs are left out, or made shorter when there are few. */
export function createMouthLibrary(maxBytes: number): MouthLibrary {
  let crops: MouthCrop[] = [];
  let bytes = 0;
  let run = RUN;
  let period = RUN;
  const isKept = ({ frame }: { frame: number }): boolean => frame % period < run;
  return {
    add(frameIndex, frame, mesh) {
      if (!isKept({ frame: frameIndex })) return;
      const crop = cutMouth(frameIndex, frame, mesh);
      crops.push(crop);
      bytes += crop.crop.data.length;
      while ((bytes > maxBytes || crops.length > MOST_MOUTHS) && crops.length > 1) {
        const runs = new Set(crops.map((kept) => Math.floor(kept.frame / period))).size;
        if (runs < FEW_RUNS && run > 1) run /= 2;
        else period *= 2;
        crops = crops.filter(isKept);
        bytes = crops.reduce((sum, kept) => sum + kept.crop.data.length, 0);
      }
    },
    crops: () => crops,
  };
}

/** Cuts the mouth and its surroundings out of a frame. */
export function cutMouth(frameIndex: number, frame: YuvFrame, mesh: Float32Array): MouthCrop {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let vertex = 0; vertex < VERTEX_COUNT; vertex++) {
    if ((mouthAlpha[vertex] ?? 0) === 0) continue;
    left = Math.min(left, mesh[vertex * 3] ?? 0);
    right = Math.max(right, mesh[vertex * 3] ?? 0);
    top = Math.min(top, mesh[vertex * 3 + 1] ?? 0);
    bottom = Math.max(bottom, mesh[vertex * 3 + 1] ?? 0);
  }
  const box = evenBox(left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN, frame);
  return { frame: frameIndex, originX: box.x, originY: box.y, crop: copyBox(frame, box) };
}
