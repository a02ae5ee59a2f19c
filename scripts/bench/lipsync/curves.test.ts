import { describe, expect, test } from 'bun:test';
import { bestLag, correlationAt } from './curve.statistics';
import { phraseFrames } from './loudness.curve';
import { loudnessRow } from './loudness.rows';
import { beyondFloor } from './quiet.cases';

describe('bestLag', () => {
  const curve = [0, 1, 4, 2, 0, 3, 1, 0, 2, 5, 1, 0, 1, 2, 0, 4];

  test('finds how late a curve is', () => {
    const late = [9, 9, ...curve.slice(0, -2)];
    expect(bestLag(curve, late)).toBe(2);
    expect(correlationAt(2, curve, late)).toBeCloseTo(1);
    expect(bestLag(late, curve)).toBe(-2);
  });

  test('looks at the given frames alone', () => {
    const other = curve.map((value, i) => (i < 8 ? value : 9 - value));
    const within = curve.map((_, i) => i < 8);
    expect(correlationAt(0, curve, other, within)).toBeCloseTo(1);
    expect(correlationAt(0, curve, other)).toBeLessThan(0.5);
  });
});

describe('phraseFrames', () => {
  test('bridges short gaps and leaves pauses out', () => {
    const loudness = [0, 5, 9, 0, 0, 8, 0, 0, 0, 0, 0, 7, 0];
    const marks = phraseFrames(loudness).map((inside) => (inside ? 'x' : '.'));
    expect(marks.join('')).toBe('.xxxxx.....x.');
  });

  test('silence has no phrases', () => {
    expect(phraseFrames([0, 0, 0])).toEqual([false, false, false]);
  });
});

test('a mouth that opens for breath has its lag from its phrases', () => {
  const loudness = [3, 6, 9, 5, 7, 4, 0, 0, 0, 0, 0, 0, 5, 9, 6, 8, 3, 6];
  const openings = loudness.map((value) => (value === 0 ? 12 : value));
  const row = loudnessRow('clip', 'mouth', loudness, openings);
  expect(Number(row['r'])).toBeLessThan(0);
  expect(row['r in phrases']).toBe('1.00');
  expect(row['lag in phrases']).toBe(0);
});

test("a detector's own error is taken off in squares, never below nothing", () => {
  expect(beyondFloor(0.05, 0.04)).toBeCloseTo(0.03);
  expect(beyondFloor(0.03, 0.04)).toBe(0);
});
