import { copyFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Database } from '../../db/connect';
import type { Job } from '../contract/job.schema';
import type { ProviderName } from '../contract/provider.schema';
import type { JobContext } from '../jobs/jobs.types';
import { sharedKey } from '../library/media-keys.rules';
import type { ProviderContext } from '../providers/provider.types';
import { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import type { Storage } from '../storage/storage.types';
import type { ProviderCallUsecases } from './provider-calls.usecases';

export type ShareUrl = (key: string, lifeSeconds: number) => Promise<string>;

export type WithProvider = <Result>(
  of: {
    job: Pick<Job, 'id' | 'projectId' | 'sceneId'>;
    provider: ProviderName;
    /** The job's own folder. */
    directory: string;
    /** The share of the job's progress that the provider's run covers. */
    progress: { from: number; to: number };
  },
  context: JobContext,
  work: (context: ProviderContext) => Promise<Result>,
) => Promise<Result>;

/** What providers get for a job: its paid calls, word from the provider, and a way to share files with it. */
export function createProviderContexts(deps: {
  sql: Database;
  newId: NewId;
  calls: Pick<ProviderCallUsecases, 'forJob'>;
  waitForWebhook: ProviderContext['waitForWebhook'];
  storage: Pick<Storage, 'storeTemporary' | 'deleteLater'>;
  /** The URL by which a provider can fetch an object for so long; null when nothing of the studio can be reached. */
  shareUrl: ShareUrl | null;
  /** Where providers send word; those without an entry send none. */
  webhookUrls: Partial<Record<ProviderName, string>>;
}): WithProvider {
  const { sql, storage } = deps;

  return async ({ job, provider, directory, progress }, context, work) => {
    const { signal, log } = context;
    const shared: string[] = [];

    const share: ProviderContext['share'] = async ({ path, contentType }, lifeSeconds) => {
      const { shareUrl } = deps;
      if (shareUrl === null) throw inputNotReachable();
      const id = deps.newId();
      // A stored file is deleted here, and the job may still need this one.
      const copy = join(directory, `${id}${extname(path)}`);
      await copyFile(path, copy);
      const key = sharedKey(job.id, id, extname(path));
      await storage.storeTemporary({ files: [{ path: copy, key, contentType }], jobId: job.id, signal });
      shared.push(key);
      return shareUrl(key, lifeSeconds);
    };

    const unshare = async () => {
      if (shared.length > 0) await sql.begin((tx) => storage.deleteLater(tx, shared, `job ${job.id} ended`));
    };

    try {
      const result = await work({
        signal,
        log,
        progress: (stage, fraction) =>
          context.progress(stage, progress.from + (progress.to - progress.from) * fraction),
        calls: deps.calls.forJob(job),
        waitForWebhook: deps.waitForWebhook,
        share,
        webhookUrl: deps.webhookUrls[provider] ?? null,
        endsCallsWhenStored: true,
      });
      await unshare();
      return result;
    } catch (thrown) {
      // Another run may go on with the provider's job, which still reads its inputs: then they go a day later.
      if (signal.reason instanceof Error && signal.reason.name === 'JobCanceled') await unshare();
      throw thrown;
    }
  };
}

const inputNotReachable = () =>
  new AppError({
    code: 'InputNotReachable',
    status: 503,
    message:
      'The input is too large to be uploaded to the provider, and the provider can’t fetch it from this studio. Nothing was charged. Set PUBLIC_URL to the address under which the provider reaches the studio over HTTPS, use an S3 that it reaches, or use a shorter clip.',
    details: { charged: 'no' },
  });
