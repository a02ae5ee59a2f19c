/** Geometry of the timeline: frames ↔ pixels at a zoom, snapping. A zoom is pixels per second. */

/** Left edge in pixels of a frame. */
export function frameToPx(frame: number, fps: number, pxPerSecond: number): number {
  return (frame / fps) * pxPerSecond;
}

/** The frame boundary nearest to a pixel, held within 0..totalFrames. */
export function pxToFrame(px: number, fps: number, pxPerSecond: number, totalFrames: number): number {
  const frame = Math.round((px / pxPerSecond) * fps);
  return Math.min(totalFrames, Math.max(0, frame));
}

/** The nearest of `points` (frames) that lies within `reachPx` pixels of the frame, else the frame itself. */
export function snapFrame(
  frame: number,
  points: readonly number[],
  reachPx: number,
  fps: number,
  pxPerSecond: number,
): number {
  let best = frame;
  let bestPx = reachPx;
  for (const point of points) {
    const distance = Math.abs(frameToPx(point - frame, fps, pxPerSecond));
    if (distance <= bestPx) {
      best = point;
      bestPx = distance;
    }
  }
  return best;
}
