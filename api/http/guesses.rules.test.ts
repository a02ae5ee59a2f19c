import { expect, test } from 'bun:test';
import {
  FIRST_WAIT_MS,
  type Guesses,
  LONGEST_WAIT_MS,
  WINDOW_MS,
  WRONG_PER_WINDOW,
  waitOf,
  withWrong,
} from './guesses.rules';

/** Sends `count` wrong tokens, one each `everyMs`; tokens that have to wait are not looked at. */
function send(count: number, everyMs: number, from: Guesses | undefined = undefined, start = 0) {
  let guesses = from;
  let lookedAt = 0;
  for (let n = 0; n < count; n++) {
    const now = start + n * everyMs;
    if (waitOf(guesses, now) > 0) continue;
    guesses = withWrong(guesses, now);
    lookedAt++;
  }
  return { guesses, lookedAt };
}

test('ten wrong tokens within a minute make the address wait; nine do not', () => {
  const few = send(WRONG_PER_WINDOW - 1, 100);
  expect(waitOf(few.guesses, 1000)).toBe(0);
  const many = send(WRONG_PER_WINDOW, 100);
  expect(waitOf(many.guesses, 900)).toBe(FIRST_WAIT_MS);
  expect(waitOf(many.guesses, 900 + FIRST_WAIT_MS)).toBe(0);
  expect(send(60, 100).lookedAt).toBe(WRONG_PER_WINDOW);
});

test('slow ones never wait', () => {
  const every = WINDOW_MS / (WRONG_PER_WINDOW - 1);
  expect(send(500, every).lookedAt).toBe(500);
});

test('waits double up to the longest', () => {
  let guesses: Guesses | undefined;
  let now = 0;
  const waits: number[] = [];
  for (let round = 0; round < 8; round++) {
    guesses = send(WRONG_PER_WINDOW, 0, guesses, now).guesses;
    waits.push(waitOf(guesses, now) / 1000);
    now += waitOf(guesses, now);
  }
  expect(waits).toEqual([60, 120, 240, 480, 900, 900, 900, 900]);
  expect(LONGEST_WAIT_MS).toBe(900_000);
});

test('tokens under way when the wait begins do not make it longer', () => {
  const { guesses } = send(WRONG_PER_WINDOW, 0);
  let later = guesses;
  for (let n = 0; n < 100; n++) later = withWrong(later, 10);
  expect(later).toEqual(guesses as Guesses);
});
