import type { Job, JobKind, JobState } from '../contract/job.schema';
import type { Charged } from '../contract/provider.schema';
import { AppError } from '../shared/errors';
import { JobCanceled, JobInterrupted, JobLost } from '../shared/job-stops';
import { internalFailure, JobDeferred, jobLeftOpen } from './jobs.errors';

/** A row of the table `jobs`, with the column names as the connection gives them. */
export type JobRow = {
  id: string;
  projectId: string | null;
  sceneId: string | null;
  kind: JobKind;
  state: JobState;
  stage: string;
  progress: number;
  attempt: number;
  options: Record<string, unknown>;
  result: Record<string, unknown> | null;
  provider: string | null;
  model: string | null;
  providerJobId: string | null;
  errorCode: string | null;
  errorStatus: number | null;
  errorMessage: string | null;
  errorDetails: unknown;
  costUsd: number | null;
  charged: Charged | null;
  cancelRequestedAt: Date | null;
  entryId: string | null;
  runId: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  updatedAt: Date;
};

/** Runs that may fail before a job does, unless its kind says otherwise. */
export const DEFAULT_MAX_ATTEMPTS = 5;

export function isEnded(state: JobState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled';
}

/** A row as the API shows it. */
export function toJob(row: JobRow): Job {
  return {
    id: row.id,
    projectId: row.projectId,
    sceneId: row.sceneId,
    kind: row.kind,
    state: row.state,
    stage: row.stage,
    progress: row.progress,
    attempt: row.attempt,
    options: row.options,
    result: row.result,
    provider: row.provider,
    model: row.model,
    error:
      row.errorCode === null
        ? null
        : {
            code: row.errorCode,
            status: row.errorStatus ?? 500,
            message: row.errorMessage ?? '',
            details: row.errorDetails,
          },
    costUsd: row.costUsd,
    charged: row.charged,
    cancelRequested: row.cancelRequestedAt !== null,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/**
 * Seconds to wait before the next run after `attempt` failed ones: 2, 8, 32, 120, 120 … Providers ask
 * for about a minute when they are overloaded; the first failure is most often gone at once.
 */
export function retryDelaySeconds(attempt: number): number {
  return Math.min(120, 2 * 4 ** Math.max(0, attempt - 1));
}

export type Start = 'run' | 'ignore' | 'cancel' | 'exhausted';

/**
 * What to do with a delivery of the queue. An entry is delivered again after its worker died, and old
 * entries may still come when their job was ended, canceled, handed back or retried meanwhile.
 */
export function decideStart(row: JobRow | null, entryId: string, maxAttempts: number): Start {
  if (row === null || row.entryId !== entryId || isEnded(row.state)) return 'ignore';
  if (row.cancelRequestedAt !== null) return 'cancel';
  return row.attempt >= maxAttempts ? 'exhausted' : 'run';
}

/** How a handler came to its end, and why its signal was aborted, if it was. */
export type HandlerEnd = { threw: boolean; error?: unknown; abortReason: unknown };

export type Settlement =
  | { to: 'unchanged' }
  | { to: 'canceled' }
  | { to: 'handed-back' }
  /** `counts`: as one of the runs that may fail. */
  | { to: 'again'; error: AppError; delaySeconds: number; counts: boolean }
  | { to: 'failed'; error: AppError };

/** What becomes of a job when a run of it is over. `row` is as it is then. */
export function decideSettlement(
  row: JobRow | null,
  runId: string,
  end: HandlerEnd,
  maxAttempts: number,
  retryDelay: (attempt: number) => number = retryDelaySeconds,
): Settlement {
  if (row === null || row.runId !== runId || row.state !== 'running') return { to: 'unchanged' };
  if (row.cancelRequestedAt !== null || end.abortReason instanceof JobCanceled) return { to: 'canceled' };
  if (end.abortReason instanceof JobInterrupted) return { to: 'handed-back' };
  if (end.abortReason instanceof JobLost) return { to: 'unchanged' };
  if (!end.threw) return { to: 'failed', error: jobLeftOpen(row.id) };
  if (end.error instanceof JobDeferred) {
    return { to: 'again', error: end.error, delaySeconds: end.error.delaySeconds, counts: false };
  }
  const error = end.error instanceof AppError ? end.error : internalFailure(row.id, end.error);
  const mayPass = error.retryable || !(end.error instanceof AppError);
  if (mayPass && row.attempt < maxAttempts) {
    return { to: 'again', error, delaySeconds: retryDelay(row.attempt), counts: true };
  }
  return { to: 'failed', error };
}
