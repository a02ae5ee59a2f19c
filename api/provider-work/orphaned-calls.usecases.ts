import type { Database } from '../../db/connect';
import type { ProviderName } from '../contract/provider.schema';
import type { CallEnd, ProviderCall } from '../providers/provider.types';
import type { Clock } from '../shared/clock';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { listOrphanedCalls } from './provider-calls.repository';
import { type ProviderCallUsecases, toCall } from './provider-calls.usecases';

/** A failed job may be retried for this long; a provider keeps a result for an hour. */
const FAILED_PATIENCE_MS = 24 * 60 * 60 * 1000;

/** Stops a call at its provider and says what became of it; null when nobody could be reached. */
export type EndCallAtProvider = (call: ProviderCall) => Promise<CallEnd | null>;

export type OrphanedCallUsecases = ReturnType<typeof createOrphanedCallUsecases>;

/** Calls that go on at their provider although no job wants them any more. */
export function createOrphanedCallUsecases(deps: {
  sql: Database;
  clock: Clock;
  log: Log;
  calls: Pick<ProviderCallUsecases, 'end'>;
  /** Providers without an account here are left out: their calls wait for it. */
  endAt: ReadonlyMap<ProviderName, EndCallAtProvider>;
}) {
  const { sql, clock, log, calls } = deps;
  return {
    /** Settles what can be settled now; what can't be reached is tried again with the next look. */
    async settle(): Promise<void> {
      const failedBefore = new Date(clock.now().getTime() - FAILED_PATIENCE_MS);
      for (const row of await listOrphanedCalls(sql, failedBefore)) {
        const end = deps.endAt.get(row.provider);
        if (end === undefined) continue;
        const about = { callId: row.id, jobId: row.jobId, provider: row.provider };
        try {
          const outcome = await end(toCall(row));
          if (outcome === null) continue;
          await sql.begin((tx) => calls.end(tx, row.jobId, row.id, outcome));
          log.info({ ...about, state: outcome.state, charged: outcome.charged }, 'orphaned_call_settled');
        } catch (thrown) {
          log.warn({ ...about, error: errorMessage(thrown) }, 'orphaned_call_not_settled');
        }
      }
    },
  };
}
