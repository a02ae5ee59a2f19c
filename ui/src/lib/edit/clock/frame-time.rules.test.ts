import { describe, expect, test } from 'bun:test';
import { frameAt, lastFrameOf, middleOfFrame } from './frame-time.rules.ts';

describe('frames and seconds', () => {
  test('every frame of ten minutes is found from its own time and from its middle, at each rate', () => {
    for (const fps of [24, 25, 30]) {
      for (let frame = 0; frame < 600 * fps; frame++) {
        expect(frameAt(frame / fps, fps)).toBe(frame);
        expect(frameAt(middleOfFrame(frame, fps), fps)).toBe(frame);
      }
    }
  });

  test('the last frame starts one frame before the end', () => {
    expect(lastFrameOf(2, 25)).toBe(49);
    expect(lastFrameOf(0.29, 100)).toBe(28);
    expect(lastFrameOf(0, 25)).toBe(0);
  });
});
