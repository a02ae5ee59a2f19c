/**
 * The timeline's arithmetic: what lies where at which zoom. `scale` is CSS pixels a second, `left` the
 * pixel of the timeline at the left edge of what is in view.
 */
export type TimelineView = { scale: number; left: number };
export type ScaleBounds = { min: number; max: number };

/** A frame this wide, in pixels, is as near as one can look: thumbnails of single frames fit. */
const WIDEST_FRAME = 24;
/** Kept free right of the end, so that the last scene's edge can be taken hold of. */
export const TAIL_PIXELS = 48;

/** From all of it in view to single frames. Seconds and CSS pixels. */
export function scaleBounds(span: number, width: number, fps: number): ScaleBounds {
  const min = Math.max(0.1, (width - TAIL_PIXELS) / Math.max(span, 1));
  return { min, max: Math.max(min, WIDEST_FRAME * fps) };
}

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/** Zoomed by a factor so that what is under `x` (pixels from the left edge of the view) stays there. */
export function zoomedAt(view: TimelineView, factor: number, x: number, bounds: ScaleBounds): TimelineView {
  const scale = clamp(view.scale * factor, bounds.min, bounds.max);
  const seconds = (view.left + x) / view.scale;
  return { scale, left: Math.max(0, seconds * scale - x) };
}

/** Where a zoom slider stands, 0..1; each step of it zooms by the same factor. */
export function zoomFraction(scale: number, { min, max }: ScaleBounds): number {
  return max <= min ? 0 : clamp(Math.log(scale / min) / Math.log(max / min), 0, 1);
}

/** The scale of a place of the zoom slider: the inverse of `zoomFraction`. */
export function zoomScale(fraction: number, { min, max }: ScaleBounds): number {
  return min * (max / min) ** clamp(fraction, 0, 1);
}

/** Labels of the ruler need this much room, in pixels. */
const LABEL_PIXELS = 76;

/**
 * Frames between two labelled lines of the ruler, and between two short ones: round numbers of frames,
 * seconds or minutes, as far apart as a label needs.
 */
export function rulerSteps(scale: number, fps: number): { label: number; line: number } {
  const steps = [
    ...[1, 5, 10].filter((frames) => frames < fps),
    ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((seconds) => seconds * fps),
  ];
  const label = steps.find((frames) => (frames / fps) * scale >= LABEL_PIXELS) ?? 600 * fps;
  const parts = label === fps ? [fps, 5, 2, 1] : [5, 3, 2, 1];
  const part = parts.find((count) => label % count === 0 && (label / count / fps) * scale >= 7) ?? 1;
  return { label, line: label / part };
}

/** The loudest peak of each bar in view, 0..1. Bars stand at fixed places of the song: scrolling moves them. */
export function barsInView(
  peaks: ArrayLike<number>,
  peaksPerSecond: number,
  view: TimelineView,
  width: number,
  step: number,
): { x: number; loudness: number }[] {
  const bars: { x: number; loudness: number }[] = [];
  const perPixel = peaksPerSecond / view.scale;
  const first = Math.floor(view.left / step);
  const end = Math.ceil((view.left + width) / step);
  for (let bar = first; bar < end; bar++) {
    const from = Math.floor(bar * step * perPixel);
    if (from >= peaks.length) break;
    const to = Math.min(peaks.length, Math.max(from + 1, Math.floor((bar + 1) * step * perPixel)));
    let loudest = 0;
    for (let index = from; index < to; index++) loudest = Math.max(loudest, peaks[index] ?? 0);
    bars.push({ x: bar * step - view.left, loudness: loudest / 255 });
  }
  return bars;
}

/**
 * Where a dragged scene goes: its new place (0-based) when it is let go at a time, and the time of the
 * cut it goes to. `starts` are the starts of the scenes and the end of the last, in seconds.
 */
export function dropPlace(
  starts: readonly number[],
  from: number,
  seconds: number,
): { to: number; cut: number } {
  let nearest = 0;
  for (const [index, start] of starts.entries()) {
    if (Math.abs(start - seconds) < Math.abs((starts[nearest] ?? 0) - seconds)) nearest = index;
  }
  return { to: nearest > from ? nearest - 1 : nearest, cut: starts[nearest] ?? 0 };
}
