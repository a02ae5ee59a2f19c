import { clock, timecode } from '#lib/format/time.ts';
import { barsInView, rulerSteps, type TimelineView } from './timeline-scale.rules.ts';

export type SongDrawing = {
  view: TimelineView;
  /** CSS pixels. */
  width: number;
  height: number;
  fps: number;
  peaks: ArrayLike<number>;
  /** Seconds. */
  songEnd: number;
};

/** The ruler's height, in CSS pixels: the first row of the timeline. */
const RULER = 24;
/** A bar of the waveform with its gap, in CSS pixels. */
const BAR = 3;
/** How many peaks a second the studio measures (`GET /audio/peaks`). */
const PEAKS_PER_SECOND = 100;

/** Draws the ruler and the part of the song that is in view. */
export function drawSong(canvas: HTMLCanvasElement, drawing: SongDrawing): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { width, height } = drawing;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  drawRuler(context, drawing, style);
  context.fillStyle = style.color;
  const middle = RULER + (height - RULER) / 2;
  const room = height - RULER - 10;
  for (const { x, loudness } of barsInView(drawing.peaks, PEAKS_PER_SECOND, drawing.view, width, BAR)) {
    const tall = Math.max(1.5, loudness * room);
    context.fillRect(x, middle - tall / 2, BAR - 1, tall);
  }
}

function drawRuler(
  context: CanvasRenderingContext2D,
  { view, width, fps }: SongDrawing,
  style: CSSStyleDeclaration,
): void {
  const { label, line } = rulerSteps(view.scale, fps);
  const faint = style.getPropertyValue('--ink-faint');
  const lines = style.getPropertyValue('--line-strong');
  context.font = `500 10.5px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  const first = Math.floor(((view.left / view.scale) * fps) / line) * line;
  const last = ((view.left + width) / view.scale) * fps;
  for (let frame = first; frame <= last; frame += line) {
    const x = Math.round((frame / fps) * view.scale - view.left) + 0.5;
    const isLabelled = frame % label === 0;
    context.fillStyle = lines;
    context.fillRect(x - 0.5, isLabelled ? RULER - 10 : RULER - 5, 1, isLabelled ? 10 : 5);
    if (!isLabelled) continue;
    context.fillStyle = faint;
    const seconds = frame / fps;
    const text = label % fps === 0 ? clock(seconds) : timecode(seconds, { fps });
    // Half a label at the edge would be read as another time.
    if (x + 4 + context.measureText(text).width <= width) context.fillText(text, x + 4, 10);
  }
  context.fillStyle = style.getPropertyValue('--line');
  context.fillRect(0, RULER - 1, width, 1);
}
