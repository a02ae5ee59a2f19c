import type { Sql } from 'postgres';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { jobAbandoned, uploadLost, workerLost } from './jobs.errors';
import type { Queue } from './jobs.queue';
import type { JobsRepository } from './jobs.repository';
import { isEnded, type JobRow } from './jobs.rules';
import type { Runner } from './jobs.runner';
import type { AwaitedFiles, PoolName } from './jobs.types';

/** A job without a queue entry whose creator has not been heard of for this long is given up. */
const ABANDONED_AFTER_MS = 120_000;

/**
 * One look over all active jobs, so that none is stuck: those whose queue entry is gone or has ended
 * are queued again (or fail when they were run often enough), and those that were never queued fail
 * when the process that prepared them is gone, unless a file of theirs still waits to be stored.
 */
export async function reconcileJobs(options: {
  sql: Sql;
  repository: JobsRepository;
  queue: Queue;
  runner: Runner;
  poolOf: (row: JobRow) => PoolName | null;
  awaitedFiles: (jobId: string) => Promise<AwaitedFiles | null>;
  log: Log;
}): Promise<void> {
  const { sql, repository, queue, runner, log } = options;
  const [clock] = await sql<{ now: Date }[]>`select now() as now`;
  const now = clock?.now.getTime() ?? 0;
  for (const job of await repository.listActive()) {
    const pool = options.poolOf(job);
    if (pool === null) continue;
    try {
      if (job.entryId !== null && (await queue.isLive(pool, job.entryId))) continue;
      const awaited = job.entryId === null ? await options.awaitedFiles(job.id) : null;
      if (awaited?.state === 'pending') continue;
      const isFresh = now - job.updatedAt.getTime() < ABANDONED_AFTER_MS;
      if (job.entryId === null && awaited === null && isFresh) continue;
      await sql.begin(async (tx) => {
        const row = await repository.lock(tx, job.id);
        // Somebody else saw to it meanwhile.
        if (row === null || isEnded(row.state) || row.entryId !== job.entryId) return;
        if (row.entryId === null && row.updatedAt.getTime() !== job.updatedAt.getTime()) return;
        log.warn({ jobId: row.id, state: row.state, attempt: row.attempt }, 'job_without_queue_entry');
        if (row.cancelRequestedAt !== null) await repository.cancel(tx, row.id);
        else if (row.entryId === null) {
          await repository.fail(tx, row.id, awaited ? uploadLost(awaited.reason) : jobAbandoned());
        } else if (row.attempt >= runner.maxAttempts(row.kind)) {
          await repository.fail(tx, row.id, workerLost(row.attempt));
        } else await runner.requeue(tx, row, { error: null, counts: true });
      });
    } catch (error) {
      log.error({ jobId: job.id, error: errorMessage(error) }, 'job_not_reconciled');
    }
  }
}
