import postgres from 'postgres';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import type { Database } from './storage.types';

/**
 * Keeps each batch to one process at a time with PostgreSQL's session locks: they vanish with the
 * process that holds them, so a killed one blocks nobody. All locks of a process live in one connection
 * of their own, open only while there is a lock; waiting uploads cannot use up the pool. When that
 * connection is lost, another process may begin on the same batch: harmless, since keys and bytes are
 * the same and the confirming transaction locks the rows.
 */
export function createBatchLock(sql: Database, log: Log) {
  const held = new Set<string>();
  let connection: Database | null = null;

  /**
   * The way postgres.js itself opens the connection of `listen`: the pool's parsed options again, one
   * connection. `object`, because its types only know options as they are written, not as parsed.
   */
  const open = (): Database => {
    const oneConnection: object = {
      ...sql.options,
      max: 1,
      idle_timeout: 0,
      max_lifetime: 0,
      fetch_types: false,
    };
    return postgres(oneConnection);
  };

  async function unlock(session: Database, batchId: string): Promise<void> {
    try {
      await session`select pg_advisory_unlock(hashtextextended(${batchId}, 0))`;
    } catch (thrown) {
      log.warn({ batchId, reason: errorMessage(thrown) }, 'batch_unlock_failed');
      // The next lock opens a new connection; the end of this one lets go of what it holds.
      if (connection === session) connection = null;
      await session.end({ timeout: 1 });
    }
  }

  return {
    /** Runs `work` under the batch's lock; null, and nothing run, when someone else is at work on it. */
    async withLock<T>(batchId: string, work: () => Promise<T>): Promise<T | null> {
      if (held.has(batchId)) return null;
      held.add(batchId);
      connection ??= open();
      const session = connection;
      try {
        const [row] = await session<{ locked: boolean }[]>`
          select pg_try_advisory_lock(hashtextextended(${batchId}, 0)) as locked`;
        if (row?.locked !== true) return null;
        try {
          return await work();
        } finally {
          // Ending the connection lets go of the last lock as well.
          if (held.size > 1) await unlock(session, batchId);
        }
      } finally {
        held.delete(batchId);
        if (held.size === 0 && connection === session) {
          connection = null;
          await session.end({ timeout: 1 });
        }
      }
    },
  };
}

export type BatchLock = ReturnType<typeof createBatchLock>;
