import { describe, expect, test } from 'bun:test';
import {
  checkOrder,
  layOutTimeline,
  type SceneRow,
  songFrames,
  songSegment,
  staleReason,
  timelineFrames,
  trimFrames,
} from './scenes.rules';
import { someTake as take } from './takes.fixture';

const scene = (
  sequence: number,
  slotFrames: number | null,
): Pick<SceneRow, 'id' | 'sequence' | 'slotFrames'> => ({
  id: `scene-${sequence}`,
  sequence,
  slotFrames,
});

describe('layOutTimeline', () => {
  test('starts each scene at the sum of the frames before it, whatever order the rows come in', () => {
    const places = layOutTimeline([scene(3, 7), scene(1, 50), scene(2, 30)]);
    expect(places.map(({ sequence, startFrame, frames }) => [sequence, startFrame, frames])).toEqual([
      [1, 0, 50],
      [2, 50, 30],
      [3, 80, 7],
    ]);
    expect(timelineFrames(places)).toBe(87);
  });

  test('knows no start after a scene without length', () => {
    const places = layOutTimeline([scene(1, 5), scene(2, null), scene(3, 5)]);
    expect(places.map((place) => place.startFrame)).toEqual([0, 5, null]);
    expect(timelineFrames(places)).toBeNull();
  });

  test('does not drift over many scenes of fractional seconds', () => {
    // 4.1 s at 24 fps is 98.4 frames, kept as 98: sixty of them end on a whole frame.
    const places = layOutTimeline(Array.from({ length: 60 }, (_, i) => scene(i + 1, 98)));
    expect(places.at(-1)?.startFrame).toBe(59 * 98);
  });
});

describe('songFrames', () => {
  test('rounds a partly covered last frame up and an exact end not', () => {
    expect(songFrames({ samples: 48_000, sampleRate: 48_000 }, 25)).toBe(25);
    expect(songFrames({ samples: 48_001, sampleRate: 48_000 }, 25)).toBe(26);
  });
});

describe('songSegment', () => {
  test('is cut to the end of the song', () => {
    expect(songSegment(90, 50, 100)).toEqual({ startFrame: 90, endFrame: 100 });
    expect(songSegment(0, 50, 100)).toEqual({ startFrame: 0, endFrame: 50 });
  });

  test('is null from the end of the song on', () => {
    expect(songSegment(100, 50, 100)).toBeNull();
  });
});

describe('staleReason', () => {
  const synced = take({ kind: 'lipsynced', songId: 'song', audioStart: 50, audioEnd: 100, frames: 50 });
  const place = { sceneId: 'scene', sequence: 2, startFrame: 50, frames: 50 };
  const song = { id: 'song', frames: 1000 };

  test('is null while the same slice of the same song lies under the scene', () => {
    expect(staleReason(synced, place, song)).toBeNull();
    expect(staleReason(take({}), { ...place, startFrame: 7 }, song)).toBeNull();
  });

  test('names what changed', () => {
    expect(staleReason(synced, { ...place, startFrame: 49 }, song)).toBe('moved');
    expect(staleReason(synced, { ...place, startFrame: null }, song)).toBe('moved');
    expect(staleReason(synced, place, { id: 'other', frames: 1000 })).toBe('song-changed');
    expect(staleReason(synced, place, null)).toBe('song-changed');
    expect(staleReason(synced, place, { id: 'song', frames: 99 })).toBe('length-changed');
    expect(staleReason(take({ kind: 'lipsynced' }), place, song)).toBe('other-sound');
  });

  test('is null when the slice was cut at the end of the song and still is', () => {
    const cut = take({ kind: 'lipsynced', songId: 'song', audioStart: 50, audioEnd: 80, frames: 50 });
    expect(staleReason(cut, place, { id: 'song', frames: 80 })).toBeNull();
  });
});

describe('trimFrames', () => {
  const format = { width: 1280, height: 720, fps: 24 as const };

  test('takes seconds rounded to milliseconds for the frame they mean', () => {
    expect(trimFrames({ in: 5.583, out: 7.125 }, format)).toEqual({ inFrame: 134, outFrame: 171 });
  });

  test('takes frames as they are', () => {
    expect(trimFrames({ inFrame: 3, outFrame: 9 }, format)).toEqual({ inFrame: 3, outFrame: 9 });
  });
});

describe('checkOrder', () => {
  test('accepts any order of exactly the scenes', () => {
    expect(checkOrder(['a', 'b', 'c'], ['c', 'a', 'b'])).toBeNull();
  });

  test('names missing, unknown and repeated scenes', () => {
    expect(checkOrder(['a', 'b'], ['a', 'a', 'x'])).toEqual({
      missing: ['b'],
      unknown: ['x'],
      repeated: ['a'],
    });
  });
});
