import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../shared/clock';
import { AppError, errorMessage } from '../shared/errors';
import type { NewId } from '../shared/ids';
import { JobCanceled } from '../shared/job-stops';
import type { Log } from '../shared/log';
import {
  finishBatch,
  type IsJobOver,
  type IsJobUnwanted,
  partSize,
  type StorageParts,
  uploadFailed,
} from './batch';
import { createBatchLock } from './batch-lock';
import { type FileHashes, hashFile } from './file-hash';
import { isMissing, openLocalFiles } from './local-files';
import { createObjects } from './objects';
import { createOutboxRepository, type UploadRow } from './outbox.repository';
import { pause } from './put-object';
import { defaultStorageSettings, type StorageSettings } from './storage.settings';
import type { Completion, Database, ObjectFile, Storage, StoreFilesRequest } from './storage.types';
import { logDeleteFailure, sweepOnce } from './sweep';

export type StorageOptions = {
  sql: Database;
  s3: S3Client;
  /** Signs URLs for the public endpoint (s3.client.ts). */
  presignS3: S3Client;
  /** Set for a store whose objects are files of this machine. */
  objectFile?: ObjectFile | null;
  bucket: string;
  /** `DATA_DIR/outputs`; made when missing. */
  mediaRoot: string;
  /** Keep local files after their confirm (debugging). */
  keepLocalMedia: boolean;
  newId: NewId;
  clock: Clock;
  log: Log;
  /** Lets the sweep remove what jobs left behind that a killed process ran. Default: no job is over. */
  isJobOver?: IsJobOver;
  /** Lets the sweep withdraw files that wait for a job which nobody wants any more. Default: all are wanted. */
  isJobUnwanted?: IsJobUnwanted;
  completions?: Record<string, Completion>;
  settings?: Partial<StorageSettings>;
};

/** Completion of files that only a running job needs: their deletion is planned at once. */
const TEMPORARY_STORED = 'storage.temporary';

/** Opens the media root and makes the one way from it to S3. */
export async function createStorage(options: StorageOptions): Promise<Storage> {
  const { sql, s3, presignS3, bucket, newId, clock, log } = options;
  const settings = { ...defaultStorageSettings, ...options.settings };
  const local = await openLocalFiles({ mediaRoot: options.mediaRoot, newId });
  const parts: StorageParts = {
    s3,
    bucket,
    outbox: createOutboxRepository(sql, local.rootId),
    locks: createBatchLock(sql, log),
    local,
    completions: new Map(Object.entries(options.completions ?? {})),
    counters: {
      bytesFreed: 0,
      filesDeleted: 0,
      fileDeletionsFailed: 0,
      bytesUploaded: 0,
      uploadsConfirmed: 0,
      uploadsFailed: 0,
    },
    settings,
    keepLocalMedia: options.keepLocalMedia,
    isJobOver: options.isJobOver ?? (async () => false),
    isJobUnwanted: options.isJobUnwanted ?? (async () => false),
    clock,
    log,
  };
  const { outbox, locks } = parts;
  const foldersInUse = new Set<string>();
  const { objectFile = null } = options;
  const objects = createObjects({ s3, presignS3, bucket, local, settings, newId, clock, objectFile });

  const storeFiles: Storage['storeFiles'] = async (request) => {
    if (!parts.completions.has(request.completion))
      throw new RangeError(`No completion is named ${request.completion}.`);
    const batchId = newId();
    const { rows, hashed } = await hashFiles(parts, batchId, request, newId);
    const outcome = await locks.withLock(batchId, async () => {
      request.signal?.throwIfAborted();
      const { jobId = null, completion } = request;
      const batch = { id: batchId, jobId, completion, arguments: request.arguments };
      await outbox.insertBatch(batch, rows, clock.now());
      try {
        return await finishBatch(parts, batchId, { hashed, signal: request.signal });
      } catch (thrown) {
        if (request.signal?.reason instanceof JobCanceled) {
          await outbox.withdrawBatch(batchId, 'here', 'the upload was canceled', clock.now());
        }
        throw thrown;
      }
    });
    if (outcome === null) throw uploadFailed('another process took it over', 503, null);
    if (outcome.outcome !== 'completed') throw outcome.error;
    return outcome.files;
  };

  parts.completions.set(TEMPORARY_STORED, async (tx, files, args) => {
    const keys = files.map((file) => file.key);
    const deleteAt = new Date(Number(args['deleteAt']));
    await outbox.deleteLater(tx, keys, `temporary, of job ${args['jobId']}`, deleteAt);
  });

  const resumeJob: Storage['resumeJob'] = async (jobId) => {
    const batches = await outbox.pendingBatches({ dueBy: null, jobId });
    let result: 'none' | 'completed' | 'pending' = 'none';
    for (const batchId of batches) {
      const outcome = await locks.withLock(batchId, () => finishBatch(parts, batchId));
      if (outcome === null || outcome.outcome === 'pending') return 'pending';
      if (outcome.outcome === 'completed') result = 'completed';
    }
    if (result === 'completed') return result;
    const since = new Date(clock.now().getTime() - settings.elsewherePatienceMs);
    return (await outbox.isPendingElsewhere(jobId, since)) ? 'pending' : 'none';
  };

  const awaitedFiles: Storage['awaitedFiles'] = async (jobId) => {
    const files = await outbox.unstoredFiles(jobId);
    const failed = files.find((file) => file.state === 'failed');
    if (failed !== undefined) return { state: 'failed', reason: failed.lastError ?? 'it was given up' };
    return files.length > 0 ? { state: 'pending' } : null;
  };

  /** Temporary files that could not be deleted when they were done with: the next sweep tries again. */
  const toDiscard = new Set<string>();

  const discard: Storage['discard'] = async (path) => {
    toDiscard.delete(path);
    try {
      const relativePath = await local.relativePath(path);
      // A file in the outbox is deleted by its upload, not by whoever made it.
      if ((await outbox.openPaths([relativePath])).size > 0) return;
      const bytes = await local.unlink(path);
      parts.counters.filesDeleted += 1;
      parts.counters.bytesFreed += bytes;
      log.info({ path: relativePath, bytes }, 'local_file_deleted');
    } catch (thrown) {
      logDeleteFailure(parts, path, thrown);
      if (!isMissing(thrown) && !(thrown instanceof AppError)) toDiscard.add(path);
    }
  };

  async function clear(folder: string): Promise<void> {
    const tree = await local.tree(folder);
    for (const file of tree.files) await discard(file.path);
    for (const inner of tree.folders) await local.removeIfEmpty(inner.path);
  }

  const temporaryDirectory: Storage['temporaryDirectory'] = async (jobId) => {
    if (!/^[A-Za-z0-9-]+$/.test(jobId)) throw new RangeError(`"${jobId}" is not the id of a job.`);
    const path = await local.makeFolder(join('jobs', jobId));
    foldersInUse.add(path);
    await clear(path);
    const remove = async () => {
      try {
        await clear(path);
        await local.removeIfEmpty(path);
      } catch (thrown) {
        logDeleteFailure(parts, path, thrown);
      } finally {
        foldersInUse.delete(path);
      }
    };
    return { path, remove, [Symbol.asyncDispose]: remove };
  };

  const inScratchFolder: Storage['inScratchFolder'] = async (work) => {
    const id = newId();
    const done = await locks.withLock(id, async () => {
      await using directory = await temporaryDirectory(id);
      return { result: await work(directory.path) };
    });
    if (done === null) throw new Error(`The new id ${id} is in use already.`);
    return done.result;
  };

  const sweep: Storage['sweep'] = async (sweepOptions = {}) => {
    for (const path of [...toDiscard]) await discard(path);
    const report = await sweepOnce(parts, foldersInUse, sweepOptions);
    const { unknownFiles, keptFiles, ...numbers } = report;
    const counts = { unknownFiles: unknownFiles.length, keptFiles: keptFiles.length };
    log[report.problems.length > 0 ? 'warn' : 'debug']({ ...numbers, ...counts }, 'sweep_done');
    return report;
  };

  return {
    ...objects,
    mediaRoot: local.root,
    mediaRootId: local.rootId,
    registerCompletion(name, completion) {
      if (parts.completions.has(name)) throw new RangeError(`The completion ${name} is registered already.`);
      parts.completions.set(name, completion);
    },
    storeFiles,
    storeTemporary({ files, jobId, signal }) {
      const deleteAt = clock.now().getTime() + settings.temporaryObjectLifeMs;
      return storeFiles({
        files,
        completion: TEMPORARY_STORED,
        arguments: { jobId, deleteAt },
        ...(signal === undefined ? {} : { signal }),
      });
    },
    resumeJob,
    awaitedFiles,
    sweep,
    async startSweeping({ everyMs, signal }) {
      while (!signal.aborted) {
        try {
          await sweep({ signal });
          await pause(everyMs, signal);
        } catch (thrown) {
          if (signal.aborted) return;
          log.error({ reason: errorMessage(thrown) }, 'sweep_failed');
          await pause(everyMs, signal).catch(() => undefined);
        }
      }
    },
    discard,
    temporaryDirectory,
    inScratchFolder,
    deleteLater: (tx, keys, reason) => outbox.deleteLater(tx, keys, reason, clock.now()),
    counters: () => ({ ...parts.counters }),
  };
}

/** Hashes the files, before any row exists. @throws AppError 500 `FileUnreadable` when one is not there. */
async function hashFiles(
  parts: StorageParts,
  batchId: string,
  request: StoreFilesRequest,
  newId: NewId,
): Promise<{ rows: UploadRow[]; hashed: Map<string, FileHashes> }> {
  if (request.files.length === 0) throw new RangeError('A batch has at least one file.');
  // Rows are read back in the order of their ids.
  const ids = request.files.map(() => newId()).sort();
  const rows: UploadRow[] = [];
  const hashed = new Map<string, FileHashes>();
  for (const [index, file] of request.files.entries()) {
    const id = ids[index] ?? newId();
    const path = await parts.local.relativePath(file.path);
    const hashes = await hashOne(parts, path, request.signal);
    hashed.set(id, hashes);
    rows.push({
      id,
      batchId,
      path,
      key: file.key,
      contentType: file.contentType,
      bytes: hashes.bytes,
      sha256: hashes.sha256.toString('hex'),
      state: 'pending',
      attempts: 0,
    });
  }
  return { rows, hashed };
}

async function hashOne(
  parts: StorageParts,
  path: string,
  signal: AbortSignal | undefined,
): Promise<FileHashes> {
  try {
    const absolute = await parts.local.inside(path);
    return await hashFile(absolute, { partBytes: partSize(parts.settings), ...(signal ? { signal } : {}) });
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof AppError) throw thrown;
    parts.log.error({ path, reason: errorMessage(thrown) }, 'upload_failed');
    throw new AppError({
      code: 'FileUnreadable',
      message: `${path} cannot be stored: ${errorMessage(thrown)}`,
      cause: thrown,
    });
  }
}
