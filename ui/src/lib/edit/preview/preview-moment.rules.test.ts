import { describe, expect, test } from 'bun:test';
import { momentAt, nextClipIndex, sceneStarts } from './preview-moment.rules.ts';

const scenes = [
  { id: 'a', takeId: 'a1', frames: 50, clipUrl: '/a' },
  { id: 'b', takeId: 'b1', frames: 25, clipUrl: null },
  { id: 'c', takeId: 'c1', frames: 0, clipUrl: '/none' },
  { id: 'd', takeId: 'd1', frames: 30, clipUrl: '/d' },
];

describe('what the preview shows', () => {
  test('a scene starts at the sum of the frames before it', () => {
    expect(sceneStarts(scenes)).toEqual([0, 50, 75, 75, 105]);
    expect(sceneStarts([])).toEqual([0]);
  });

  test('the cut belongs to the later scene, the frame before it to the earlier', () => {
    expect(momentAt(scenes, 49 / 25, 25)).toMatchObject({ kind: 'clip', index: 0, frame: 49 });
    expect(momentAt(scenes, 2, 25)).toEqual({ kind: 'gap', index: 1, frame: 0 });
    expect(momentAt(scenes, 3, 25)).toMatchObject({ kind: 'clip', index: 3, frame: 0, offsetSeconds: 0 });
  });

  test('ends after the last frame and with no scenes', () => {
    expect(momentAt(scenes, 105 / 25, 25)).toEqual({ kind: 'end' });
    expect(momentAt([], 0, 25)).toEqual({ kind: 'end' });
  });

  test('preloads the next scene that has something to show', () => {
    expect(nextClipIndex(scenes, 0)).toBe(3);
    expect(nextClipIndex(scenes, 3)).toBeNull();
  });
});
