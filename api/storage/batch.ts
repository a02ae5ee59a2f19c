import type { S3Client } from '@aws-sdk/client-s3';
import type { ErrorCode } from '../contract/error.catalogue';
import type { Clock } from '../shared/clock';
import { AppError, errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import type { BatchLock } from './batch-lock';
import { compareObject, confirmObject, hashObject } from './confirm';
import { type FileHashes, hashFile, identityOf, openNoFollow, sameFile } from './file-hash';
import { isMissing, type LocalFiles } from './local-files';
import type { Batch, OutboxRepository, UploadRow } from './outbox.repository';
import { putFile, withTries } from './put-object';
import { describeS3Failure } from './s3.client';
import { backOffMs, partBytesFor, type StorageSettings } from './storage.settings';
import type { Completion, StorageCounters, StoredFile } from './storage.types';

/** Whether a job has ended, or is not known at all: its working folder is then of no use. */
export type IsJobOver = (jobId: string) => Promise<boolean>;
/**
 * Whether a job was canceled, has succeeded without them (another machine made its result anew) or is
 * gone with its project: nobody wants its files any more.
 */
export type IsJobUnwanted = (jobId: string) => Promise<boolean>;

/** What storage works with; made once in storage.ts. */
export type StorageParts = {
  s3: S3Client;
  bucket: string;
  outbox: OutboxRepository;
  locks: BatchLock;
  local: LocalFiles;
  completions: Map<string, Completion>;
  counters: StorageCounters;
  settings: StorageSettings;
  keepLocalMedia: boolean;
  isJobOver: IsJobOver;
  isJobUnwanted: IsJobUnwanted;
  clock: Clock;
  log: Log;
};

export type BatchOutcome =
  | { outcome: 'completed'; files: StoredFile[]; filesDeleted: number; bytesFreed: number }
  /** The rows say why; the sweep goes on. */
  | { outcome: 'pending'; error: AppError }
  /** Given up; the files are kept. */
  | { outcome: 'failed'; error: AppError };

/** Files hashed by the caller a moment ago, by the ids of their rows. */
type Hashed = Map<string, FileHashes>;

/**
 * Takes a batch as far as it comes: upload and confirm each file, make its database change, delete
 * the files. To be called under the batch's lock; may be called again at any point of an earlier run.
 * @throws the signal's reason when it is aborted before the database change.
 */
export async function finishBatch(
  parts: StorageParts,
  batchId: string,
  options: { hashed?: Hashed; signal?: AbortSignal | undefined } = {},
): Promise<BatchOutcome | null> {
  const batch = await parts.outbox.loadBatch(batchId);
  if (batch === null) return null;
  if (batch.uploads.some((upload) => upload.state === 'pending')) {
    const unfinished = await uploadAndComplete(parts, batch, options);
    if (unfinished !== null) return unfinished;
  } else if (batch.uploads.some(({ state }) => state === 'failed' || state === 'withdrawn')) return null;
  const files = batch.uploads.map(storedFile);
  const deleted = await deleteLocalFiles(parts, batch, options.hashed);
  return { outcome: 'completed', files, ...deleted };
}

function storedFile({ key, bytes, sha256, contentType }: UploadRow): StoredFile {
  return { key, bytes, sha256, contentType };
}

/** Null when all is confirmed and the database change is made. */
async function uploadAndComplete(
  parts: StorageParts,
  batch: Batch,
  options: { hashed?: Hashed; signal?: AbortSignal | undefined },
): Promise<BatchOutcome | null> {
  const completion = parts.completions.get(batch.completion);
  for (const upload of batch.uploads) {
    const failed = await uploadOne(parts, upload, options);
    if (failed !== null) return failed;
  }
  const attempts = Math.max(...batch.uploads.map((upload) => upload.attempts)) + 1;
  if (completion === undefined) {
    const reason = `the files are in S3, but this version knows no database change named ${batch.completion}`;
    return batchPending(parts, batch, attempts, reason, null);
  }
  options.signal?.throwIfAborted();
  let changeThrew: unknown = null;
  try {
    await parts.outbox.confirmBatch(batch.id, parts.clock.now(), async (tx) => {
      try {
        await completion(tx, batch.uploads.map(storedFile), batch.arguments);
      } catch (thrown) {
        changeThrew = thrown;
        throw thrown;
      }
    });
  } catch (thrown) {
    if (thrown === changeThrew && thrown instanceof AppError && !thrown.retryable)
      return batchFailed(parts, batch.id, thrown);
    const reason = `the files are in S3, but the database change failed: ${errorMessage(thrown)}`;
    return batchPending(parts, batch, attempts, reason, thrown);
  }
  for (const upload of batch.uploads) {
    parts.counters.uploadsConfirmed += 1;
    const { key, path, bytes, sha256 } = upload;
    parts.log.info({ key, path, bytes, sha256, batchId: batch.id }, 'upload_confirmed');
  }
  return null;
}

async function batchPending(
  parts: StorageParts,
  batch: Batch,
  attempts: number,
  reason: string,
  cause: unknown,
): Promise<BatchOutcome> {
  const nextAttemptAt = new Date(parts.clock.now().getTime() + backOffMs(attempts, parts.settings));
  parts.log.error({ batchId: batch.id, reason, nextAttemptAt }, 'upload_failed');
  parts.counters.uploadsFailed += 1;
  await parts.outbox.noteBatchFailure(batch.id, { reason, nextAttemptAt });
  return { outcome: 'pending', error: uploadFailed(reason, 503, cause) };
}

async function batchFailed(parts: StorageParts, batchId: string, error: AppError): Promise<BatchOutcome> {
  parts.counters.uploadsFailed += 1;
  parts.log.error({ batchId, reason: error.message, givenUp: true }, 'upload_failed');
  await parts.outbox.failBatch(batchId, error.message, parts.clock.now());
  return { outcome: 'failed', error };
}

/** The error of an upload that goes on without the caller. */
export function uploadFailed(reason: string, status: 502 | 503, cause: unknown): AppError {
  return new AppError({
    code: 'UploadFailed',
    status,
    message: `The file was not stored yet: ${reason}. It is kept on this machine and will be retried by itself.`,
    retryable: true,
    cause,
  });
}

/** Uploads and confirms one file; null when S3 is proven to have it. */
async function uploadOne(
  parts: StorageParts,
  upload: UploadRow,
  options: { hashed?: Hashed; signal?: AbortSignal | undefined },
): Promise<BatchOutcome | null> {
  const { s3, bucket, settings, log } = parts;
  const { signal } = options;
  const { key, contentType } = upload;
  const place = { s3, bucket, key, settings, signal };
  const inline = options.hashed?.get(upload.id);
  let tries = 0;
  try {
    const path = await parts.local.inside(upload.path);
    const hashes = inline ?? (await hashAgain(parts, upload, path, signal));
    if (hashes === null) return await finishWithoutFile(parts, upload, signal);
    await withTries({ settings, signal, tried: () => tries++ }, async (number) => {
      // No key is used twice: an object that is there already is this file from an earlier try.
      const known = number > 1 || inline === undefined ? await compareObject(place, hashes) : null;
      if (known?.verdict === 'same') return;
      await putFile({ ...place, path, contentType, hashes, log });
      parts.counters.bytesUploaded += hashes.bytes;
      await confirmObject(place, hashes);
    });
    return null;
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof AppError && givenUpCodes.has(thrown.code))
      return batchFailed(parts, upload.batchId, thrown);
    const failure = describeS3Failure(thrown);
    const attempts = upload.attempts + Math.max(1, tries);
    const nextAttemptAt = new Date(parts.clock.now().getTime() + backOffMs(attempts, settings));
    parts.counters.uploadsFailed += 1;
    log.error({ key, path: upload.path, attempts, reason: failure.message, nextAttemptAt }, 'upload_failed');
    const note = { tries: Math.max(1, tries), reason: failure.message, nextAttemptAt };
    await parts.outbox.noteFailure(upload, note);
    const status = failure.code !== 'UploadNotConfirmed' && failure.transient ? 503 : 502;
    return { outcome: 'pending', error: uploadFailed(failure.message, status, thrown) };
  }
}

/** Failures of the local file that no retry mends. */
const givenUpCodes = new Set<ErrorCode>(['FileLost', 'FileChanged', 'PathNotAllowed']);

/** Null when the file is gone. @throws AppError `FileChanged` when it is not the file of the row any more. */
async function hashAgain(
  parts: StorageParts,
  upload: UploadRow,
  path: string,
  signal?: AbortSignal,
): Promise<FileHashes | null> {
  try {
    const partBytes = partSize(parts.settings);
    const hashes = await hashFile(path, { partBytes, ...(signal ? { signal } : {}) });
    if (hashes.bytes === upload.bytes && hashes.sha256.toString('hex') === upload.sha256) return hashes;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
  throw new AppError({
    code: 'FileChanged',
    message: `${upload.path} changed after it was handed over for upload; it is kept as it is`,
  });
}

/** The size of the parts of a file of so many bytes; the whole file below the limit for multipart. */
export function partSize(settings: StorageSettings): (bytes: number) => number {
  return (bytes) => (bytes < settings.multipartFromBytes ? bytes : partBytesFor(bytes, settings));
}

/** The local file is gone before its confirm: only the object itself can still prove that it is whole. */
async function finishWithoutFile(
  parts: StorageParts,
  upload: UploadRow,
  signal?: AbortSignal,
): Promise<null> {
  const { s3, bucket, settings, log } = parts;
  log.warn({ path: upload.path, key: upload.key }, 'local_file_not_found');
  let lost = true;
  try {
    const found = await hashObject({ s3, bucket, key: upload.key, settings, signal }, upload.bytes);
    lost = found.bytes !== upload.bytes || found.sha256.toString('hex') !== upload.sha256;
  } catch (thrown) {
    if (describeS3Failure(thrown).status !== 404) throw thrown;
  }
  if (!lost) return null;
  throw new AppError({
    code: 'FileLost',
    message: `${upload.path} was deleted by someone else before S3 had it`,
  });
}

/** Deletes the files of a confirmed batch; what cannot be deleted is tried again by the sweep. */
async function deleteLocalFiles(
  parts: StorageParts,
  batch: Batch,
  hashed: Hashed | undefined,
): Promise<{ filesDeleted: number; bytesFreed: number }> {
  const total = { filesDeleted: 0, bytesFreed: 0 };
  if (parts.keepLocalMedia) return total;
  for (const upload of batch.uploads) {
    if (upload.state === 'deleted') continue;
    const bytes = await deleteLocalFile(parts, upload, hashed?.get(upload.id));
    if (bytes === null) continue;
    total.filesDeleted += 1;
    total.bytesFreed += bytes;
  }
  return total;
}

/** Bytes freed; null when nothing was deleted. */
async function deleteLocalFile(
  parts: StorageParts,
  upload: UploadRow,
  hashes: FileHashes | undefined,
): Promise<number | null> {
  const { outbox, local, log, counters } = parts;
  const { path, key } = upload;
  try {
    const others = (await outbox.openPaths([path])).get(path) ?? [];
    if (others.some((other) => other.id !== upload.id && other.state === 'pending')) return null;
    if (!(await isStillThatFile(parts, upload, hashes))) {
      const reason = 'the file changed after its upload; it is kept';
      log.error({ path, key, reason }, 'local_file_delete_failed');
      counters.fileDeletionsFailed += 1;
      await outbox.markReplaced(upload.id, reason);
      return null;
    }
    const bytes = await local.unlink(path);
    counters.filesDeleted += 1;
    counters.bytesFreed += bytes;
    log.info({ path, key, bytes }, 'local_file_deleted');
    await outbox.markDeleted(upload.id, parts.clock.now());
    return bytes;
  } catch (thrown) {
    if (isMissing(thrown)) {
      log.warn({ path, key }, 'local_file_not_found');
      await outbox.markDeleted(upload.id, parts.clock.now());
      return null;
    }
    counters.fileDeletionsFailed += 1;
    const reason = errorMessage(thrown);
    log.error({ path, key, reason }, 'local_file_delete_failed');
    await outbox.noteDeleteFailed(upload.id, reason);
    return null;
  }
}

/** Only what was uploaded may go: the file hashed a moment ago, or else one with the same bytes. */
async function isStillThatFile(
  parts: StorageParts,
  upload: UploadRow,
  hashes: FileHashes | undefined,
): Promise<boolean> {
  const path = await parts.local.inside(upload.path);
  if (hashes !== undefined) {
    const file = await openNoFollow(path);
    try {
      return sameFile(await identityOf(file), hashes.identity);
    } finally {
      await file.close();
    }
  }
  const now = await hashFile(path, { partBytes: (bytes) => bytes });
  return now.bytes === upload.bytes && now.sha256.toString('hex') === upload.sha256;
}
