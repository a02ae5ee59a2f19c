import { describe, expect, test } from 'bun:test';
import { cutUnder, moved, movedTogether } from './scene-order.rules.ts';

describe('moved', () => {
  test('puts an item at the place it is given, up or down, and no further than the ends', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(['a', 'b', 'c', 'd'], 3, 1)).toEqual(['a', 'd', 'b', 'c']);
    expect(moved(['a', 'b'], 0, 9)).toEqual(['b', 'a']);
    expect(moved(['a', 'b'], 5, 0)).toEqual(['a', 'b']);
  });
});

test('several go together, in their order, to the cut that is meant', () => {
  const list = ['a', 'b', 'c', 'd', 'e'];
  const together = (items: string[], cut: number) => movedTogether(list, new Set(items), cut).join('');
  expect(together(['a', 'c'], 5)).toBe('bdeac');
  expect(together(['d', 'b'], 0)).toBe('bdace');
  expect(together(['b', 'c'], 2)).toBe('abcde');
  expect(together(['a', 'e'], 3)).toBe('bcaed');
  expect(together([], 3)).toBe('abcde');
});

test('a place in a list is before the first item whose middle comes after it', () => {
  expect([5, 15, 25, 99].map((place) => cutUnder([10, 20, 30], place))).toEqual([0, 1, 2, 3]);
  expect(cutUnder([], 5)).toBe(0);
});
