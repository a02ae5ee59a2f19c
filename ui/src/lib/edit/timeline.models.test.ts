import { expect, test } from 'bun:test';
import { frameToPx, pxToFrame, snapFrame } from './timeline.models';

test('a frame comes back from its pixel at every zoom', () => {
  for (const zoom of [8, 37.5, 400]) {
    for (let frame = 0; frame < 2000; frame += 7) {
      expect(pxToFrame(frameToPx(frame, 24, zoom), 24, zoom, 2000)).toBe(frame);
    }
  }
});

test('a pixel outside the timeline is held at its ends', () => {
  expect(pxToFrame(-5, 25, 100, 50)).toBe(0);
  expect(pxToFrame(9999, 25, 100, 50)).toBe(50);
});

test('snaps to the nearest point in reach, and to nothing beyond it', () => {
  expect(snapFrame(48, [0, 45, 50], 12, 25, 100)).toBe(50);
  expect(snapFrame(30, [0, 50], 12, 25, 100)).toBe(30);
});
