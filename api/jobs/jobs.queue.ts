import { type Db, PgBoss } from 'pg-boss';
import type { TransactionSql } from 'postgres';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { sparingWarnings } from '../shared/sparing-log';
import { type PoolName, poolNames } from './jobs.types';

/** The least that pg-boss allows: a killed worker's job is free again after this time. */
const HEARTBEAT_SECONDS = 10;
/** How often the queue looks for heartbeats that stopped; adds to the time above. */
const SUPERVISE_SECONDS = 3;
/** NOTIFY wakes workers at once; entries that become due later, and lost NOTIFYs, wait this long at most. */
const POLL_SECONDS = 1;
/** pg-boss allows less than a day; a job that still runs then is taken from its worker. */
const EXPIRE_SECONDS = 86_399;
/** Deliveries after lost workers. The job row counts its runs and gives up long before. */
const REDELIVERIES = 1000;
/** Ended entries are of no use; kept for an hour to look at. */
const KEEP_ENDED_SECONDS = 3600;
/** An entry that nobody takes for a year is deleted by pg-boss; reconciling makes a new one. */
const KEEP_WAITING_SECONDS = 365 * 86_400;

/** One claim of an entry by this process. */
export type Delivery = {
  entryId: string;
  jobId: string;
  /** Aborts when the queue no longer takes this process for the entry's holder. */
  lost: AbortSignal;
};

export type Queue = {
  start(options: { supervise: boolean }): Promise<void>;
  /** Writes an entry in the caller's transaction. */
  send(
    tx: TransactionSql,
    pool: PoolName,
    entry: { id: string; jobId: string; delaySeconds?: number },
  ): Promise<void>;
  /** Removes an entry in the caller's transaction, if it still waits. */
  remove(tx: TransactionSql, pool: PoolName, entryId: string): Promise<void>;
  /** Whether an entry is waiting or being run by somebody. */
  isLive(pool: PoolName, entryId: string): Promise<boolean>;
  /** Delivers entries to `run`, at most `concurrency` at once, until `pause`. */
  work(pool: PoolName, concurrency: number, run: (delivery: Delivery) => Promise<void>): Promise<void>;
  /** Takes no more entries of a pool; runs in progress go on. */
  pause(pool: PoolName): Promise<void>;
  stop(): Promise<void>;
};

/**
 * The queue over pg-boss, which keeps its own small pool of `pg` connections. An entry only carries
 * the job's id; each pool has a queue.
 */
export function createQueue(options: { databaseUrl: string; log: Log }): Queue {
  const { log } = options;
  const warn = sparingWarnings(log);
  let boss: PgBoss | null = null;

  function started(): PgBoss {
    if (boss === null) throw new Error('Jobs.start() must have resolved before the queue is used.');
    return boss;
  }

  return {
    async start({ supervise }) {
      const next = new PgBoss({
        connectionString: options.databaseUrl,
        application_name: 'songreel queue',
        max: 4,
        useListenNotify: true,
        schedule: false,
        supervise,
        superviseIntervalSeconds: SUPERVISE_SECONDS,
        monitorIntervalSeconds: SUPERVISE_SECONDS,
        notifyHeartbeatIntervalMs: 5000,
      });
      // While the database is away every poll of every place for a job fails: a dozen times a second.
      next.on('error', (error) => warn({ error: errorMessage(error) }, 'queue_error'));
      next.on('warning', (warning) => log.warn({ warning: warning.message }, 'queue_warning'));
      await next.start();
      for (const pool of poolNames) {
        await next.createQueue(pool, {
          notify: true,
          heartbeatSeconds: HEARTBEAT_SECONDS,
          expireInSeconds: EXPIRE_SECONDS,
          retryLimit: REDELIVERIES,
          retryDelay: 0,
          deleteAfterSeconds: KEEP_ENDED_SECONDS,
          retentionSeconds: KEEP_WAITING_SECONDS,
        });
      }
      boss = next;
    },

    async send(tx, pool, entry) {
      await started().send(
        pool,
        { jobId: entry.jobId },
        { id: entry.id, db: inTransaction(tx), startAfter: entry.delaySeconds ?? 0 },
      );
    },

    async remove(tx, pool, entryId) {
      await started().deleteJob(pool, entryId, { db: inTransaction(tx) });
    },

    async isLive(pool, entryId) {
      const [entry] = await started().findJobs(pool, { id: entryId });
      return entry !== undefined && ['created', 'retry', 'active'].includes(entry.state);
    },

    async work(pool, concurrency, run) {
      await started().work<{ jobId: string }>(
        pool,
        {
          localConcurrency: concurrency,
          pollingIntervalSeconds: POLL_SECONDS,
          notifyPollingIntervalSeconds: POLL_SECONDS,
          heartbeatRefreshSeconds: HEARTBEAT_SECONDS / 4,
        },
        async (entries) => {
          for (const entry of entries) {
            await run({ entryId: entry.id, jobId: entry.data.jobId, lost: entry.signal });
          }
        },
      );
    },

    async pause(pool) {
      await started().offWork(pool, { wait: false });
    },

    async stop() {
      await boss?.stop({ graceful: false });
      boss = null;
    },
  };
}

/**
 * Lets pg-boss write in a transaction of postgres.js. Strings are declared as text: where a statement
 * casts one to json, postgres.js would encode the JSON in it once more. (pg-boss 12.35 inserts through
 * `::text::json`, which is safe by itself; not all of its statements do.)
 */
function inTransaction(tx: TransactionSql): Db {
  const TEXT = 25;
  return {
    async executeSql(text, values = []) {
      const parameters = values.map((value) => {
        if (typeof value === 'string') return tx.typed(value, TEXT);
        if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
        if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
        throw new TypeError('The queue sent a kind of parameter that is not known here.');
      });
      return { rows: [...(await tx.unsafe(text, parameters))] };
    },
  };
}
