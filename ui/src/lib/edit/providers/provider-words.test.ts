import { expect, test } from 'bun:test';
import { en } from '#lib/text/en.ts';
import { batchSeconds, costOf, durationOf, priceOf } from './provider-words.ts';

const words = en.provider;

test('prices are said with what they are for', () => {
  expect(priceOf({ unit: 'free', unitUsd: 0 }, words, 'en')).toBe('Free');
  expect(priceOf({ unit: 'second', unitUsd: 0.05 }, words, 'en')).toBe('$0.05 per second');
  expect(priceOf({ unit: 'image', unitUsd: null }, words, 'en')).toBe('Price unknown');
});

test('a cost says when it is a guess, and never claims an unknown one is nothing', () => {
  expect(costOf({ unit: 'second', usd: 0.4, approximate: true }, words, 'en')).toBe('Costs about $0.40');
  expect(costOf({ unit: 'second', usd: null, approximate: false }, words, 'en')).toBe('Price unknown');
  expect(costOf({ unit: 'free', usd: 0, approximate: false }, words, 'en')).toContain('Free');
});

test('several jobs take as long as the longest at least, and as all of them at most', () => {
  expect(
    batchSeconds([
      { from: 5, to: 10 },
      { from: 8, to: 20 },
    ]),
  ).toEqual({ from: 8, to: 30 });
  expect(batchSeconds([{ from: 5, to: 10 }, null])).toBeNull();
  expect(batchSeconds([])).toBeNull();
});

test('a time is one number or a narrow range in one unit; a wide one says only how long it takes at most', () => {
  expect(durationOf({ from: 60, to: 120 }, words, 'en')).toBe('takes about 1–2 min');
  expect(durationOf({ from: 20, to: 60 }, words, 'en')).toBe('takes about 20–60 sec');
  expect(durationOf({ from: 120, to: 120 }, words, 'en')).toBe('takes about 2 min');
  expect(durationOf({ from: 3, to: 600 }, words, 'en')).toBe('takes up to 10 min');
  expect(durationOf({ from: 0, to: 0 }, words, 'en')).toBe('takes about 1 sec');
  expect(durationOf(null, words, 'en')).toBeNull();
});
