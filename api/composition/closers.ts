import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';

/** What was opened, to be closed in reverse order: at the end, or when a later step fails. */
export type Closers = (() => Promise<unknown>)[];

export async function closeAll(closers: Closers, log: Log): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'not_closed');
    }
  }
}
