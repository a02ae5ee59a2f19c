import { describe, expect, test } from 'bun:test';
import { defaultWindow } from '#contract/window.schema';
import { canMove, fillingSpeed, movedFraming, pictureBox, reachedFrames } from './framing.rules.ts';

const wide = { width: 320, height: 180 };
const tall = { width: 180, height: 320 };
const framing = defaultWindow.framing;

describe('where the picture lies', () => {
  test('a filling one covers the frame around its point', () => {
    expect(pictureBox(wide, wide, framing)).toEqual({ left: 0, top: 0, width: 1, height: 1 });
    const box = pictureBox(wide, tall, framing);
    expect(box.width).toBeCloseTo(3.1605, 3);
    expect(box.left).toBeCloseTo(-1.0802, 3);
    expect(pictureBox(wide, tall, { ...framing, x: 0 }).left).toBe(0);
    expect(pictureBox(wide, tall, { ...framing, x: 1 }).left).toBeCloseTo(1 - box.width, 6);
  });
  test('a fitting one is whole, a free one scaled', () => {
    const box = pictureBox(tall, wide, { ...framing, mode: 'fit' });
    expect([box.height, box.top]).toEqual([1, 0]);
    expect(box.left).toBeCloseTo((1 - box.width) / 2, 6);
    expect(pictureBox(wide, wide, { ...framing, mode: 'free', scale: 2, x: 0.25 }).left).toBe(0);
  });
  test('a picture that was moved goes along with the hand, and a filling one stops at its edge', () => {
    const box = pictureBox(wide, tall, framing);
    expect(movedFraming(framing, box, { x: box.width / 10, y: 3 })).toMatchObject({ x: 0.4, y: 0.5 });
    expect(movedFraming(framing, box, { x: 99, y: 0 }).x).toBeCloseTo(0.5 / box.width, 3);
    const free = { ...framing, mode: 'free' } as const;
    expect(movedFraming(free, box, { x: 99, y: 0 }).x).toBe(0);
    expect(canMove(box)).toBe(true);
    expect(canMove(pictureBox(wide, wide, framing))).toBe(false);
  });
});

test('a clip is slowed until it fills the slot, to a half at most', () => {
  for (const [slot, source] of [
    [60, 50],
    [97, 50],
    [101, 67],
  ] as const) {
    const speed = fillingSpeed(slot, source, defaultWindow);
    expect(reachedFrames(source, { ...defaultWindow, speed })).toBeGreaterThanOrEqual(slot);
    expect(reachedFrames(source, { ...defaultWindow, speed: speed + 0.02 })).toBeLessThan(slot);
  }
  expect(fillingSpeed(500, 50, defaultWindow)).toBe(0.5);
  expect(fillingSpeed(40, 50, defaultWindow)).toBe(1);
});
