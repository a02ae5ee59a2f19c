/**
 * Frame under a time in seconds. A clock read in floating point may lie a hair before the frame it means
 * (0.08 s × 25 = 2 but 0.28 s × 25 = 7.000000000000001, 0.29 s × 100 = 28.999999999999996), so a
 * thousandth of a frame is forgiven.
 */
export function frameAt(seconds: number, fps: number): number {
  return Math.max(0, Math.floor(seconds * fps + 0.001));
}

/** Number of the last frame of a length in seconds, which is a whole number of frames; 0 when there is none. */
export function lastFrameOf(seconds: number, fps: number): number {
  return Math.max(0, Math.round(seconds * fps) - 1);
}

/** Seconds at which a clip that stands still shows a frame: its middle, because its edge may round to the one before. */
export function middleOfFrame(frame: number, fps: number): number {
  return (frame + 0.5) / fps;
}
