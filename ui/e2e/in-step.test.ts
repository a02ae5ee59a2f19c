import { expect, test } from 'bun:test';
import { framesApart, type Try } from './in-step.harness';

/** Plays these tries in turn, and counts them. */
function playing(tries: Try[]) {
  let played = 0;
  const play = async () => tries[played++ % tries.length] ?? { off: 99, stalledMs: 0 };
  return { play, played: () => played };
}
const smooth = (off: number): Try => ({ off, stalledMs: 20 });
const stalled = (off: number): Try => ({ off, stalledMs: 400 });

test('one good try of three is not enough: each that ran smoothly counts', async () => {
  expect(await framesApart(playing([smooth(5), smooth(0.2), smooth(5)]).play)).toBe(5);
  expect(await framesApart(playing([smooth(0.2), smooth(0.3), smooth(1.5)]).play)).toBe(1.5);
});

test('a try that the machine stalled is made again', async () => {
  const three = playing([stalled(9), smooth(0.2), stalled(9), smooth(0.4), smooth(0.3)]);
  expect([await framesApart(three.play), three.played()]).toEqual([0.4, 5]);
});

test('where every try was stalled, half of six must be good', async () => {
  const good = playing([stalled(9), stalled(0.2), stalled(9), stalled(0.3), stalled(9), stalled(0.1)]);
  expect([await framesApart(good.play), good.played()]).toEqual([0.3, 6]);
  expect(await framesApart(playing([stalled(9), stalled(0.2), stalled(9)]).play)).toBe(9);
});
