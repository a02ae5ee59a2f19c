import { isDatabaseUnavailable } from '../../db/unavailable';
import type { ErrorCode } from '../contract/error.catalogue';
import type { DiskGuard } from '../features/system/disk.usecases';
import { JobDeferred } from '../jobs/jobs.errors';
import type { JobHandler } from '../jobs/jobs.types';
import { AppError } from '../shared/errors';
import type { LogContext } from '../shared/log';
import type { Tracing } from '../shared/tracing';
import type { Storage } from '../storage/storage.types';

type WaitingCode = 'UploadWaiting' | 'StorageWaiting' | 'DatabaseWaiting';

/** Errors of the store that pass by themselves, and what a job that waits for it shows. */
const storeOutages: Partial<Record<ErrorCode, 'UploadWaiting' | 'StorageWaiting'>> = {
  UploadFailed: 'UploadWaiting',
  StorageUnavailable: 'StorageWaiting',
  StorageTimeout: 'StorageWaiting',
};

/** What is away, when a run failed because of that and not because of its job; else null. */
export function outageOf(error: unknown): { code: WaitingCode; message: string } | null {
  if (isDatabaseUnavailable(error)) {
    return { code: 'DatabaseWaiting', message: 'The database was away; the job goes on when it is back.' };
  }
  if (!(error instanceof AppError) || !error.retryable) return null;
  const code = storeOutages[error.code];
  return code === undefined ? null : { code, message: error.message };
}

/** Space comes back when uploads are confirmed or people make some; both take a while. */
const DISK_RETRY_SECONDS = 30;

/**
 * A job whose result already waits for its upload must not be made a second time: it waits as well,
 * however long S3 is away, until a sweep or its own next run has stored the result. Nor does a run count
 * that failed because S3 or the database was away. A waiting job tries again as often as the outbox does
 * at first.
 */
export const resumableWith =
  (storage: Pick<Storage, 'resumeJob' | 'temporaryDirectory'>, delaySeconds: number) =>
  (handler: JobHandler): JobHandler =>
  async (job, context) => {
    const waiting = (code: WaitingCode, message: string) =>
      new JobDeferred({ error: new AppError({ code, message }), delaySeconds });
    const earlier = await storage.resumeJob(job.id);
    if (earlier === 'completed') {
      // The run that made the result was killed: what else it had on disk goes too.
      await (await storage.temporaryDirectory(job.id)).remove();
      return;
    }
    if (earlier === 'pending') {
      throw waiting(
        'UploadWaiting',
        'The result is made and waits for its upload to S3, which is tried again by itself.',
      );
    }
    try {
      await handler(job, context);
    } catch (error) {
      const outage = outageOf(error);
      throw outage === null ? error : waiting(outage.code, outage.message);
    }
  };

/** A job that would fill the disk waits, here or on a machine that has room, without using up its runs. */
export const waitingForDisk =
  (disk: Pick<DiskGuard, 'requireSpace'>) =>
  (handler: JobHandler): JobHandler =>
  async (job, context) => {
    try {
      await disk.requireSpace();
    } catch (error) {
      throw error instanceof AppError ? new JobDeferred({ error, delaySeconds: DISK_RETRY_SECONDS }) : error;
    }
    await handler(job, context);
  };

/** Puts the job's id on every line that is written while it runs, and a span around its run. */
export const loggedAs =
  (context: LogContext, tracing: Tracing) =>
  (handler: JobHandler): JobHandler =>
  (job, run) => {
    const attributes = { 'songreel.job_id': job.id, 'songreel.attempt': run.attempt };
    return tracing.span(`job ${job.kind}`, { attributes }, ({ traceId }) =>
      context.run(traceId === null ? { jobId: job.id } : { jobId: job.id, traceId }, () => handler(job, run)),
    );
  };
