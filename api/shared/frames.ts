/**
 * Time is counted in whole frames; seconds are made only at the edge. Sums of decimal seconds
 * drift by hundreds of milliseconds over dozens of clips, sums of frames don't.
 */

/** Seconds of a number of frames. */
export function framesToSeconds(frames: number, fps: number): number {
  return frames / fps;
}

/**
 * The frame that is on screen at a time. The .02 frame of grace lets a time that was rounded to
 * milliseconds (5.583333 s written as 5.583) still name its own frame.
 */
export function secondsToFrame(seconds: number, fps: number): number {
  return Math.floor(seconds * fps + 0.02);
}

/** A length in seconds as the nearest whole number of frames, at least one. */
export function secondsToFrameCount(seconds: number, fps: number): number {
  return Math.max(1, Math.round(seconds * fps));
}

/**
 * The first audio sample of a frame. Exact for every supported rate: 48 kHz is a multiple of
 * 24, 25 and 30.
 */
export function frameToSample(frame: number, fps: number, sampleRate: number): number {
  return Math.round((frame * sampleRate) / fps);
}

/**
 * How many frames of a slot a clip reaches: slot frame k shows source frame inFrame + floor(k × speed), and
 * the source has `sourceFrames`. What a slot has beyond is filled by the window's ending. 0 when the clip
 * begins after the source's end.
 */
export function reachedFrames(sourceFrames: number, window: { inFrame: number; speed: number }): number {
  // The small part keeps a speed like 1/3 from making a frame of its rounding.
  return Math.max(0, Math.ceil((sourceFrames - window.inFrame) / window.speed - 1e-6));
}
