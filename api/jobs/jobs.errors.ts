import type { JobState } from '../contract/job.schema';
import { AppError, RelayedError } from '../shared/errors';

/**
 * Thrown by a handler whose job waits for something that comes by itself (its result's upload): the job
 * runs again after `delaySeconds`, as often as needed, without this counting as a failed run.
 */
export class JobDeferred extends RelayedError {
  readonly delaySeconds: number;

  /** @param error what the job shows while it waits */
  constructor({ error, delaySeconds }: { error: AppError; delaySeconds: number }) {
    super(error);
    this.delaySeconds = delaySeconds;
  }
}

export const jobNotFound = (jobId: string) =>
  new AppError({ code: 'JobNotFound', message: 'There is no such job.', details: { jobId } });

export const jobAlreadyEnded = (jobId: string, state: JobState) =>
  new AppError({
    code: 'JobAlreadyEnded',
    message: `The job has already ended (${state}), so it cannot be canceled.`,
    details: { jobId, state },
  });

export const jobNotRetryable = (jobId: string, state: JobState) =>
  new AppError({
    code: 'JobNotRetryable',
    message: `Only a failed or canceled job can be retried; this one is ${state}.`,
    details: { jobId, state },
  });

export const jobNeverQueued = (jobId: string) =>
  new AppError({
    code: 'JobNotRetryable',
    message: 'The files of this job never arrived completely, so it can’t be run again. Upload them again.',
    details: { jobId },
  });

export const sceneBusy = (jobId: string) =>
  new AppError({
    code: 'SceneBusy',
    message: 'A job is already running on this scene. Wait for it to finish, or cancel it.',
    details: { jobId },
  });

export const projectBusy = (jobId: string) =>
  new AppError({
    code: 'ProjectBusy',
    message: 'A job of this kind is already running on this project. Wait for it to finish, or cancel it.',
    // A list, as where a project is deleted: there several may be in the way.
    details: { jobIds: [jobId] },
  });

export const tooManyJobs = (waiting: number, whose: 'project' | 'caller') =>
  new AppError({
    code: 'TooManyJobs',
    message: `${waiting} jobs ${whose === 'project' ? 'of this project' : 'that this token asked for'} are already waiting, which is the limit. Wait for some to finish, or cancel some.`,
    details: { waiting },
  });

/** What a job shows when its handler failed in a way nobody foresaw; the log has the whole story. */
export const internalFailure = (jobId: string, cause?: unknown) =>
  new AppError({
    code: 'InternalError',
    message: `Something went wrong inside the studio. Try again; if it happens again, look for the job ${jobId} in the log.`,
    cause,
  });

export const jobLeftOpen = (jobId: string) =>
  new AppError({
    code: 'JobLeftOpen',
    message: `The job stopped without a result. Try again; if it happens again, report the job ${jobId}.`,
  });

export const workerLost = (runs: number) =>
  new AppError({
    code: 'WorkerLost',
    message: `The process that ran the job ended unexpectedly, ${runs} times. It may have run out of memory: see the log, then retry.`,
  });

export const uploadLost = (reason: string) =>
  new AppError({
    code: 'UploadLost',
    message: `The uploaded file cannot be stored: ${reason}. Upload it again.`,
  });

export const jobAbandoned = () =>
  new AppError({
    code: 'JobAbandoned',
    message: 'The studio was shut down before all files of this job had arrived. Start it again.',
  });
