import { relative, sep } from 'node:path';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { AppError, errorMessage } from '../shared/errors';
import { finishBatch, type StorageParts } from './batch';
import { compareObject } from './confirm';
import { hashFile } from './file-hash';
import { isOurs } from './keys';
import { isMissing, type LocalFile } from './local-files';
import type { Batch, UploadRow } from './outbox.repository';
import { describeS3Failure, withinTime } from './s3.client';
import { backOffMs } from './storage.settings';
import type { SweepReport } from './storage.types';

export type SweepOptions = { ignoreBackOff?: boolean; signal?: AbortSignal };

/** How many objects one sweep deletes at most; the rest is the next one's. */
const deletionsPerSweep = 1000;

/** One pass over what the outbox, the media root and S3 still have to be rid of. */
export async function sweepOnce(
  parts: StorageParts,
  /** Folders in use by this process: not removed though empty. */
  foldersInUse: ReadonlySet<string>,
  options: SweepOptions,
): Promise<SweepReport> {
  const report: SweepReport = {
    batchesCompleted: 0,
    batchesPending: 0,
    batchesFailed: 0,
    batchesWithdrawn: 0,
    filesDeleted: 0,
    bytesFreed: 0,
    foldersRemoved: 0,
    objectsDeleted: 0,
    objectDeletionsFailed: 0,
    multipartUploadsAborted: 0,
    unknownFiles: [],
    keptFiles: [],
    problems: [],
  };
  const steps: [string, () => Promise<void>][] = [
    ['finishing uploads', () => finishBatches(parts, options, report)],
    ['withdrawing uploads of other machines', () => withdrawElsewhere(parts, report)],
    ['deleting files that nobody needs', () => deleteEnded(parts, report)],
    ['looking through the media folder', () => lookForUnknownFiles(parts, foldersInUse, report)],
    ['removing empty folders', () => removeEmptyFolders(parts, foldersInUse, report)],
    ['deleting objects', () => deleteObjects(parts, options, report)],
    ['aborting old multipart uploads', () => abortMultipartUploads(parts, report)],
  ];
  for (const [doing, step] of steps) {
    options.signal?.throwIfAborted();
    try {
      await step();
    } catch (thrown) {
      options.signal?.throwIfAborted();
      report.problems.push(`${doing}: ${errorMessage(thrown)}`);
    }
  }
  report.keptFiles = await parts.outbox.failedFiles();
  return report;
}

async function finishBatches(parts: StorageParts, options: SweepOptions, report: SweepReport): Promise<void> {
  const dueBy = options.ignoreBackOff ? null : parts.clock.now();
  const pending = await parts.outbox.pendingBatches({ dueBy });
  const confirmed = parts.keepLocalMedia ? [] : await parts.outbox.confirmedBatches();
  for (const batchId of new Set([...pending, ...confirmed])) {
    options.signal?.throwIfAborted();
    const outcome = await parts.locks.withLock(batchId, async () =>
      (await withdrawUnwanted(parts, batchId, report))
        ? 'withdrawn'
        : finishBatch(parts, batchId, { signal: options.signal }),
    );
    if (outcome === 'withdrawn') report.batchesWithdrawn += 1;
    else if (outcome === null || outcome.outcome === 'pending') report.batchesPending += 1;
    else if (outcome.outcome === 'failed') report.batchesFailed += 1;
    else {
      report.batchesCompleted += 1;
      report.filesDeleted += outcome.filesDeleted;
      report.bytesFreed += outcome.bytesFreed;
    }
  }
}

/**
 * Rows of machines that never came back would wait for ever. Those that nobody wants are withdrawn; should
 * the machine be alive, or return, it deletes their files.
 */
async function withdrawElsewhere(parts: StorageParts, report: SweepReport): Promise<void> {
  const { outbox, locks, clock, settings } = parts;
  const before = new Date(clock.now().getTime() - settings.elsewherePatienceMs);
  for (const batchId of await outbox.pendingElsewhere(before)) {
    if (await locks.withLock(batchId, () => withdrawRows(parts, batchId, 'elsewhere'))) {
      report.batchesWithdrawn += 1;
    }
  }
}

/**
 * Deletes the files here that nobody needs: those that another machine has withdrawn, and those that were
 * given up though their job has its result, from another worker, or was canceled. Files of failed jobs are
 * kept: a person may retry.
 */
async function deleteEnded(parts: StorageParts, report: SweepReport): Promise<void> {
  const { outbox, locks } = parts;
  if (parts.keepLocalMedia) return;
  for (const state of ['withdrawn', 'failed'] as const) {
    for (const batchId of await outbox.endedBatches(state)) {
      await locks.withLock(batchId, async () => {
        const batch = await outbox.loadBatch(batchId);
        if (batch === null || batch.uploads.some((upload) => upload.state !== state)) return;
        if (state === 'failed' && !(await isForUnwantedJob(parts, batch))) return;
        await deleteFilesOf(parts, batch.uploads, report);
        await outbox.forgetEnded(batchId);
      });
    }
  }
}

/** Whether the job that a batch is for has ended without it. */
async function isForUnwantedJob(parts: StorageParts, batch: Batch): Promise<boolean> {
  const jobId = jobOf(batch);
  return jobId !== null && (await parts.isJobUnwanted(jobId));
}

function jobOf(batch: Batch): string | null {
  const jobId = batch.jobId ?? batch.arguments['jobId'];
  return typeof jobId === 'string' && jobIds.test(jobId) ? jobId : null;
}

/**
 * Withdraws a batch that nobody wants any more: of a job that ended without it, or, from a machine that is
 * silent, of no job at all. Its rows, or null when it is wanted.
 */
async function withdrawRows(
  parts: StorageParts,
  batchId: string,
  from: 'here' | 'elsewhere',
): Promise<UploadRow[] | null> {
  const { outbox, clock, log } = parts;
  const batch = await outbox.loadBatch(batchId);
  if (batch === null || batch.uploads.some((upload) => upload.state !== 'pending')) return null;
  // What no job waits for can be made anew (take pictures): its machine alone keeps it in the outbox.
  const isReproducible = from === 'elsewhere' && jobOf(batch) === null;
  if (!isReproducible && !(await isForUnwantedJob(parts, batch))) return null;
  const reason = isReproducible ? 'its machine is silent' : 'its job has ended without it';
  await outbox.withdrawBatch(batchId, from, reason, clock.now());
  log.info({ batchId, jobId: jobOf(batch), from }, 'upload_withdrawn');
  return batch.uploads;
}

/**
 * Takes back the files that wait for a job which was canceled meanwhile, as canceling a running upload
 * does. They would be stored in vain: the database change of an ended job is refused.
 */
async function withdrawUnwanted(parts: StorageParts, batchId: string, report: SweepReport): Promise<boolean> {
  const uploads = await withdrawRows(parts, batchId, 'here');
  if (uploads === null) return false;
  if (!parts.keepLocalMedia) await deleteFilesOf(parts, uploads, report);
  return true;
}

/** Deletes files of withdrawn rows, but those that another row still needs. */
async function deleteFilesOf(
  parts: StorageParts,
  uploads: readonly UploadRow[],
  report: SweepReport,
): Promise<void> {
  const open = await parts.outbox.openPaths(uploads.map((upload) => upload.path));
  for (const { path, bytes } of uploads) {
    const isNeeded = (open.get(path) ?? []).some((row) => !['withdrawn', 'failed'].includes(row.state));
    if (isNeeded || !(await deleteUnknown(parts, path, null))) continue;
    report.filesDeleted += 1;
    report.bytesFreed += bytes;
  }
}

async function lookForUnknownFiles(
  parts: StorageParts,
  foldersInUse: ReadonlySet<string>,
  report: SweepReport,
): Promise<void> {
  const { local, outbox, clock, settings } = parts;
  const tree = await local.tree();
  for (const link of tree.links) {
    if (await isLinkOfEndedJob(parts, link, foldersInUse)) await deleteLink(parts, link);
    else report.problems.push(`${link} is no plain file; it is left alone`);
  }
  // Asked after the files were listed: a file that got its row meanwhile is known.
  const known = await outbox.openPaths(null);
  for (const file of tree.files) {
    const path = await local.relativePath(file.path);
    if (known.has(path)) continue;
    const ageMs = clock.now().getTime() - file.modifiedMs;
    if (await isLeftByEndedJob(parts, path, foldersInUse)) {
      if (await deleteUnknown(parts, path, null)) {
        report.filesDeleted += 1;
        report.bytesFreed += file.bytes;
      }
      continue;
    }
    const foundAt = ageMs > settings.unknownFileAgeMs ? await findInS3(parts, file, report) : null;
    const deleted = foundAt !== null && !parts.keepLocalMedia && (await deleteUnknown(parts, path, foundAt));
    if (deleted) {
      report.filesDeleted += 1;
      report.bytesFreed += file.bytes;
    }
    report.unknownFiles.push({ path, bytes: file.bytes, ageMs, deleted, foundAt });
  }
}

const jobIds = /^[0-9a-f-]{36}$/;
const workingFolder = /^jobs\/([0-9a-f-]{36})\//;

/**
 * Whether a file that no row knows is a working copy of a job that has ended: its process was killed
 * before it could clean up. Such files are made of what S3 has, never the only copy.
 */
async function isLeftByEndedJob(
  parts: StorageParts,
  path: string,
  foldersInUse: ReadonlySet<string>,
): Promise<boolean> {
  const jobId = workingFolder.exec(path)?.[1];
  if (jobId === undefined || parts.keepLocalMedia) return false;
  for (const folder of foldersInUse) if (folder.endsWith(jobId)) return false;
  // Work that is no job holds a lock on its folder's id; it goes with the process.
  return (await parts.locks.withLock(jobId, () => parts.isJobOver(jobId))) ?? false;
}

/** Composing links the takes into its folder; what a killed process leaves there goes like its files. */
async function isLinkOfEndedJob(
  parts: StorageParts,
  link: string,
  foldersInUse: ReadonlySet<string>,
): Promise<boolean> {
  const path = relative(parts.local.root, link).split(sep).join('/');
  return isLeftByEndedJob(parts, path, foldersInUse);
}

async function deleteLink(parts: StorageParts, link: string): Promise<void> {
  try {
    await parts.local.unlinkLink(link);
  } catch (thrown) {
    logDeleteFailure(parts, link, thrown);
  }
}

/** The key of an object that is proven to have the file's bytes, or null. */
async function findInS3(parts: StorageParts, file: LocalFile, report: SweepReport): Promise<string | null> {
  const { s3, bucket, settings, outbox } = parts;
  try {
    const hashes = await hashFile(file.path, { partBytes: (bytes) => bytes });
    for (const key of await outbox.keysOfBytes(hashes.sha256.toString('hex'), hashes.bytes)) {
      const found = await compareObject({ s3, bucket, key, settings }, hashes);
      if (found.verdict === 'same') return key;
    }
  } catch (thrown) {
    if (!isMissing(thrown)) report.problems.push(`${file.path}: ${describeS3Failure(thrown).message}`);
  }
  return null;
}

async function deleteUnknown(parts: StorageParts, path: string, foundAt: string | null): Promise<boolean> {
  try {
    const bytes = await parts.local.unlink(path);
    parts.counters.filesDeleted += 1;
    parts.counters.bytesFreed += bytes;
    parts.log.info({ path, key: foundAt, bytes }, 'local_file_deleted');
    return true;
  } catch (thrown) {
    logDeleteFailure(parts, path, thrown);
    return false;
  }
}

/** Tells of a file that could not be deleted: gone already, or why. */
export function logDeleteFailure(
  parts: Pick<StorageParts, 'log' | 'counters'>,
  path: string,
  thrown: unknown,
): void {
  if (isMissing(thrown)) {
    parts.log.warn({ path }, 'local_file_not_found');
    return;
  }
  parts.counters.fileDeletionsFailed += 1;
  parts.log.error({ path, reason: errorMessage(thrown) }, 'local_file_delete_failed');
}

async function removeEmptyFolders(
  parts: StorageParts,
  foldersInUse: ReadonlySet<string>,
  report: SweepReport,
): Promise<void> {
  const { local, clock, settings } = parts;
  const oldest = clock.now().getTime() - settings.emptyFolderAgeMs;
  // Deepest first; removing one makes its parent younger, so emptied parents go in a later sweep.
  for (const folder of (await local.tree()).folders) {
    if (folder.modifiedMs > oldest || foldersInUse.has(folder.path)) continue;
    if (await local.removeIfEmpty(folder.path)) report.foldersRemoved += 1;
  }
}

async function deleteObjects(parts: StorageParts, options: SweepOptions, report: SweepReport): Promise<void> {
  const { s3, bucket, outbox, clock, settings, log } = parts;
  for (const deletion of await outbox.dueDeletions(clock.now(), deletionsPerSweep)) {
    options.signal?.throwIfAborted();
    const { key, reason } = deletion;
    try {
      await withinTime({ timeoutMs: settings.requestTimeoutMs }, (abortSignal) =>
        s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
      );
      await outbox.deletionDone(key);
      report.objectsDeleted += 1;
      log.info({ key, reason }, 'object_deleted');
    } catch (thrown) {
      const failure = describeS3Failure(thrown).message;
      const nextAttemptAt = new Date(clock.now().getTime() + backOffMs(deletion.attempts + 1, settings));
      await outbox.deletionFailed(key, failure, nextAttemptAt);
      report.objectDeletionsFailed += 1;
      log.warn({ key, reason: failure, nextAttemptAt }, 'object_delete_failed');
    }
  }
}

async function abortMultipartUploads(parts: StorageParts, report: SweepReport): Promise<void> {
  const { s3, bucket, settings, clock, log } = parts;
  const oldest = clock.now().getTime() - settings.multipartUploadAgeMs;
  const ask = { timeoutMs: settings.requestTimeoutMs };
  let marker: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
  while (marker !== null) {
    const page = await listMultipartUploads(parts, marker);
    if (page === null) return;
    for (const upload of page.Uploads ?? []) {
      const { Key, UploadId, Initiated } = upload;
      if (Key === undefined || UploadId === undefined || Initiated === undefined) continue;
      if (Initiated.getTime() > oldest || !isOurs(Key)) continue;
      await withinTime(ask, (abortSignal) =>
        s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }), { abortSignal }),
      );
      report.multipartUploadsAborted += 1;
      log.info({ key: Key, uploadId: UploadId }, 'multipart_aborted');
    }
    const { NextKeyMarker, NextUploadIdMarker } = page;
    marker =
      page.IsTruncated && NextKeyMarker !== undefined
        ? {
            KeyMarker: NextKeyMarker,
            ...(NextUploadIdMarker === undefined ? {} : { UploadIdMarker: NextUploadIdMarker }),
          }
        : null;
  }
}

/** Null when the store can't list them (501: the embedded one clears its own at start). */
async function listMultipartUploads(
  parts: StorageParts,
  marker: { KeyMarker?: string; UploadIdMarker?: string },
) {
  const { s3, bucket, settings } = parts;
  try {
    return await withinTime({ timeoutMs: settings.requestTimeoutMs }, (abortSignal) =>
      s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, ...marker }), { abortSignal }),
    );
  } catch (thrown) {
    const failure = describeS3Failure(thrown);
    if (failure.status === 501) return null;
    throw new AppError({
      code: 'StorageRefused',
      message: failure.message,
      cause: thrown,
    });
  }
}
