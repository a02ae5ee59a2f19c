import type { Sql, TransactionSql } from 'postgres';
import type { ProjectEvent } from '../contract/event.schema';
import type { Job, JobKind, JobStage, JobState } from '../contract/job.schema';
import type { Charged } from '../contract/provider.schema';
import type { Clock } from '../shared/clock';
import type { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import type { Limits } from '../shared/limits';
import type { Log } from '../shared/log';

/** What bounds how many jobs run at once in one worker process. */
export const poolNames = ['ffmpeg', 'lipsync', 'compose', 'remote'] as const;
export type PoolName = (typeof poolNames)[number];
export type PoolSizes = Record<PoolName, number>;

/** Listens on a NOTIFY channel and keeps listening (db/listen.ts). */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;

/** Adds an event to a project's stream (api/events). */
export type Publish = (tx: TransactionSql, projectId: string, event: ProjectEvent) => Promise<void>;

export type JobContext = {
  /**
   * Aborts when the job is canceled (reason: JobCanceled), when the worker shuts down (reason:
   * JobInterrupted) or when the job was taken away from this process (reason: JobLost). Handlers stop
   * and throw; what happens to the job then is not theirs to decide.
   */
  signal: AbortSignal;
  /**
   * Tells how far the job is: `fraction` is 0..1 of the whole job. Never throws, never waits; written
   * at most 4 times a second, a new stage at once. Within a stage it never goes backwards.
   */
  progress(stage: JobStage, fraction: number): void;
  log: Log;
  /** 1 on the first run. */
  attempt: number;
  /** The provider's id for this job when an earlier run already made it: poll it, don't pay again. */
  providerJobId: string | null;
};

/**
 * Does a job's work. Its last step is a transaction that writes the result and calls `succeed`.
 * Throws AppError: `retryable` ones and unknown errors run again later, others fail the job at once;
 * a `JobDeferred` runs again without counting as a failed run.
 */
export type JobHandler = (job: Job, context: JobContext) => Promise<void>;

export type JobDefinition = {
  /** May depend on who does the work: `remote` jobs only wait for another machine. */
  pool: PoolName | ((job: { provider: string | null }) => PoolName);
  handler: JobHandler;
  /** Runs that may fail before the job does. Default 5. */
  maxAttempts?: number;
  /** Nobody waits for it: it is handed back as soon as its worker is told to stop, without the grace time. */
  stopsAtOnce?: boolean;
};

export function poolOf(definition: JobDefinition, job: { provider: string | null }): PoolName {
  return typeof definition.pool === 'string' ? definition.pool : definition.pool(job);
}

/** Files that a job without a queue entry waits for: still to be stored, or lost for good. */
export type AwaitedFiles = { state: 'pending' } | { state: 'failed'; reason: string };

export type NewJob = {
  id?: string;
  kind: JobKind;
  projectId: string | null;
  sceneId: string | null;
  options: Record<string, unknown>;
  provider?: string;
  model?: string;
  /**
   * False: the job exists and holds its scene, but no worker takes it before `enqueue` (an upload
   * being received). If this process dies meanwhile the job fails by itself after two minutes, unless
   * `awaitedFiles` says that a file still is on its way.
   */
  enqueue: boolean;
  stage?: JobStage;
  /** How long it waits before a worker takes it. */
  delaySeconds?: number;
  /** It follows from something that was let in already, and is never refused because too many wait. */
  isConsequence?: boolean;
};

export type JobRecord = {
  provider?: string;
  /** Null forgets it: the next run makes a new provider job. */
  providerJobId?: string | null;
  costUsd?: number;
  charged?: Charged;
  options?: Record<string, unknown>;
};

export type JobsOptions = {
  sql: Sql;
  /** For pg-boss, which keeps a small pool of connections of its own. */
  databaseUrl: string;
  listen: Listen;
  newId: NewId;
  clock: Clock;
  log: Log;
  publish: Publish;
  /** Seconds until a failed run is tried again, by the number of failed ones. Default: `retryDelaySeconds`. */
  retryDelay?: (attempt: number) => number;
  /** What a job that was made with `enqueue: false` still waits for. Null, also by default: nothing. */
  awaitedFiles?: (jobId: string) => Promise<AwaitedFiles | null>;
  /** For whom jobs are being made just now; null: for nobody in particular. */
  requestedBy?: () => string | null;
  /** How many jobs may wait. Default: as many as there are. */
  limits?: Pick<Limits, 'waitingJobsPerProject' | 'waitingJobsPerCaller'>;
  /** How many jobs of each pool this process runs at once when it is a worker. */
  pools: PoolSizes;
};

/** Which jobs are listed; what is left out is not asked for. */
export type JobFilter = {
  projectId?: string;
  sceneId?: string;
  kinds?: JobKind[];
  states?: JobState[];
  limit: number;
};

export type JobCount = { kind: JobKind; state: JobState; count: number };

/** Durable background work. The row in `jobs` is the truth; the queue entry only triggers a run. */
export type Jobs = {
  /** Connects the queue. Must have resolved before jobs are enqueued, canceled or retried. */
  start(): Promise<void>;
  /** Says how jobs of a kind are run; every process registers all kinds before `start`. */
  register(kind: JobKind, definition: JobDefinition): void;
  /**
   * Writes a job, and its queue entry when `enqueue`, in the caller's transaction, which stays usable
   * after a conflict.
   * @throws AppError 409 `SceneBusy` (details: `{ jobId }`) or `ProjectBusy` (`{ jobIds }`) when the scene, or
   * for a job without a scene the project, already has an active one; 429 `TooManyJobs` when too many wait.
   */
  create(tx: TransactionSql, job: NewJob): Promise<Job>;
  /** Gives a job made with `enqueue: false` to the workers. False when it was ended meanwhile. */
  enqueue(tx: TransactionSql, jobId: string): Promise<boolean>;
  /** Shows on a job made with `enqueue: false` why it still waits; gone as soon as it is enqueued. */
  explain(jobId: string, error: AppError): Promise<void>;
  /**
   * Says that this process prepares a job made with `enqueue: false` no longer, and can't end it now (the
   * database is away): it fails by itself after two minutes, unless `awaitedFiles` says otherwise.
   */
  abandon(jobId: string): void;
  get(jobId: string): Promise<Job | null>;
  /**
   * Newest first. Within a transaction give it as `on`: callers that hold a lock and wait for another
   * connection of the pool would wait for ever where all the others wait for their lock.
   */
  list(filter: JobFilter, on?: Sql | TransactionSql): Promise<Job[]>;
  /**
   * Ends a job well, in the transaction that writes its result. False, and nothing changed, when it
   * has ended already or its cancellation was asked for: the caller then rolls its change back.
   */
  succeed(
    tx: TransactionSql,
    jobId: string,
    outcome: { result: Record<string, unknown>; costUsd?: number },
  ): Promise<boolean>;
  /** Ends a queued or running job with an error, whoever runs it. False when it has ended already. */
  fail(jobId: string, error: AppError): Promise<boolean>;
  /** Notes facts about a job the moment they are known; in the caller's transaction when one is given. */
  record(jobId: string, facts: JobRecord, tx?: TransactionSql): Promise<void>;
  /**
   * Queued: canceled at once. Running: asked to stop, wherever it runs; canceled when it has.
   * @throws AppError 404 `JobNotFound`, 409 `JobAlreadyEnded`.
   */
  cancel(jobId: string): Promise<Job>;
  /**
   * Puts a failed or canceled job back into the queue, its attempts counted anew.
   * @throws AppError 404 `JobNotFound`, 409 `JobNotRetryable` (also when it was never queued: what it
   * needs never arrived), `SceneBusy`, `ProjectBusy`.
   */
  retry(jobId: string): Promise<Job>;
  /** Puts a failed job's message away; of others nothing changes. @throws AppError 404 `JobNotFound` */
  dismiss(jobId: string): Promise<Job>;
  /**
   * Resolves to the job when it has ended, or as it is then after `timeoutMs`.
   * @throws AppError 404 `JobNotFound`; the signal's reason when it aborts.
   */
  wait(jobId: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Job>;
  counts(): Promise<JobCount[]>;
  /** Begins to take jobs from the queue, after settling what a crash left behind. */
  startWorker(): Promise<void>;
  /**
   * Takes no more jobs, lets the running ones finish for `graceMs` (but those that stop at once), then
   * interrupts them and hands them back to the queue.
   */
  stopWorker(options: { graceMs: number }): Promise<void>;
  /** Stops the worker (without grace), the queue and all listening. */
  stop(): Promise<void>;
};
