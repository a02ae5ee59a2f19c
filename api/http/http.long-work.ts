import type { Context } from 'hono';
import type { Job } from '../contract/job.schema';
import type { Jobs } from '../jobs/jobs.types';
import { AppError, RelayedError } from '../shared/errors';
import { tokenUnknown } from './caller.errors';
import type { Caller } from './caller.rules';
import { keepOpen } from './http.connection';
import { takes } from './http.validate';

/** How long a caller is kept waiting for long work before the answer is 202. */
const LONGEST_WAIT_MS = 10 * 60 * 1000;

/** Waits for a job, at most as long as an HTTP caller is kept waiting. */
export type WaitForJob = (jobId: string, c: Context) => Promise<Job>;

/** Waits until the clip that fits a scene is made or has failed, at most as long. */
export type WaitForFit = (sceneId: string, c: Context) => Promise<void>;

/** A route that starts long work takes the `Prefer` header (RFC 7240); `answerWithJob` reads it. */
export const longWork = () =>
  takes<{ header?: { Prefer?: 'respond-async' } }>({
    parameters: [
      {
        name: 'Prefer',
        in: 'header',
        required: false,
        schema: { type: 'string', enum: ['respond-async'] },
        description: '`respond-async`: answer 202 with the job at once (RFC 7240) instead of waiting for it.',
      },
    ],
  });

/**
 * Callers wait until they hang up, until what let them in ends, or until the studio is about to end: then
 * they get 202 and follow the job elsewhere, or later.
 */
export function createWaitForJob(of: {
  jobs: Pick<Jobs, 'wait' | 'get'>;
  access: { watch(caller: Pick<Caller, 'grant' | 'tokenId'>, onEnd: () => void): Promise<() => void> };
  stopping: AbortSignal;
}): WaitForJob {
  const { jobs, access, stopping } = of;
  return async (jobId, c) => {
    // Bodies have arrived by then: waiting callers take longer than the server's idle time limit.
    keepOpen(c);
    const hungUp = c.req.raw.signal;
    const revoked = new AbortController();
    const unwatch = await access.watch(c.get('caller'), () => revoked.abort(tokenUnknown()));
    const signal = AbortSignal.any([hungUp, stopping, revoked.signal]);
    try {
      return await jobs.wait(jobId, { timeoutMs: LONGEST_WAIT_MS, signal });
    } catch (error) {
      const job = stopping.aborted && !hungUp.aborted ? await jobs.get(jobId) : null;
      if (job === null) throw error;
      return job;
    } finally {
      unwatch();
    }
  };
}

export const jobLocation = (jobId: string) => `/api/mv/jobs/${jobId}`;

/** Whether the caller asked not to wait (RFC 7240). */
export function wantsAsync(c: Context): boolean {
  return (c.req.header('prefer') ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}

const isStatus = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 400 && value < 600;

/** What a caller who waited for a job that didn't succeed is told. */
export function jobError(job: Job): AppError {
  if (job.state === 'canceled' || job.error === null) {
    return new AppError({
      code: 'JobCanceled',
      message: 'The job was canceled before it was done; nothing was changed.',
      details: { jobId: job.id },
    });
  }
  return new RelayedError({
    code: job.error.code,
    status: isStatus(job.error.status) ? job.error.status : 500,
    message: job.error.message,
    details: { jobId: job.id, cause: job.error.details },
    retryable: false,
  });
}

/** Waits for several jobs at once, all together no longer than for one. */
export const waitForJobs = (jobs: Job[], waitForJob: WaitForJob, c: Context): Promise<Job[]> =>
  Promise.all(jobs.map((job) => waitForJob(job.id, c)));

/**
 * Answers for work that takes long: with `Prefer: respond-async` 202, the job's Location and the job
 * at once; otherwise the finished result, or 202 when it isn't done within the bound.
 * The work goes on when the caller hangs up.
 * @throws AppError the job's own error when it failed
 */
export async function answerWithJob<Result extends object>(
  c: Context,
  job: Job,
  waitForJob: WaitForJob,
  present: (job: Job) => Promise<Result>,
) {
  const accepted = (current: Job) =>
    c.json(current, 202, {
      Location: jobLocation(current.id),
      ...(wantsAsync(c) ? { 'Preference-Applied': 'respond-async' } : {}),
    });
  if (wantsAsync(c)) return accepted(job);
  const ended = await waitForJob(job.id, c);
  if (ended.state === 'queued' || ended.state === 'running') return accepted(ended);
  if (ended.state !== 'succeeded') throw jobError(ended);
  return c.json(await present(ended), 200);
}
