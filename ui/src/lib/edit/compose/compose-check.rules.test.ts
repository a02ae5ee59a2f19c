import { expect, test } from 'bun:test';
import { composeCheck, composeRequest, lastChoice, songMismatch } from './compose-check.rules.ts';

test('a video that is not as long as its song is told of, a second is not', () => {
  const of = (duration: number | null, song: number | null) =>
    songMismatch({ duration, song: song === null ? null : { duration: song } });
  expect(of(30, 180)).toEqual({ kind: 'shorter', seconds: 150 });
  expect(of(190, 180)).toEqual({ kind: 'longer', seconds: 10 });
  expect(of(180.5, 180)).toBeNull();
  expect(of(179.5, 180)).toBeNull();
  expect([of(30, null), of(null, 180)]).toEqual([null, null]);
});

test('scenes without a clip and scenes that hold are named; back and forth holds nothing', () => {
  const scene = (
    sequence: number,
    clip: boolean,
    missingFrames: number,
    ending: 'hold' | 'bounce' = 'hold',
  ) => ({
    sequence,
    currentTake: clip ? {} : null,
    missingFrames,
    window: { ending },
  });
  const of = (scenes: ReturnType<typeof scene>[]) =>
    composeCheck({ duration: 10, song: { duration: 10 }, scenes });
  expect(of([scene(1, true, 0), scene(2, true, 9, 'bounce')])).toBeNull();
  expect(of([scene(1, true, 3), scene(2, false, 0), scene(3, true, 0)])).toEqual({
    mismatch: null,
    black: [2],
    held: [1],
  });
});

test('a video is composed again as it was, the first time with a fade', () => {
  const last = { fadeInSeconds: 0, fadeOutSeconds: 0, ending: 'fill', allowMissing: true } as const;
  expect(lastChoice(null)).toEqual({ ending: 'as-is', fadeOut: true });
  expect(lastChoice(last)).toEqual({ ending: 'fill', fadeOut: false });
});

test('the fade is a second, or none', () => {
  expect(composeRequest({ ending: 'fill', fadeOut: true })).toEqual({
    ending: 'fill',
    fadeOutSeconds: 1,
    allowMissing: true,
  });
  expect(composeRequest({ ending: 'as-is', fadeOut: false }).fadeOutSeconds).toBe(0);
});
