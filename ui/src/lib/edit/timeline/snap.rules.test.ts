import { describe, expect, test } from 'bun:test';
import { nearestSnap, nextOfSong, type SnapPoint, snapPoints } from './snap.rules.ts';
import { gridLevel, linesInView, type SongGrid } from './song-grid.rules.ts';

/** 120 a minute: a beat every half second, a bar every two. */
const beats = Array.from({ length: 120 }, (_, at) => at / 2);
const grid: SongGrid = {
  beats,
  bars: beats.filter((_, at) => at % 4 === 0),
  sections: [
    { start: 0, end: 16, name: 'verse', part: 'A' },
    { start: 16, end: 60, name: null, part: 'B' },
  ],
};
const noGrid: SongGrid = { beats: [], bars: [], sections: [] };

describe('the grid of a song', () => {
  test('shows beats where there is room, and fewer bars where there is none', () => {
    expect(gridLevel(grid, 40)).toEqual({ everyBars: 1, beats: true });
    expect(gridLevel(grid, 10)).toEqual({ everyBars: 1, beats: false });
    expect(gridLevel(grid, 1)).toEqual({ everyBars: 8, beats: false });
    expect(gridLevel(noGrid, 1)).toEqual({ everyBars: 1, beats: false });
  });

  test('has only the lines in view', () => {
    const lines = linesInView(grid, { scale: 40, left: 400 }, 100);
    expect(lines).toEqual([
      { x: 0, isBar: true },
      { x: 20, isBar: false },
      { x: 40, isBar: false },
      { x: 60, isBar: false },
      { x: 80, isBar: true },
      { x: 100, isBar: false },
    ]);
    expect(linesInView(noGrid, { scale: 40, left: 0 }, 100)).toEqual([]);
  });
});

describe('snapping', () => {
  const points = snapPoints({ grid, cuts: [0, 90], playhead: 260, scale: 40, fps: 25 });

  test('goes to the nearest thing within reach, to nothing beyond it', () => {
    expect(nearestSnap(points, 98, 4)).toEqual({ frame: 100, kind: 'bar' });
    expect(nearestSnap(points, 92, 4)).toEqual({ frame: 90, kind: 'cut' });
    expect(nearestSnap(points, 114, 4)).toEqual({ frame: 113, kind: 'beat' });
    expect(nearestSnap(points, 258, 4)).toEqual({ frame: 260, kind: 'playhead' });
    expect(nearestSnap(points, 95, 4)).toBeNull();
    expect(nearestSnap([], 95, 4)).toBeNull();
  });

  test('a section is more than the bar it begins with', () => {
    expect(nearestSnap(points, 399, 4)).toEqual({ frame: 400, kind: 'section' });
  });

  test('ignores beats that are too near to each other to be seen', () => {
    const far = snapPoints({ grid, cuts: [], playhead: null, scale: 5, fps: 25 });
    expect(far.some(({ kind }) => kind === 'beat')).toBe(false);
    const none = snapPoints({ grid: null, cuts: [7], playhead: null, scale: 5, fps: 25 });
    expect(none).toEqual([{ frame: 7, kind: 'cut' }]);
  });

  test('by keys it goes from bar to bar', () => {
    expect(nextOfSong(points, 100, 1)).toBe(150);
    expect(nextOfSong(points, 100, -1)).toBe(50);
    expect(nextOfSong(points, 0, -1)).toBeNull();
    const cuts: SnapPoint[] = [{ frame: 7, kind: 'cut' }];
    expect(nextOfSong(cuts, 0, 1)).toBeNull();
  });
});
