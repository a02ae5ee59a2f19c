import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { errorMessage } from '../shared/errors';
import { newId } from '../shared/ids';
import type { Log } from '../shared/log';
import { listedInPages } from './embedded-s3.listing';
import { tolerateCutMetadata } from './embedded-s3.metadata';
import { storeBucket } from './embedded-s3.operations';
import { removeOld, writeWhole } from './embedded-s3.writes';
import { isMissing } from './local-files';

const hourMs = 3600 * 1000;
/** As the sweep has it for every store: nobody goes on with a multipart upload after a day. */
const unfinishedUploadAgeMs = 24 * hourMs;
/** Bytes come all the time while a request lasts. */
const draftAgeMs = hourMs;

/** Where a store's objects lie. */
export const dataFolder = (directory: string) => join(directory, 'data');

/** The package over a store's folder, mended where it loses data or lacks what the studio needs. */
export async function openPackage(directory: string, log: Log) {
  const drafts = join(directory, 'drafts');
  const store = new S3rver({
    directory: dataFolder(directory),
    silent: true,
    vhostBuckets: false,
    configureBuckets: [],
  });
  const files = store.store;
  tolerateCutMetadata(files);
  writeWhole(files, drafts, newId);
  // Just inside the package's own layers: the last of them is its router.
  store.middleware.splice(-1, 0, abortable(store), listedInPages(store));
  store.on('error', (thrown) => log.debug({ reason: errorMessage(thrown) }, 'embedded_s3_error'));
  await files.putBucket(storeBucket);
  // Earlier versions let pages of any origin read.
  await files.deleteSubresource(storeBucket, undefined, 'cors');
  const uploads = files.getResourcePath(storeBucket, undefined, 'uploads');
  const cleanUp = async () => {
    // The package cannot list unfinished multipart uploads, so the sweep can't abort them.
    await removeOld(uploads, await namesIn(uploads), unfinishedUploadAgeMs);
    await removeOld(drafts, await namesIn(drafts), draftAgeMs);
  };
  await cleanUp();
  const hourly = setInterval(() => {
    cleanUp().catch((thrown) => log.warn({ reason: errorMessage(thrown) }, 'embedded_s3_clean_up_failed'));
  }, hourMs);
  hourly.unref();
  return {
    serve: store.callback(),
    close() {
      clearInterval(hourly);
      store.logger.close();
    },
  };
}

/** AbortMultipartUpload, which the package lacks. */
function abortable({ store }: S3rver): S3rver['middleware'][number] {
  return async (context, next) => {
    const { uploadId } = context.query;
    if (context.method !== 'DELETE' || typeof uploadId !== 'string') return next();
    const uploads = store.getResourcePath(storeBucket, undefined, 'uploads');
    await rm(join(uploads, uploadId), { recursive: true, force: true });
    context.status = 204;
    context.body = null;
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw thrown;
  }
}
