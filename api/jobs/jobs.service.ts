import PQueue from 'p-queue';
import pTimeout from 'p-timeout';
import type { TransactionSql } from 'postgres';
import type { JobKind } from '../contract/job.schema';
import { everyInBackground, inBackground } from '../shared/background';
import { errorMessage } from '../shared/errors';
import {
  jobAlreadyEnded,
  jobNeverQueued,
  jobNotFound,
  jobNotRetryable,
  projectBusy,
  sceneBusy,
  tooManyJobs,
} from './jobs.errors';
import { createQueue } from './jobs.queue';
import { reconcileJobs } from './jobs.reconcile';
import { createJobsRepository, JOBS_CHANNEL } from './jobs.repository';
import { isEnded, type JobRow, toJob } from './jobs.rules';
import { createRunner } from './jobs.runner';
import { type JobDefinition, type Jobs, type JobsOptions, poolNames, poolOf } from './jobs.types';

/** How often a process says that it still prepares the jobs it made with `enqueue: false`. */
const TOUCH_MS = 20_000;
/** A job whose transaction has not committed after this long is no longer looked after. */
const COMMIT_PATIENCE_MS = 60_000;
/** How often a worker looks for jobs that nothing will ever run. */
const RECONCILE_MS = 30_000;
/** How long handlers may take to stop once they were told to. */
const STOP_PATIENCE_MS = 10_000;
/** How often `wait` looks by itself, should a NOTIFY be lost. */
const WAIT_POLL_MS = 2000;

/** Creates the job queue (see `Jobs`). Nothing runs before `start`. */
export function createJobs(options: JobsOptions): Jobs {
  const { sql, log, newId } = options;
  const definitions = new Map<string, JobDefinition>();
  const repository = createJobsRepository(sql, options.publish);
  const queue = createQueue({ databaseUrl: options.databaseUrl, log });
  const runner = createRunner({ ...options, repository, queue, definitionOf });
  const pools = new Map(poolNames.map((name) => [name, new PQueue({ concurrency: options.pools[name] })]));
  const waiters = new Map<string, Set<() => void>>();
  /** Jobs that this process prepares, with the time it made them. */
  const preparing = new Map<string, number>();
  const requestedBy = options.requestedBy ?? (() => null);
  let subscription: { close(): Promise<void> } | null = null;
  let touching: ReturnType<typeof setInterval> | null = null;
  let reconciling: ReturnType<typeof setInterval> | null = null;
  let working = false;

  function definitionOf(kind: JobKind): JobDefinition {
    const definition = definitions.get(kind);
    if (!definition) throw new Error(`No handler is registered for jobs of the kind ${kind}.`);
    return definition;
  }

  async function busy(
    tx: TransactionSql,
    job: { kind: string; projectId: string | null; sceneId: string | null },
  ) {
    const blocking = await repository.findBlocking(tx, job);
    if (blocking === null) return null;
    return job.sceneId === null ? projectBusy(blocking) : sceneBusy(blocking);
  }

  /**
   * Refuses a job when too many wait. What others add at the same moment is not seen, so that a limit may
   * be passed by as many as there are connections. @throws AppError 429 `TooManyJobs`
   */
  async function requireQueueCapacity(tx: TransactionSql, projectId: string | null): Promise<void> {
    const { limits } = options;
    if (limits === undefined) return;
    const waiting = await repository.countWaiting(tx, { projectId, requestedBy: requestedBy() });
    if (waiting.ofProject >= limits.waitingJobsPerProject) throw tooManyJobs(waiting.ofProject, 'project');
    if (waiting.ofCaller >= limits.waitingJobsPerCaller) throw tooManyJobs(waiting.ofCaller, 'caller');
  }

  function onNotify(payload: string): void {
    const message: unknown = JSON.parse(payload);
    if (typeof message !== 'object' || message === null || !('what' in message) || !('id' in message)) return;
    if (typeof message.id !== 'string') return;
    if (message.what === 'cancel') runner.cancel(message.id);
    if (message.what === 'ended') for (const wake of waiters.get(message.id) ?? []) wake();
  }

  function onConnected(): void {
    inBackground(log, 'jobs_not_watched', runner.check);
    for (const set of waiters.values()) for (const wake of set) wake();
  }

  async function touchPreparing(): Promise<void> {
    if (preparing.size === 0) return;
    const alive = new Set(await repository.touchWaiting([...preparing.keys()]));
    const now = options.clock.now().getTime();
    for (const [id, since] of preparing) {
      if (!alive.has(id) && now - since > COMMIT_PATIENCE_MS) preparing.delete(id);
    }
  }

  async function reconcile(): Promise<void> {
    const poolOfRow = (row: JobRow) => {
      const definition = definitions.get(row.kind);
      return definition === undefined ? null : poolOf(definition, row);
    };
    const awaitedFiles = options.awaitedFiles ?? (async () => null);
    try {
      await reconcileJobs({ sql, repository, queue, runner, poolOf: poolOfRow, awaitedFiles, log });
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'jobs_not_reconciled');
    }
  }

  async function removeEntry(tx: TransactionSql, row: JobRow): Promise<void> {
    if (row.entryId !== null) await queue.remove(tx, poolOf(definitionOf(row.kind), row), row.entryId);
  }

  const jobs: Jobs = {
    async start() {
      await queue.start({ supervise: true });
      subscription = await options.listen(JOBS_CHANNEL, onNotify, onConnected);
      touching = everyInBackground(TOUCH_MS, log, 'jobs_not_touched', touchPreparing);
    },

    register(kind, definition) {
      definitions.set(kind, definition);
    },

    async create(tx, job) {
      const id = job.id ?? newId();
      const entryId = job.enqueue ? newId() : null;
      if (job.isConsequence !== true) await requireQueueCapacity(tx, job.projectId);
      // The active job may end between the two looks; a third time in a row it is not by chance.
      for (let look = 0; look < 3; look++) {
        const row = await repository.insert(tx, id, job, entryId, requestedBy());
        if (row) {
          if (entryId) {
            const { delaySeconds = 0 } = job;
            await queue.send(tx, poolOf(definitionOf(job.kind), row), {
              id: entryId,
              jobId: id,
              delaySeconds,
            });
          } else preparing.set(id, options.clock.now().getTime());
          return toJob(row);
        }
        const conflict = await busy(tx, job);
        if (conflict) throw conflict;
      }
      throw new Error(`There is already a job with the id ${id}.`);
    },

    async enqueue(tx, jobId) {
      const entryId = newId();
      const row = await repository.setEntry(tx, jobId, entryId);
      if (!row) return false;
      await queue.send(tx, poolOf(definitionOf(row.kind), row), { id: entryId, jobId });
      return true;
    },

    async explain(jobId, error) {
      await sql.begin((tx) => repository.explain(tx, jobId, error));
    },

    abandon(jobId) {
      preparing.delete(jobId);
    },

    async get(jobId) {
      const row = await repository.find(jobId);
      return row && toJob(row);
    },

    async list(filter, on) {
      return (await repository.list(filter, on)).map(toJob);
    },

    async succeed(tx, jobId, { result, costUsd }) {
      const row = await repository.lock(tx, jobId);
      if (row === null || isEnded(row.state) || row.cancelRequestedAt !== null) return false;
      // Completed by other means while it waits for its next run: that run is not needed any more.
      if (row.state === 'queued') await removeEntry(tx, row);
      await repository.succeed(tx, jobId, result, costUsd);
      return true;
    },

    async fail(jobId, error) {
      return sql.begin(async (tx) => {
        const row = await repository.lock(tx, jobId);
        if (row === null || isEnded(row.state)) return false;
        if (row.state === 'queued') await removeEntry(tx, row);
        await repository.fail(tx, jobId, error);
        return true;
      });
    },

    async record(jobId, facts, tx) {
      if (tx !== undefined) await repository.record(tx, jobId, facts);
      else await sql.begin((own) => repository.record(own, jobId, facts));
    },

    async cancel(jobId) {
      return sql.begin(async (tx) => {
        const row = await repository.lock(tx, jobId);
        if (row === null) throw jobNotFound(jobId);
        if (isEnded(row.state)) throw jobAlreadyEnded(jobId, row.state);
        if (row.state === 'running') return toJob((await repository.requestCancel(tx, jobId)) ?? row);
        await removeEntry(tx, row);
        return toJob((await repository.cancel(tx, jobId)) ?? row);
      });
    },

    async retry(jobId) {
      return sql.begin(async (tx) => {
        const row = await repository.lock(tx, jobId);
        if (row === null) throw jobNotFound(jobId);
        if (row.state !== 'failed' && row.state !== 'canceled') throw jobNotRetryable(jobId, row.state);
        if (row.entryId === null) throw jobNeverQueued(jobId);
        await requireQueueCapacity(tx, row.projectId);
        const entryId = newId();
        try {
          const restarted = await tx.savepoint((inner) =>
            repository.restart(inner, jobId, entryId, requestedBy()),
          );
          await queue.send(tx, poolOf(definitionOf(row.kind), row), { id: entryId, jobId });
          return toJob(restarted ?? row);
        } catch (error) {
          // The unique indexes let one active job be; say which one it is.
          const isConflict = error instanceof Error && 'code' in error && error.code === '23505';
          throw (isConflict && (await busy(tx, row))) || error;
        }
      });
    },

    async dismiss(jobId) {
      const row = (await repository.dismiss(jobId)) ?? (await repository.find(jobId));
      if (row === null) throw jobNotFound(jobId);
      return toJob(row);
    },

    async wait(jobId, { timeoutMs, signal }) {
      const deadline = performance.now() + timeoutMs;
      let wake = () => {};
      let woken = false;
      const listener = () => {
        woken = true;
        wake();
      };
      const set = waiters.get(jobId) ?? new Set();
      waiters.set(jobId, set.add(listener));
      signal?.addEventListener('abort', listener);
      try {
        for (;;) {
          signal?.throwIfAborted();
          woken = false;
          const row = await repository.find(jobId);
          if (row === null) throw jobNotFound(jobId);
          const left = deadline - performance.now();
          if (isEnded(row.state) || left <= 0) return toJob(row);
          if (woken) continue;
          const next = Promise.withResolvers<void>();
          wake = next.resolve;
          await pTimeout(next.promise, { milliseconds: Math.min(left, WAIT_POLL_MS), message: false });
        }
      } finally {
        signal?.removeEventListener('abort', listener);
        set.delete(listener);
        if (set.size === 0) waiters.delete(jobId);
      }
    },

    counts: () => repository.counts(),

    async startWorker() {
      if (working) return;
      working = true;
      runner.resume();
      await reconcile();
      reconciling = everyInBackground(RECONCILE_MS, log, 'jobs_not_reconciled', reconcile);
      for (const [name, pool] of pools) {
        // The queue fetches no more than the pool runs, so that other workers get the rest. The pool
        // holds the bound also when the queue takes a job from a handler that goes on running.
        await queue.work(name, options.pools[name], (delivery) => pool.add(() => runner.run(delivery)));
      }
      log.info({ pools: options.pools }, 'worker_started');
    },

    async stopWorker({ graceMs }) {
      if (!working) return;
      working = false;
      if (reconciling) clearInterval(reconciling);
      runner.drain();
      for (const name of poolNames) await queue.pause(name);
      const idle = Promise.all([...pools.values()].map((pool) => pool.onIdle()));
      if (!(await within(graceMs, idle))) {
        runner.interrupt();
        if (!(await within(STOP_PATIENCE_MS, idle))) await runner.abandon();
      }
      log.info({}, 'worker_stopped');
    },

    async stop() {
      await jobs.stopWorker({ graceMs: 0 });
      if (touching) clearInterval(touching);
      await subscription?.close();
      subscription = null;
      for (const set of waiters.values()) for (const wake of set) wake();
      await queue.stop();
    },
  };
  return jobs;
}

/** Whether something is done within a time. */
function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  return pTimeout(
    work.then(() => true),
    { milliseconds: Math.max(1, ms), fallback: () => false },
  );
}
