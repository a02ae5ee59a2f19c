import type { Sql } from 'postgres';
import type { JobKind, JobStage } from '../contract/job.schema';
import { everyInBackground } from '../shared/background';
import type { Clock } from '../shared/clock';
import { AppError, errorMessage } from '../shared/errors';
import type { NewId } from '../shared/ids';
import { JobCanceled, JobInterrupted, JobLost } from '../shared/job-stops';
import type { Log } from '../shared/log';
import { workerLost } from './jobs.errors';
import { createProgressWriter } from './jobs.progress';
import type { Delivery, Queue } from './jobs.queue';
import type { JobsRepository } from './jobs.repository';
import {
  DEFAULT_MAX_ATTEMPTS,
  decideSettlement,
  decideStart,
  type HandlerEnd,
  type JobRow,
  toJob,
} from './jobs.rules';
import { type JobDefinition, poolOf } from './jobs.types';

/** How often running jobs are compared with their rows, should a NOTIFY be lost. */
const WATCH_MS = 5000;

type Run = { id: string; kind: JobKind; runId: string; abort: AbortController };

/**
 * Runs the jobs that the queue delivers to this process. All that it decides about a job it decides
 * with the job's row locked, so that it does not matter how deliveries, cancellations and other
 * workers cross.
 */
export function createRunner(options: {
  sql: Sql;
  repository: JobsRepository;
  queue: Queue;
  definitionOf: (kind: JobKind) => JobDefinition;
  newId: NewId;
  retryDelay?: (attempt: number) => number;
  clock: Clock;
  log: Log;
}) {
  const { sql, repository, queue } = options;
  const running = new Map<string, Run>();
  let watch: ReturnType<typeof setInterval> | null = null;
  let draining = false;

  const maxAttempts = (kind: JobKind) => options.definitionOf(kind).maxAttempts ?? DEFAULT_MAX_ATTEMPTS;

  /** Takes the delivered job for a new run; null when there is nothing to run. */
  async function begin(delivery: Delivery, runId: string): Promise<JobRow | null> {
    return sql.begin(async (tx) => {
      const row = await repository.lock(tx, delivery.jobId);
      const start = decideStart(row, delivery.entryId, row ? maxAttempts(row.kind) : 0);
      if (row === null || start === 'ignore') return null;
      if (start === 'cancel') await repository.cancel(tx, row.id);
      if (start === 'exhausted') await repository.fail(tx, row.id, workerLost(row.attempt));
      // Came while this worker was already stopping: for another one.
      else if (start === 'run' && draining) await requeue(tx, row, { error: null, counts: true });
      else if (start === 'run') return repository.begin(tx, row.id, runId);
      return null;
    });
  }

  async function requeue(
    tx: Parameters<JobsRepository['lock']>[0],
    row: JobRow,
    cause: { error: AppError | null; counts: boolean; delaySeconds?: number },
  ): Promise<void> {
    const entryId = options.newId();
    await repository.requeue(tx, row.id, entryId, cause);
    await queue.send(tx, poolOf(options.definitionOf(row.kind), row), {
      id: entryId,
      jobId: row.id,
      delaySeconds: cause.delaySeconds ?? 0,
    });
  }

  async function writeProgress(run: Run, log: Log, stage: JobStage, fraction: number): Promise<void> {
    try {
      const row = await sql.begin((tx) => repository.progress(tx, run.id, run.runId, stage, fraction));
      if (row?.cancelRequestedAt) run.abort.abort(new JobCanceled());
      if (row === null) await checkRuns([run]);
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'job_progress_not_written');
    }
  }

  /** Stops the runs whose rows say so. */
  async function checkRuns(runs: Run[]): Promise<void> {
    if (runs.length === 0) return;
    for (const stopped of await repository.findStopped(runs)) {
      const run = runs.find((one) => one.runId === stopped.runId);
      run?.abort.abort(stopped.canceled ? new JobCanceled() : new JobLost());
    }
  }

  async function callHandler(row: JobRow, run: Run, log: Log): Promise<HandlerEnd> {
    const progress = createProgressWriter({
      clock: options.clock,
      write: ({ stage, fraction }) => writeProgress(run, log, stage, fraction),
    });
    const end: HandlerEnd = { threw: false, abortReason: null };
    try {
      run.abort.signal.throwIfAborted();
      await options.definitionOf(row.kind).handler(toJob(row), {
        signal: run.abort.signal,
        progress: progress.report,
        log,
        attempt: row.attempt,
        providerJobId: row.providerJobId,
      });
    } catch (error) {
      end.threw = true;
      end.error = error;
    }
    await progress.close();
    end.abortReason = run.abort.signal.reason ?? null;
    return end;
  }

  /** Writes what became of the job, unless it is not this run's any more. */
  async function settle(row: JobRow, run: Run, end: HandlerEnd, log: Log): Promise<void> {
    const settlement = await sql.begin(async (tx) => {
      const now = await repository.lock(tx, row.id);
      const decided = decideSettlement(now, run.runId, end, maxAttempts(row.kind), options.retryDelay);
      if (decided.to === 'canceled') await repository.cancel(tx, row.id);
      if (decided.to === 'failed') await repository.fail(tx, row.id, decided.error);
      if (decided.to === 'handed-back') await requeue(tx, row, { error: null, counts: false });
      if (decided.to === 'again') {
        const { error, counts, delaySeconds } = decided;
        await requeue(tx, row, { error, counts, delaySeconds });
      }
      return decided;
    });
    const error = end.threw ? { error: errorMessage(end.error), stack: stackOf(end.error) } : {};
    if (settlement.to === 'failed') log.error(error, 'job_failed');
    else if (settlement.to === 'again') {
      log.warn({ ...error, delaySeconds: settlement.delaySeconds }, 'job_runs_again');
    } else if (settlement.to === 'unchanged' && end.threw) log.warn(error, 'job_run_ended_after_its_job');
    else log.info({ settled: settlement.to }, 'job_run_ended');
  }

  return {
    /** Runs a delivered job to its end; resolves when its row says what became of it. */
    async run(delivery: Delivery): Promise<void> {
      const runId = options.newId();
      const row = await begin(delivery, runId);
      if (row === null) return;
      const log = options.log.child({ jobId: row.id, kind: row.kind, attempt: row.attempt });
      const run: Run = { id: row.id, kind: row.kind, runId, abort: new AbortController() };
      const loseIt = () => run.abort.abort(new JobLost());
      delivery.lost.addEventListener('abort', loseIt);
      if (delivery.lost.aborted) loseIt();
      running.set(runId, run);
      watch ??= everyInBackground(WATCH_MS, options.log, 'jobs_not_watched', watchRuns);
      log.info({}, 'job_run_started');
      try {
        await settle(row, run, await callHandler(row, run, log), log);
      } finally {
        delivery.lost.removeEventListener('abort', loseIt);
        running.delete(runId);
        if (running.size === 0 && watch) {
          clearInterval(watch);
          watch = null;
        }
      }
    },

    /** Stops a canceled job if it runs here. */
    cancel(jobId: string): void {
      for (const run of running.values()) if (run.id === jobId) run.abort.abort(new JobCanceled());
    },

    /** Looks whether any job that runs here should stop; after word of it may have been missed. */
    check: watchRuns,

    /** From now on what is delivered is handed back, and so are the runs that nobody waits for. */
    drain(): void {
      draining = true;
      for (const run of running.values()) {
        if (options.definitionOf(run.kind).stopsAtOnce === true) run.abort.abort(new JobInterrupted());
      }
    },

    resume(): void {
      draining = false;
    },

    /** Stops all runs and hands their jobs back, once their handlers have ended. */
    interrupt(): void {
      for (const run of running.values()) run.abort.abort(new JobInterrupted());
    },

    /** Hands back the jobs of handlers that did not end in time; nothing that they write later counts. */
    async abandon(): Promise<void> {
      for (const run of running.values()) {
        await sql.begin(async (tx) => {
          const row = await repository.lock(tx, run.id);
          if (row?.runId !== run.runId || row.state !== 'running') return;
          await requeue(tx, row, { error: null, counts: false });
        });
        options.log.warn({ jobId: run.id }, 'job_handler_did_not_stop');
      }
    },

    requeue,
    maxAttempts,
  };

  async function watchRuns(): Promise<void> {
    await checkRuns([...running.values()]);
  }
}

export type Runner = ReturnType<typeof createRunner>;

const stackOf = (error: unknown) =>
  error instanceof AppError || !(error instanceof Error) ? null : error.stack;
