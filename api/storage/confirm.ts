import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { AppError } from '../shared/errors';
import { judgeHead, type Verdict } from './confirm.rules';
import type { FileHashes } from './file-hash';
import { isNoSuchObject, withinTime } from './s3.client';
import { type StorageSettings, transferTimeoutMs } from './storage.settings';

export type ObjectPlace = {
  s3: S3Client;
  bucket: string;
  key: string;
  settings: StorageSettings;
  signal?: AbortSignal | undefined;
};

/** Whether S3 has exactly the bytes that were hashed; `missing` when there is no object. */
export async function compareObject(
  place: ObjectPlace,
  hashes: FileHashes,
): Promise<Verdict | { verdict: 'missing' }> {
  const { s3, bucket, key, settings, signal } = place;
  try {
    const head = await withinTime({ timeoutMs: settings.requestTimeoutMs, signal }, (abortSignal) =>
      s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }), { abortSignal }),
    );
    const verdict = judgeHead(hashes, {
      bytes: head.ContentLength,
      checksumSha256: head.ChecksumSHA256,
      etag: head.ETag,
      opaqueEtag:
        head.ServerSideEncryption?.startsWith('aws:kms') === true || head.SSECustomerAlgorithm !== undefined,
    });
    if (verdict.verdict !== 'unknown') return verdict;
  } catch (thrown) {
    if (isNoSuchObject(thrown)) return { verdict: 'missing' };
    throw thrown;
  }
  const found = await hashObject(place, hashes.bytes);
  const same = found.bytes === hashes.bytes && found.sha256.equals(hashes.sha256);
  return same ? { verdict: 'same' } : { verdict: 'different', why: 'S3 gave back other bytes' };
}

/** Reads an object back and hashes it. `expectedBytes` only bounds the time. */
export async function hashObject(
  place: ObjectPlace,
  expectedBytes: number,
): Promise<{ bytes: number; sha256: Buffer }> {
  const { s3, bucket, key, settings, signal } = place;
  const timeoutMs = transferTimeoutMs(expectedBytes, settings);
  return withinTime({ timeoutMs, signal }, async (abortSignal) => {
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal });
    const hash = new Bun.CryptoHasher('sha256');
    let bytes = 0;
    if (object.Body !== undefined) {
      for await (const chunk of object.Body.transformToWebStream()) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    }
    return { bytes, sha256: hash.digest() };
  });
}

/** The confirm of an upload. @throws AppError `UploadNotConfirmed` (retryable) when S3 has other bytes. */
export async function confirmObject(place: ObjectPlace, hashes: FileHashes): Promise<void> {
  const result = await compareObject(place, hashes);
  if (result.verdict === 'same') return;
  const why = result.verdict === 'different' ? result.why : 'S3 does not have it';
  throw new AppError({
    code: 'UploadNotConfirmed',
    message: `the upload is not confirmed: ${why}`,
  });
}
