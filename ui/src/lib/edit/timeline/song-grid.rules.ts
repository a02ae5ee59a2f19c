import type { SongStructure } from '#contract/song-structure.schema';
import type { TimelineView } from './timeline-scale.rules.ts';

export type SongGrid = Pick<SongStructure, 'beats' | 'bars' | 'sections'>;
/** What of the grid is shown at a zoom: every how many bars a line, and whether beats have one. */
export type GridLevel = { everyBars: number; beats: boolean };

/** Lines nearer to each other than this are a grey area, in CSS pixels. */
const LINE_PIXELS = 9;

const spacing = (times: readonly number[]) =>
  times.length < 2 ? 0 : ((times.at(-1) ?? 0) - (times[0] ?? 0)) / (times.length - 1);

/** Which lines have room. @param scale CSS pixels a second */
export function gridLevel({ beats, bars }: SongGrid, scale: number): GridLevel {
  const bar = spacing(bars) * scale;
  let everyBars = 1;
  while (bar > 0 && bar * everyBars < LINE_PIXELS) everyBars *= 2;
  return { everyBars, beats: spacing(beats) * scale >= LINE_PIXELS };
}

/** Seconds of the lines that are shown. `bars` are among `beats`. */
export function gridTimes(grid: SongGrid, level: GridLevel): { seconds: number; isBar: boolean }[] {
  const bars = new Set(grid.bars.filter((_, index) => index % level.everyBars === 0));
  return (level.beats ? grid.beats : [...bars]).map((seconds) => {
    const isBar = bars.has(seconds);
    return { seconds, isBar };
  });
}

/** The lines in view: pixels from its left edge. */
export function linesInView(
  grid: SongGrid,
  view: TimelineView,
  width: number,
): { x: number; isBar: boolean }[] {
  return gridTimes(grid, gridLevel(grid, view.scale))
    .map(({ seconds, isBar }) => {
      const x = seconds * view.scale - view.left;
      return { x, isBar };
    })
    .filter(({ x }) => x >= 0 && x <= width);
}
