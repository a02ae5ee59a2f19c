import { describe, expect, test } from 'bun:test';
import { blockFor, createAccountLimiter, takeTurn } from './account-limiter';
import { throttleWait } from './api-transport';

describe('turns', () => {
  test('calls are spaced, and a block moves all that come later', () => {
    const first = takeTurn({ freeAt: 0, blockedUntil: 0 }, 1000, 100);
    expect(first.at).toBe(1000);
    const second = takeTurn(first.next, 1001, 100);
    expect(second.at).toBe(1100);
    expect(takeTurn(blockFor(second.next, 1100, 5000), 1200, 100).at).toBe(6100);
  });

  test('a shorter block does not end a longer one, and none lasts for ever', () => {
    const long = blockFor({ freeAt: 0, blockedUntil: 0 }, 0, 60_000);
    expect(blockFor(long, 1000, 2000)).toEqual(long);
    expect(blockFor(long, 0, 10 ** 9).blockedUntil).toBe(600_000);
    expect(blockFor(long, 0, -5)).toEqual(long);
  });
});

describe('limiter', () => {
  function held(perMinute: number) {
    let now = 0;
    const waits: number[] = [];
    const limiter = createAccountLimiter({
      clock: { now: () => new Date(now) },
      async wait(ms, signal) {
        signal?.throwIfAborted();
        waits.push(ms);
        now += ms;
      },
      perMinute,
    });
    return { limiter, waits, signal: new AbortController().signal };
  }

  test('waits as long as the 429 said', async () => {
    const { limiter, waits, signal } = held(600);
    await limiter.turn(signal);
    limiter.block(5000);
    await limiter.turn(signal);
    expect(waits).toEqual([5000]);
  });

  test('spaces the calls by the account’s rate', async () => {
    const { limiter, waits, signal } = held(60);
    for (let call = 0; call < 3; call += 1) await limiter.turn(signal);
    expect(waits).toEqual([1000, 1000]);
  });

  test('a stopped job does not wait', async () => {
    const { limiter } = held(60);
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(limiter.turn(signal)).rejects.toThrow('stopped');
  });
});

test('a 429’s wait stands in its body, its header, its words, or nowhere', () => {
  const answer = (body: unknown, headers: Record<string, string> = {}, text = '') => ({
    body,
    text,
    headers: new Headers(headers),
  });
  expect(throttleWait(answer({ retry_after: 5 }, { 'retry-after': '9' }))).toBe(5000);
  expect(throttleWait(answer({}, { 'retry-after': '9' }))).toBe(9000);
  expect(throttleWait(answer({}, {}, 'Your rate limit resets in ~7s.'))).toBe(7000);
  expect(throttleWait(answer({ retry_after: 'soon' }, { 'retry-after': 'Tue' }))).toBeNull();
});
