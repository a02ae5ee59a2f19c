import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { defaultWindow } from '#contract/window.schema';
import {
  clampTo,
  rippled,
  rippleReach,
  rolled,
  rollReach,
  type SlotChanges,
  slipped,
  slipReach,
} from './timeline-edits.rules.ts';

const scene = (
  id: string,
  slotFrames: number | null,
  inFrame = 0,
  sourceFrames: number | null = 500,
  speed = 1,
) => {
  const window = { ...defaultWindow, inFrame, speed };
  return { id, slotFrames, window, sourceFrames };
};
const scenes = [scene('a', 100, 20), scene('b', 50, 30), scene('c', 80, 0, null), scene('d', 60, 10, 200, 2)];
const plain = (changes: SlotChanges) => Object.fromEntries(changes);

describe('a roll', () => {
  test('moves one cut: the neighbour gives, and both show what they showed', () => {
    expect(plain(rolled(scenes, 0, 'end', 12))).toEqual({
      a: { slotFrames: 112 },
      b: { slotFrames: 38, inFrame: 42 },
    });
    expect(plain(rolled(scenes, 1, 'start', 12))).toEqual(plain(rolled(scenes, 0, 'end', 12)));
    // Without a clip there is nothing to shift; at twice the speed two frames of the clip pass for each.
    expect(plain(rolled(scenes, 1, 'end', -5))).toEqual({ b: { slotFrames: 45 }, c: { slotFrames: 85 } });
    expect(plain(rolled(scenes, 2, 'end', 5))).toEqual({
      c: { slotFrames: 85 },
      d: { slotFrames: 55, inFrame: 20 },
    });
  });

  test('leaves each scene a frame and begins no clip before its first', () => {
    expect(rollReach(scenes, 0, 'end')).toEqual({ earliest: -30, latest: 49 });
    expect(rollReach(scenes, 2, 'end')).toEqual({ earliest: -5, latest: 59 });
    expect(rollReach(scenes, 0, 'start')).toBeNull();
    expect(rollReach(scenes, 3, 'end')).toBeNull();
    expect(rollReach([scene('x', null), scene('y', 5)], 0, 'end')).toBeNull();
  });

  test('moves no other cut, however far it is dragged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 }), fc.integer({ min: -9999, max: 9999 }), (at, wish) => {
        const reach = rollReach(scenes, at, 'end');
        if (reach === null) throw new Error('There is a cut.');
        const changes = rolled(scenes, at, 'end', clampTo(reach, wish));
        const lengths = scenes.map(({ id, slotFrames }) => changes.get(id)?.slotFrames ?? slotFrames ?? 0);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(290);
        expect(Math.min(...lengths)).toBeGreaterThan(0);
        for (const { inFrame } of changes.values()) expect(inFrame ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a ripple', () => {
  const [a, , c] = scenes;
  if (a === undefined || c === undefined) throw new Error('There are scenes.');

  test('changes one length; trimming the start shows the clip from later on', () => {
    expect(plain(rippled(a, 'end', -40))).toEqual({ a: { slotFrames: 60 } });
    expect(plain(rippled(a, 'start', 15))).toEqual({ a: { slotFrames: 85, inFrame: 35 } });
    expect(plain(rippled(c, 'start', 15))).toEqual({ c: { slotFrames: 65 } });
  });

  test('reaches from one frame to the longest scene', () => {
    expect(rippleReach(a, 'end')).toEqual({ earliest: -99, latest: 17_900 });
    expect(rippleReach(a, 'start')).toEqual({ earliest: -20, latest: 99 });
    expect(rippleReach(scene('x', null), 'end')).toBeNull();
  });
});

describe('a slip', () => {
  test('slides the clip and keeps the scene covered', () => {
    expect(slipReach(scene('a', 100, 20))).toEqual({ earliest: -20, latest: 380 });
    expect(slipReach(scene('d', 60, 10, 200, 2))).toEqual({ earliest: -10, latest: 71 });
    expect(plain(slipped(scene('a', 100, 20), -7))).toEqual({ a: { inFrame: 13 } });
  });

  test('is nothing without a clip or where the clip is no longer than the scene', () => {
    expect(slipReach(scene('c', 80, 0, null))).toBeNull();
    expect(slipReach(scene('e', 80, 0, 60))).toBeNull();
    // What was slid too far can be slid back.
    expect(slipReach(scene('e', 80, 30, 60))).toEqual({ earliest: -30, latest: 0 });
  });
});
