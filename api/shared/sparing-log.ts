import type { Log } from './log';

/** A line every ten seconds shows that something is still away and leaves the log readable. */
const REPEAT_MS = 10_000;

/**
 * Warnings that may come many times a second while something is away: of each event one line at once,
 * then one every `repeatMs` at most, which says in `leftOut` how many were not written since.
 */
export function sparingWarnings(
  log: Log,
  options: { repeatMs?: number; now?: () => number } = {},
): Log['warn'] {
  const { repeatMs = REPEAT_MS, now = () => performance.now() } = options;
  const told = new Map<string, { at: number; leftOut: number }>();
  return (fields, event) => {
    const last = told.get(event);
    if (last !== undefined && now() - last.at < repeatMs) {
      last.leftOut += 1;
      return;
    }
    const leftOut = last?.leftOut ?? 0;
    told.set(event, { at: now(), leftOut: 0 });
    log.warn(leftOut === 0 ? fields : { ...fields, leftOut }, event);
  };
}
