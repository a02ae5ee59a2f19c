import { errorMessage } from './errors';
import type { Log } from './log';

/**
 * Does work that nobody waits for. What it throws or rejects with is logged as a warning under `event`:
 * without that, one failed query of a timer would end the process.
 */
export function inBackground(log: Log, event: string, work: () => unknown): void {
  const failed = (error: unknown) => log.warn({ error: errorMessage(error) }, event);
  try {
    Promise.resolve(work()).catch(failed);
  } catch (error) {
    failed(error);
  }
}

/** The same every `ms`, until `clearInterval`. A turn begins also when the one before still goes on. */
export function everyInBackground(
  ms: number,
  log: Log,
  event: string,
  work: () => unknown,
): ReturnType<typeof setInterval> {
  return setInterval(() => inBackground(log, event, work), ms);
}
