import { describe, expect, test } from 'bun:test';
import type { Scene } from '#contract/scene.schema';
import { holdRange, listOf, slideRange, slotOf, trimEffects } from './trim-effects.rules.ts';

const lipsync = (stale: boolean): Scene['lipsync'] => ({
  stale,
  staleReason: null,
  madeFor: null,
  madeWith: null,
});
const scene = (sequence: number, frames: number | null, synced: Scene['lipsync'] = null) =>
  ({ sequence, frames, lipsync: synced }) as Scene;

describe('what a trim does to others', () => {
  const scenes = [scene(1, 50), scene(2, 40, lipsync(false)), scene(3, null), scene(4, 30, lipsync(true))];

  test('later scenes move by the change, fresh lip-syncs of theirs become stale', () => {
    expect(trimEffects({ scenes }, scene(1, 50), 38)).toEqual({
      moved: { sequences: [2, 4], frames: -12 },
      stale: [2],
      ownStale: false,
    });
  });

  test('the same length moves nothing, though its own lip-sync may no longer fit', () => {
    expect(trimEffects({ scenes }, scene(2, 40, lipsync(false)), 40)).toEqual({
      moved: { sequences: [], frames: 0 },
      stale: [],
      ownStale: true,
    });
  });
});

test('a range keeps one frame and stays in the clip; what is held wins nothing from the other', () => {
  expect(holdRange([30, 20], 100, 'in')).toEqual([19, 20]);
  expect(holdRange([30, 20], 100, 'out')).toEqual([30, 31]);
  expect(holdRange([-5, 400], 100, 'out')).toEqual([0, 100]);
  expect(holdRange([Number.NaN, 100], 100, 'in')).toEqual([0, 100]);
  expect(holdRange([400, 400], 100, 'out')).toEqual([99, 100]);
});

test('numbers read as a sentence does', () => {
  expect(listOf([2, 3, 4], 'en')).toBe('2, 3, and 4');
  expect(listOf([2, 3], 'de')).toBe('2 und 3');
});

test('a clip slid under its scene keeps the scene’s length and stays in the clip', () => {
  expect(slideRange([10, 30], 25, 100, 'in')).toEqual([25, 45]);
  expect(slideRange([10, 30], 25, 100, 'out')).toEqual([5, 25]);
  expect(slideRange([10, 30], 999, 100, 'in')).toEqual([80, 100]);
  expect(slideRange([10, 30], -4, 100, 'out')).toEqual([0, 20]);
  expect(slideRange([10, 30], Number.NaN, 100, 'in')).toEqual([10, 30]);
});

test('a scene is as long as its clip takes at its speed', () => {
  expect([slotOf(50, 1), slotOf(50, 2), slotOf(50, 0.5), slotOf(1, 4)]).toEqual([50, 25, 100, 1]);
});
