import { copyFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { Database } from '../../db/connect';
import { sharedKey } from '../library/media-keys.rules';
import type { ProviderContext } from '../providers/provider.types';
import { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import type { Storage } from '../storage/storage.types';

export type ShareUrl = (key: string, lifeSeconds: number) => Promise<string>;

export type SharedInputsDeps = {
  sql: Database;
  newId: NewId;
  storage: Pick<Storage, 'storeTemporary' | 'deleteLater'>;
  /** The URL by which a provider can fetch an object for so long; null when nothing of the studio can be reached. */
  shareUrl: ShareUrl | null;
};

/** The files of one job that its provider fetches from the studio. */
export function createSharedInputs(
  deps: SharedInputsDeps,
  of: { jobId: string; directory: string; signal: AbortSignal },
) {
  const { sql, storage, shareUrl } = deps;
  const { jobId, directory, signal } = of;
  const keys: string[] = [];

  const share: ProviderContext['share'] = async ({ path, contentType }, lifeSeconds) => {
    if (shareUrl === null) throw inputNotReachable();
    const id = deps.newId();
    // A stored file is deleted here, and the job may still need this one.
    const copy = join(directory, `${id}${extname(path)}`);
    await copyFile(path, copy);
    const key = sharedKey(jobId, id, extname(path));
    await storage.storeTemporary({ files: [{ path: copy, key, contentType }], jobId, signal });
    keys.push(key);
    return shareUrl(key, lifeSeconds);
  };

  return {
    share,
    async unshare(): Promise<void> {
      if (keys.length > 0) await sql.begin((tx) => storage.deleteLater(tx, keys, `job ${jobId} ended`));
    },
  };
}

const inputNotReachable = () =>
  new AppError({
    code: 'InputNotReachable',
    message:
      'The input is too large to be uploaded to the provider, and the provider can’t fetch it from this studio. Nothing was charged. Set PUBLIC_URL to the address under which the provider reaches the studio over HTTPS, use an S3 that it reaches, or use a shorter clip.',
    details: { charged: 'no' },
  });
