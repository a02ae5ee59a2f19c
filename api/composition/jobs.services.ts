import { JobWaits } from '../jobs/jobs.errors';
import type { JobHandler, PoolName } from '../jobs/jobs.types';
import { AppError } from '../shared/errors';
import type { Storage } from '../storage/storage.types';

/** A waiting job tries its upload as often as the outbox does at first (its back-off begins with this). */
const UPLOAD_RETRY_SECONDS = 30;

const uploadWaiting = (message: string) =>
  new JobWaits({ code: 'UploadWaiting', status: 503, message, delaySeconds: UPLOAD_RETRY_SECONDS });

/**
 * A job whose result already waits for its upload must not be made a second time: it waits as well,
 * however long S3 is away, until a sweep or its own next run has stored the result.
 */
export const resumableWith =
  (storage: Pick<Storage, 'resumeJob' | 'temporaryDirectory'>) =>
  (handler: JobHandler): JobHandler =>
  async (job, context) => {
    const earlier = await storage.resumeJob(job.id);
    if (earlier === 'completed') {
      // The run that made the result was killed: what else it had on disk goes too.
      await (await storage.temporaryDirectory(job.id)).remove();
      return;
    }
    if (earlier === 'pending') {
      throw uploadWaiting(
        'The result is made and waits for its upload to S3, which is tried again by itself.',
      );
    }
    try {
      await handler(job, context);
    } catch (error) {
      if (error instanceof AppError && error.code === 'UploadFailed' && error.retryable) {
        throw uploadWaiting(error.message);
      }
      throw error;
    }
  };

/** Work on this machine shares its processor; work elsewhere is only waited for. */
export const poolByProvider =
  (local: PoolName) =>
  ({ provider }: { provider: string | null }): PoolName =>
    provider === null || provider === 'local' ? local : 'remote';
