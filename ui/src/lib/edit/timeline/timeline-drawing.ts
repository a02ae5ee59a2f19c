import { timecode } from '#lib/format/time.ts';
import { linesInView, type SongGrid } from './song-grid.rules.ts';
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
  grid: SongGrid | null;
  /** What a section is called. */
  nameOf: (section: SongGrid['sections'][number]) => string;
};

/** Heights of the ruler and of the row of sections under it, in CSS pixels: the first row of the timeline. */
const RULER = 24;
const SECTIONS = 20;
/** A bar of the waveform with its gap, in CSS pixels. */
const BAR = 3;
/** How many peaks a second the studio measures (`GET /audio/peaks`). */
const PEAKS_PER_SECOND = 100;
/** Of parts, one after the other; the same part has the same. */
const TINTS = ['--voice', '--good', '--warn', '--focus', '--ink-faint'];

type Drawing = { context: CanvasRenderingContext2D; drawing: SongDrawing; style: CSSStyleDeclaration };

/** Draws the ruler, the sections, the beats and the part of the song that is in view. */
export function drawSong(canvas: HTMLCanvasElement, drawing: SongDrawing): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { width, height } = drawing;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  const all = { context, drawing, style };
  drawRuler(all);
  drawSections(all);
  drawGrid(all);
  context.fillStyle = style.color;
  const top = RULER + SECTIONS;
  const middle = top + (height - top) / 2;
  const room = height - top - 10;
  for (const { x, loudness } of barsInView(drawing.peaks, PEAKS_PER_SECOND, drawing.view, width, BAR)) {
    const tall = Math.max(1.5, loudness * room);
    context.fillRect(x, middle - tall / 2, BAR - 1, tall);
  }
}

/** A line for each bar and, where there is room, each beat. */
function drawGrid({ context, drawing, style }: Drawing): void {
  const { grid, view, width, height } = drawing;
  if (grid === null) return;
  context.fillStyle = style.getPropertyValue('--line-strong');
  for (const { x, isBar } of linesInView(grid, view, width)) {
    context.globalAlpha = isBar ? 0.9 : 0.4;
    const top = RULER + SECTIONS + (isBar ? 0 : (height - RULER - SECTIONS) / 4);
    context.fillRect(Math.round(x), top, 1, height - top);
  }
  context.globalAlpha = 1;
}

function drawSections({ context, drawing, style }: Drawing): void {
  const { grid, view, width, nameOf } = drawing;
  if (grid === null) return;
  const tintOf = (part: string) => TINTS[(part.charCodeAt(0) - 65) % TINTS.length] ?? '--ink-faint';
  context.font = `560 10.5px ${style.fontFamily}`;
  context.textBaseline = 'middle';
  for (const section of grid.sections) {
    const left = section.start * view.scale - view.left;
    const right = section.end * view.scale - view.left;
    if (right < 0 || left > width) continue;
    context.fillStyle = style.getPropertyValue(tintOf(section.part));
    context.globalAlpha = 0.22;
    context.fillRect(left + 1, RULER + 2, Math.max(1, right - left - 2), SECTIONS - 5);
    context.globalAlpha = 1;
    context.fillRect(left, RULER + 2, 2, SECTIONS - 5);
    const name = nameOf(section);
    // The name stays in sight while any part of its section is.
    const x = Math.max(left, 0) + 6;
    if (x + context.measureText(name).width > right - 4) continue;
    context.fillStyle = style.getPropertyValue('--ink');
    context.fillText(name, x, RULER + SECTIONS / 2);
  }
}

function drawRuler({ context, drawing: { view, width, fps }, style }: Drawing): void {
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
    // So near that single frames are told apart: within a second they are counted.
    const text = frame % fps === 0 ? timecode(frame / fps) : `+${frame % fps} f`;
    // Half a label at the edge would be read as another time.
    if (x + 4 + context.measureText(text).width <= width) context.fillText(text, x + 4, 10);
  }
  context.fillStyle = style.getPropertyValue('--line');
  context.fillRect(0, RULER - 1, width, 1);
}
