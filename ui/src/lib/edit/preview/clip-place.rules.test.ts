import { describe, expect, test } from 'bun:test';
import type { Scene } from '#contract/scene.schema';
import { defaultWindow } from '#contract/window.schema';
import { type ClipPlace, fileFrame, fileTime, runsAt, shownClip } from './clip-place.rules.ts';

const place = (of: Partial<ClipPlace>): ClipPlace => {
  const whole: ClipPlace = { first: 10, speed: 1, frames: 100, reached: 50, ending: 'hold' };
  return { ...whole, ...of };
};

describe('the frame of a file that a scene shows', () => {
  test('is the scene’s own, counted from the in point at the clip’s speed', () => {
    expect(fileFrame(null, 7)).toBe(7);
    expect(fileFrame(place({}), 7)).toBe(17);
    expect(fileFrame(place({ speed: 0.5 }), 7)).toBe(13);
    expect(fileFrame(place({ speed: 1 / 3 }), 3)).toBe(11);
    expect(fileTime(place({ speed: 2 }), 1, 25)).toBeCloseTo(2.4, 10);
    expect(fileTime(null, 1, 25)).toBe(1);
  });

  test('beyond the clip it is the last one, or goes back and forth', () => {
    const frames = (of: Partial<ClipPlace>) => [0, 1, 2, 3, 4, 5, 6].map((at) => fileFrame(place(of), at));
    expect(frames({ reached: 3 })).toEqual([10, 11, 12, 12, 12, 12, 12]);
    expect(frames({ reached: 3, ending: 'bounce' })).toEqual([10, 11, 12, 11, 10, 11, 12]);
    expect(frames({ reached: 1, ending: 'bounce' })).toEqual([10, 10, 10, 10, 10, 10, 10]);
    expect(runsAt(place({ reached: 3 }), 2)).toBe(true);
    expect(runsAt(place({ reached: 3 }), 3)).toBe(false);
    expect(runsAt(null, 3)).toBe(true);
  });

  test('where the file holds no picture it is the nearest that it has', () => {
    expect(fileFrame(place({ first: -5 }), 2)).toBe(0);
    expect(fileFrame(place({ first: 98 }), 20)).toBe(99);
    expect(runsAt(place({ first: -5 }), 2)).toBe(false);
    expect(runsAt(place({ first: 98 }), 20)).toBe(false);
  });
});

describe('the file that a scene shows', () => {
  const original = { id: 'o', url: 'o.mp4', sourceUrl: 'big.mov', sourceStart: 100, frames: 200 };
  const scene = (inFrame: number, fitting: boolean) =>
    ({
      currentTake: { id: 'c' },
      originalTake: original,
      videoClipUrl: 'c.mp4',
      fitting,
      window: { ...defaultWindow, inFrame },
      frames: 50,
      sourceFrames: 1000,
      missingFrames: 0,
    }) as Scene;
  const yes = () => true;

  test('is the clip, and the original while the clip is being cut', () => {
    expect(shownClip(scene(120, false), yes)).toEqual({ takeId: 'c', url: 'c.mp4', place: null });
    expect(shownClip(scene(120, true), yes)).toMatchObject({
      takeId: 'o',
      place: { first: 20, frames: 200 },
    });
  });

  test('is what was uploaded where the file for browsers doesn’t reach, if it can be played', () => {
    for (const inFrame of [99, 251]) {
      const shown = shownClip(scene(inFrame, true), yes);
      expect(shown).toMatchObject({ url: 'big.mov', place: { first: inFrame, frames: 1000 } });
      expect(shownClip(scene(inFrame, true), (id) => id !== shown.takeId)).toMatchObject({ takeId: 'o' });
    }
    expect(shownClip(scene(250, true), yes).takeId).toBe('o');
  });
});
