import { expect, test } from 'bun:test';
import { isOutOfDate } from './compositions.rules';

test('a finished video is out of date with another take, another length, another order or another song', () => {
  const clip = { takeId: 'a', frames: 50 };
  const empty = { takeId: null, frames: 25 };
  const composed = { songId: 'song', scenes: [clip, empty] };
  const after = (
    scenes: { takeId: string | null; frames: number | null }[],
    songId: string | null = 'song',
  ) => isOutOfDate(composed, { songId, scenes });
  expect(after([clip, empty])).toBe(false);
  expect(after([clip, empty], 'other')).toBe(true);
  expect(after([empty, clip])).toBe(true);
  expect(after([clip])).toBe(true);
  expect(after([clip, { takeId: 'b', frames: 25 }])).toBe(true);
  // A scene that was shown black got another length; so did one whose clip is still being fitted.
  expect(after([clip, { takeId: null, frames: 26 }])).toBe(true);
  expect(after([{ takeId: 'a', frames: 49 }, empty])).toBe(true);
});
