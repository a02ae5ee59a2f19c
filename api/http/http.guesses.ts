import type { Context } from 'hono';
import { LRUCache } from 'lru-cache';
import { AppError } from '../shared/errors';
import { clientKey } from '../shared/networks';
import { FORGOTTEN_AFTER_MS, type Guesses, waitOf, withWrong } from './guesses.rules';

/**
 * Addresses that are remembered: 10 MB at most. Whoever has more of them than this sends one guess from
 * each, with or without a memory.
 */
const REMEMBERED_ADDRESSES = 50_000;

export type GuessGuard = ReturnType<typeof createGuessGuard>;

/**
 * Slows down whoever guesses tokens, by address and before a token is looked at. Requests without a token
 * don't count and don't wait, nor do those with a session's cookie: they guess nothing.
 */
export function createGuessGuard(options: { now?: () => number } = {}) {
  const now = options.now ?? (() => performance.now());
  const known = new LRUCache<string, Guesses>({ max: REMEMBERED_ADDRESSES, ttl: FORGOTTEN_AFTER_MS });

  function refuseWaiting(c: Context, key: string): void {
    const seconds = Math.ceil(waitOf(known.get(key), now()) / 1000);
    if (seconds === 0) return;
    c.header('Retry-After', String(seconds));
    throw new AppError({
      code: 'TooManyWrongTokens',
      message: `Too many failed attempts from your address. Try again in ${inWords(seconds)}. Browsers that are signed in are not affected.`,
      details: { retryAfterSeconds: seconds },
    });
  }

  return {
    /**
     * Looks a token up, unless its address has to wait; `isWrong` says whether what was found counts as a
     * wrong guess. Of many at once no more are answered than one after the other.
     * @throws AppError 429 `TooManyWrongTokens` with `Retry-After`
     */
    async look<Found>(
      c: Context,
      lookUp: () => Promise<Found>,
      isWrong: (found: Found) => boolean,
    ): Promise<Found> {
      const key = clientKey(c.get('client').address);
      refuseWaiting(c, key);
      const found = await lookUp();
      refuseWaiting(c, key);
      if (isWrong(found)) known.set(key, withWrong(known.get(key), now()));
      return found;
    },
  };
}

function inWords(seconds: number): string {
  if (seconds < 100) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
