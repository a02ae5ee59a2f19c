import { expect, test } from 'bun:test';
import { formatOf, otherShapes, proposedScenes, sceneLengths, shapes, sizeOf } from './formats.rules.ts';

test('a copy in another shape keeps the shorter side', () => {
  expect(otherShapes({ width: 1280, height: 720 })).toEqual(['portrait', 'square', 'feed']);
  expect(sizeOf('portrait', 720)).toEqual({ width: 720, height: 1280 });
  expect(sizeOf('square', 720)).toEqual({ width: 720, height: 720 });
  expect(sizeOf('portrait', 4096)).toEqual({ width: 2304, height: 4096 });
});

test('sizes are even and keep their shape', () => {
  expect(formatOf('landscape', 720, 25)).toEqual({ width: 1280, height: 720, fps: 25 });
  expect(formatOf('portrait', 1080, 30)).toEqual({ width: 1080, height: 1920, fps: 30 });
  expect(formatOf('feed', 1080, 24)).toEqual({ width: 1080, height: 1350, fps: 24 });
  for (const shape of ['landscape', 'portrait', 'square', 'feed'] as const) {
    const { width, height } = formatOf(shape, 720, 25);
    expect([width % 2, height % 2]).toEqual([0, 0]);
    expect(width / height).toBeCloseTo(shapes[shape].width / shapes[shape].height, 2);
  }
});

test('scenes cover the song to the frame, evenly', () => {
  for (const [seconds, count, fps] of [
    [183.37, 23, 25],
    [10, 3, 24],
    [0.1, 5, 30],
  ] as const) {
    const frames = sceneLengths(seconds, count, fps).map((length) => Math.round(length * fps));
    expect(frames).toHaveLength(count);
    expect(frames.reduce((sum, next) => sum + next, 0)).toBe(Math.max(count, Math.ceil(seconds * fps)));
    expect(Math.max(...frames) - Math.min(...frames)).toBeLessThanOrEqual(1);
    expect(Math.min(...frames)).toBeGreaterThan(0);
  }
  expect(sceneLengths(null, 2, 25)).toEqual([8, 8]);
});

test('the number of scenes follows the song', () => {
  expect([3, 60, 240, 10_000].map(proposedScenes)).toEqual([1, 8, 30, 60]);
});
