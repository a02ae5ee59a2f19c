import type { Clock } from '../../shared/clock';
import type { Wait } from './pace';

/** A vendor may ask for long waits; nobody waits longer than this for one answer. */
const LONGEST_BLOCK_MS = 10 * 60_000;

export type LimiterState = { freeAt: number; blockedUntil: number };

/** When the next call may go, and the state after it. Times in milliseconds. */
export function takeTurn(
  state: LimiterState,
  now: number,
  spacingMs: number,
): { at: number; next: LimiterState } {
  const at = Math.max(now, state.freeAt, state.blockedUntil);
  return { at, next: { ...state, freeAt: at + spacingMs } };
}

/** After a 429: nobody calls before its time is over. */
export function blockFor(state: LimiterState, now: number, ms: number): LimiterState {
  const until = now + Math.min(Math.max(0, ms), LONGEST_BLOCK_MS);
  return { ...state, blockedUntil: Math.max(state.blockedUntil, until) };
}

export type AccountLimiter = {
  /** Resolves when this call may be sent; rejects with the signal's reason. */
  turn(signal: AbortSignal): Promise<void>;
  block(ms: number): void;
};

/** Spaces the create calls of one account, all kinds together, and obeys the vendor's 429s. */
export function createAccountLimiter(options: {
  clock: Clock;
  wait: Wait;
  perMinute: number;
}): AccountLimiter {
  const spacing = 60_000 / options.perMinute;
  let state: LimiterState = { freeAt: 0, blockedUntil: 0 };
  const now = () => options.clock.now().getTime();
  return {
    async turn(signal) {
      signal.throwIfAborted();
      const turn = takeTurn(state, now(), spacing);
      state = turn.next;
      if (turn.at > now()) await options.wait(turn.at - now(), signal);
      // Others may have met a 429 meanwhile.
      while (state.blockedUntil > now()) await options.wait(state.blockedUntil - now(), signal);
    },
    block(ms) {
      state = blockFor(state, now(), ms);
    },
  };
}
