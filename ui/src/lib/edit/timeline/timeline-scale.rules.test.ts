import { describe, expect, test } from 'bun:test';
import {
  barsInView,
  dropPlace,
  rulerSteps,
  scaleBounds,
  TAIL_PIXELS,
  zoomedAt,
  zoomFraction,
  zoomScale,
} from './timeline-scale.rules.ts';

describe('timeline scale', () => {
  test('goes from the whole song in view to single frames', () => {
    const bounds = scaleBounds(100, 1000 + TAIL_PIXELS, 25);
    expect(bounds).toEqual({ min: 10, max: 600 });
    expect(scaleBounds(1, 3000, 24).max).toBeGreaterThanOrEqual(scaleBounds(1, 3000, 24).min);
  });

  test('zooming keeps what is under the pointer under it', () => {
    const bounds = { min: 10, max: 600 };
    const before = { scale: 20, left: 300 };
    const after = zoomedAt(before, 4, 250, bounds);
    expect((after.left + 250) / after.scale).toBeCloseTo((before.left + 250) / before.scale, 10);
    expect(zoomedAt(before, 1000, 0, bounds).scale).toBe(600);
    expect(zoomedAt(before, 0.001, 500, bounds)).toEqual({ scale: 10, left: 0 });
  });

  test('the zoom slider reaches both ends and back', () => {
    const bounds = { min: 7, max: 600 };
    for (const fraction of [0, 0.3, 1]) {
      expect(zoomFraction(zoomScale(fraction, bounds), bounds)).toBeCloseTo(fraction, 10);
    }
    expect(zoomFraction(5, { min: 5, max: 5 })).toBe(0);
  });

  test('labels of the ruler are round and never too near to each other, at every zoom and rate', () => {
    for (const fps of [24, 25, 30]) {
      for (let scale = 0.5; scale < 24 * fps; scale *= 1.1) {
        const { label, line } = rulerSteps(scale, fps);
        if (label < 600 * fps) expect((label / fps) * scale).toBeGreaterThanOrEqual(76);
        expect(Number.isInteger(line)).toBe(true);
        expect(label % line).toBe(0);
      }
    }
  });
});

describe('bars in view', () => {
  test('stand at fixed places of the song and show its loudest', () => {
    const peaks = new Uint8Array(1000).fill(51);
    peaks[500] = 255;
    const at = (left: number) => barsInView(peaks, 100, { scale: 10, left }, 100, 3);
    expect(at(0).length).toBe(34);
    const loud = at(0).find((bar) => bar.loudness === 1);
    expect(loud?.x).toBe(48);
    expect(at(20).find((bar) => bar.loudness === 1)?.x).toBe(28);
    expect(barsInView(peaks, 100, { scale: 10, left: 500 }, 100, 3)).toEqual([]);
  });
});

describe('drop place', () => {
  const starts = [0, 2, 5, 6, 10];
  test('is the nearest cut, counted without the scene that is moved', () => {
    expect(dropPlace(starts, 0, 5.2)).toEqual({ to: 1, cut: 5 });
    expect(dropPlace(starts, 3, 0.4)).toEqual({ to: 0, cut: 0 });
    expect(dropPlace(starts, 1, 99)).toEqual({ to: 3, cut: 10 });
    expect(dropPlace(starts, 2, 5.1)).toEqual({ to: 2, cut: 5 });
    expect(dropPlace(starts, 2, 6)).toEqual({ to: 2, cut: 6 });
  });
});
