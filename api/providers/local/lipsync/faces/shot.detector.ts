import type { YuvFrame } from '../pictures/yuv.frame';

/** A frame's brightness on a coarse grid: enough to tell a cut from a movement. */
export type FrameSignature = Float32Array;

const GRID = 24;

export function signatureOf(frame: YuvFrame): FrameSignature {
  const signature = new Float32Array(GRID * GRID);
  const stepX = frame.width / GRID;
  const stepY = frame.height / GRID;
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      let sum = 0;
      for (let tap = 0; tap < 9; tap++) {
        const x = Math.floor((column + ((tap % 3) + 0.5) / 3) * stepX);
        const y = Math.floor((row + (Math.floor(tap / 3) + 0.5) / 3) * stepY);
        sum += frame.y[y * frame.width + x] ?? 0;
      }
      signature[row * GRID + column] = sum / 9;
    }
  }
  return signature;
}

/** Mean absolute difference of two signatures, in luma steps. */
export function signatureDistance(a: FrameSignature, b: FrameSignature): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] ?? 0) - (b[i] ?? 0));
  return sum / a.length;
}

/** A cut changes the whole picture: more than 18 luma steps on average (a fast pan stays below 12) … */
const CUT_STEP = 18;
/** … and at least 3.5 times as much as the frames before it did, so that flashes of a shaky shot don't count. */
const CUT_RATIO = 3.5;

/** What is usual is the mean of about the last three frames. */
const USUAL_KEPT = 0.7;

/** Says for each frame in turn whether it begins a new shot; the first one does. */
export function createShotDetector(): (frame: YuvFrame) => boolean {
  let before: FrameSignature | undefined;
  let usual = 1;
  return (frame) => {
    const now = signatureOf(frame);
    if (!before) {
      before = now;
      return true;
    }
    const distance = signatureDistance(before, now);
    before = now;
    const isCut = distance > CUT_STEP && distance > CUT_RATIO * usual;
    // A cut counts too: whoever shakes the camera makes one cut, not one in every frame.
    usual = USUAL_KEPT * usual + (1 - USUAL_KEPT) * Math.max(1, distance);
    return isCut;
  };
}
