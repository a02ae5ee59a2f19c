import { expect, test } from 'bun:test';
import { en } from '#lib/text/en.ts';
import { batchSeconds, costOf, durationOf, priceOf } from './provider-words.ts';

const words = en.provider;

test('prices are said with what they are for', () => {
  expect(priceOf({ unit: 'free', unitUsd: 0 }, words, 'en')).toBe('free');
  expect(priceOf({ unit: 'second', unitUsd: 0.05 }, words, 'en')).toBe('$0.05 a second');
  expect(priceOf({ unit: 'image', unitUsd: null }, words, 'en')).toBe('price not known');
});

test('a cost says when it is a guess, and never claims an unknown one is nothing', () => {
  expect(costOf({ unit: 'second', usd: 0.4, approximate: true }, words, 'en')).toBe('Costs about $0.40');
  expect(costOf({ unit: 'second', usd: null, approximate: false }, words, 'en')).toBe(
    'What it costs is not known',
  );
  expect(costOf({ unit: 'free', usd: 0, approximate: false }, words, 'en')).toContain('nothing');
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
  expect(durationOf({ from: 60, to: 120 }, words, 'en')).toBe('takes 60 sec to 2 min');
});
