import { expect, test } from 'bun:test';
import { songMismatch } from './song-mismatch.rules.ts';

test('a video that is not as long as its song is told of, a second is not', () => {
  const of = (duration: number | null, song: number | null) =>
    songMismatch({ duration, song: song === null ? null : { duration: song } });
  expect(of(30, 180)).toEqual({ kind: 'shorter', seconds: 150 });
  expect(of(190, 180)).toEqual({ kind: 'longer', seconds: 10 });
  expect(of(180.5, 180)).toBeNull();
  expect(of(179.5, 180)).toBeNull();
  expect([of(30, null), of(null, 180)]).toEqual([null, null]);
});
