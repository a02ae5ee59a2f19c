/** Wrong tokens of one address. Times are milliseconds of one clock. */
export type Guesses = {
  /** When the window began in which `wrong` were counted. */
  since: number;
  wrong: number;
  /** How often the address had to wait so far. */
  waits: number;
  /** No token of this address is looked at before. */
  until: number;
};

const SECOND = 1000;
/** Somebody who mistypes or pastes the wrong line needs a handful. */
export const WRONG_PER_WINDOW = 10;
export const WINDOW_MS = 60 * SECOND;
/** As long as the window, so that waiting never gains more guesses than going slowly. */
export const FIRST_WAIT_MS = 60 * SECOND;
/** Leaves 40 guesses an hour; what somebody behind the same address has to wait at most. */
export const LONGEST_WAIT_MS = 15 * 60 * SECOND;
/** An address that sent no wrong token for so long begins anew. */
export const FORGOTTEN_AFTER_MS = 60 * 60 * SECOND;

/** What is left to wait, in ms; 0: the next token is looked at. */
export const waitOf = (guesses: Guesses | undefined, now: number): number =>
  guesses === undefined ? 0 : Math.max(0, guesses.until - now);

/** Counts one wrong token: after ten within a minute the address waits, each time twice as long. */
export function withWrong(before: Guesses | undefined, now: number): Guesses {
  const known = before ?? { since: now, wrong: 0, waits: 0, until: 0 };
  // Sent before the wait began, answered within it: all of them count as the one that began it.
  if (known.until > now) return known;
  const { since, wrong } = now - known.since < WINDOW_MS ? known : { ...known, since: now, wrong: 0 };
  if (wrong + 1 < WRONG_PER_WINDOW) return { ...known, since, wrong: wrong + 1 };
  const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(known.waits, 10));
  return { since: now + wait, wrong: 0, waits: known.waits + 1, until: now + wait };
}
