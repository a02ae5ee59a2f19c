import { gridLevel, gridTimes, type SongGrid } from './song-grid.rules.ts';

export type SnapKind = 'section' | 'cut' | 'playhead' | 'bar' | 'beat';
/** Where something may snap to, in frames of the project. */
export type SnapPoint = { frame: number; kind: SnapKind };

/** Of two that are as near, the one that means more. */
const rank: Record<SnapKind, number> = { section: 0, cut: 1, playhead: 2, bar: 3, beat: 4 };

/**
 * Everything to snap to: sections, bars and beats as far as the timeline shows them at its zoom, cuts
 * between scenes, the playhead.
 * @param cuts frames @param playhead frame, null where it is what moves @param scale CSS pixels a second
 */
export function snapPoints(of: {
  grid: SongGrid | null;
  cuts: readonly number[];
  playhead: number | null;
  scale: number;
  fps: number;
}): SnapPoint[] {
  const { grid, cuts, playhead, scale, fps } = of;
  const points: SnapPoint[] = cuts.map((frame) => ({ frame, kind: 'cut' }));
  if (playhead !== null) points.push({ frame: playhead, kind: 'playhead' });
  if (grid === null) return points;
  for (const { start, end } of grid.sections) {
    points.push({ frame: Math.round(start * fps), kind: 'section' });
    points.push({ frame: Math.round(end * fps), kind: 'section' });
  }
  for (const { seconds, isBar } of gridTimes(grid, gridLevel(grid, scale))) {
    points.push({ frame: Math.round(seconds * fps), kind: isBar ? 'bar' : 'beat' });
  }
  return points;
}

/** The point nearest to a frame that is within `reach` frames of it; null: nothing is. */
export function nearestSnap(points: readonly SnapPoint[], frame: number, reach: number): SnapPoint | null {
  let best: SnapPoint | null = null;
  for (const point of points) {
    const distance = Math.abs(point.frame - frame);
    if (distance > reach) continue;
    const known = best === null ? Number.POSITIVE_INFINITY : Math.abs(best.frame - frame);
    if (distance < known || (distance === known && best !== null && rank[point.kind] < rank[best.kind])) {
      best = point;
    }
  }
  return best;
}

/** The next point before (−1) or after (1) a frame, of those that the song gives: bars and sections. */
export function nextOfSong(points: readonly SnapPoint[], frame: number, by: 1 | -1): number | null {
  const frames = points
    .filter(({ kind }) => kind === 'bar' || kind === 'section')
    .map((point) => point.frame)
    .filter((at) => (by === 1 ? at > frame : at < frame));
  if (frames.length === 0) return null;
  return by === 1 ? Math.min(...frames) : Math.max(...frames);
}
