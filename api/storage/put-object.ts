import { createReadStream } from 'node:fs';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import { AppError } from '../shared/errors';
import type { Log } from '../shared/log';
import type { FileHashes, PartHashes } from './file-hash';
import { describeS3Failure, withinTime } from './s3.client';
import { type StorageSettings, transferTimeoutMs } from './storage.settings';

export type PutOptions = {
  s3: S3Client;
  bucket: string;
  key: string;
  contentType: string;
  /** Absolute path of the file that was hashed. */
  path: string;
  hashes: FileHashes;
  settings: StorageSettings;
  log: Log;
  signal?: AbortSignal | undefined;
};

/** Puts a file into S3, in one request or in parts. Proves nothing yet: that is the confirm's part. */
export async function putFile(options: PutOptions): Promise<void> {
  if (options.hashes.parts.length === 1) await putWhole(options);
  else await putInParts(options);
}

/**
 * Sends one stretch of the file as the body of a request. The body's SHA-256 is signed with the
 * request (not `UNSIGNED-PAYLOAD`), so that a server that checks signatures refuses other bytes.
 */
async function sendStretch<T>(
  options: PutOptions,
  part: PartHashes,
  send: (body: ReturnType<typeof createReadStream> | Uint8Array, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { settings, signal } = options;
  return withinTime({ timeoutMs: transferTimeoutMs(part.bytes, settings), signal }, async (bounded) => {
    if (part.bytes === 0) return send(new Uint8Array(0), bounded);
    const body = createReadStream(options.path, {
      start: part.start,
      end: part.start + part.bytes - 1,
      highWaterMark: 256 * 1024,
    });
    // A file that cannot be read ends the request by this; the listener also keeps the error of a
    // stream that the request has already let go of from being an unhandled one.
    const unreadable = Promise.withResolvers<never>();
    unreadable.promise.catch(() => undefined);
    body.once('error', (cause) => unreadable.reject(unreadableFile(options.path, cause)));
    try {
      return await Promise.race([send(body, bounded), unreadable.promise]);
    } finally {
      body.destroy();
    }
  });
}

/**
 * Puts the known hash of the body into a request before it is signed; for the step `build` of a command.
 * The SDK signs streams as unsigned payloads, which the embedded store refuses.
 */
export function signedBody(sha256: Buffer) {
  return <Args extends { request: unknown }, Result>(next: (args: Args) => Promise<Result>) =>
    (args: Args): Promise<Result> => {
      const { request } = args;
      if (typeof request === 'object' && request !== null && 'headers' in request) {
        Object.assign(request.headers ?? {}, { 'x-amz-content-sha256': sha256.toString('hex') });
      }
      return next(args);
    };
}

function unreadableFile(path: string, cause: Error): AppError {
  return new AppError({
    code: 'LocalFileUnreadable',
    message: `${path} could not be read: ${cause.message}`,
    cause,
  });
}

async function putWhole(options: PutOptions): Promise<void> {
  const { s3, bucket, key, contentType, hashes } = options;
  const [part] = hashes.parts;
  if (part === undefined) throw new RangeError('A hashed file has at least one part.');
  await sendStretch(options, part, (body, abortSignal) => {
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentLength: part.bytes,
      ContentType: contentType,
      ChecksumSHA256: part.sha256.toString('base64'),
    });
    command.middlewareStack.add(signedBody(part.sha256), { step: 'build', name: 'signedBody' });
    return s3.send(command, { abortSignal });
  });
}

async function putInParts(options: PutOptions): Promise<void> {
  const { s3, bucket, key, contentType, hashes, settings, signal } = options;
  const target = { Bucket: bucket, Key: key };
  const created = await withinTime({ timeoutMs: settings.requestTimeoutMs, signal }, (abortSignal) =>
    s3.send(
      new CreateMultipartUploadCommand({ ...target, ContentType: contentType, ChecksumAlgorithm: 'SHA256' }),
      { abortSignal },
    ),
  );
  const uploadId = created.UploadId;
  if (uploadId === undefined) {
    throw new AppError({
      code: 'StorageRefused',
      message: 'S3 began a multipart upload without telling its id',
    });
  }
  // The first part that fails for good stops the others at once.
  const stop = new AbortController();
  const partSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const queue = new PQueue({ concurrency: settings.partsAtOnce });
  try {
    const sent = await Promise.all(
      hashes.parts.map((part, index) =>
        queue.add(async () => {
          try {
            return await sendPart({ ...options, signal: partSignal }, uploadId, index + 1, part);
          } catch (thrown) {
            stop.abort(thrown);
            throw thrown;
          }
        }),
      ),
    );
    const timeoutMs = transferTimeoutMs(hashes.bytes, settings);
    await withinTime({ timeoutMs, signal }, (abortSignal) =>
      s3.send(
        new CompleteMultipartUploadCommand({
          ...target,
          UploadId: uploadId,
          MultipartUpload: { Parts: sent },
        }),
        { abortSignal },
      ),
    );
  } catch (thrown) {
    await queue.onIdle();
    await abortMultipart(options, uploadId);
    throw thrown;
  }
}

async function sendPart(options: PutOptions, uploadId: string, number: number, part: PartHashes) {
  const { settings, signal } = options;
  const target = { Bucket: options.bucket, Key: options.key, UploadId: uploadId };
  const checksum = part.sha256.toString('base64');
  const answer = await withTries({ settings, signal }, () =>
    sendStretch(options, part, (body, abortSignal) => {
      const command = new UploadPartCommand({
        ...target,
        PartNumber: number,
        Body: body,
        ContentLength: part.bytes,
        ChecksumSHA256: checksum,
      });
      command.middlewareStack.add(signedBody(part.sha256), { step: 'build', name: 'signedBody' });
      return options.s3.send(command, { abortSignal });
    }),
  );
  return {
    PartNumber: number,
    ETag: answer.ETag,
    // Only a server that answered with the checksum knows it when the parts are put together.
    ...(answer.ChecksumSHA256 === undefined ? {} : { ChecksumSHA256: checksum }),
  };
}

/** What is left of a failed multipart upload costs money until it is aborted. */
async function abortMultipart(options: PutOptions, uploadId: string): Promise<void> {
  try {
    await withinTime({ timeoutMs: options.settings.requestTimeoutMs }, (abortSignal) =>
      options.s3.send(
        new AbortMultipartUploadCommand({ Bucket: options.bucket, Key: options.key, UploadId: uploadId }),
        { abortSignal },
      ),
    );
  } catch (thrown) {
    // The sweep aborts what is older than a day.
    const reason = describeS3Failure(thrown).message;
    options.log.warn({ key: options.key, uploadId, reason }, 'multipart_abort_failed');
  }
}

/** Tries again what a moment's wait can mend; `tried` hears of each failure. */
export async function withTries<T>(
  options: {
    settings: StorageSettings;
    signal?: AbortSignal | undefined;
    tried?: (thrown: unknown) => void;
  },
  attempt: (number: number) => Promise<T>,
): Promise<T> {
  const { inlineTries, inlineDelaysMs } = options.settings;
  for (let number = 1; ; number += 1) {
    try {
      return await attempt(number);
    } catch (thrown) {
      options.signal?.throwIfAborted();
      options.tried?.(thrown);
      if (number >= inlineTries || !describeS3Failure(thrown).transient) throw thrown;
    }
    await pause(inlineDelaysMs[number - 1] ?? inlineDelaysMs.at(-1) ?? 0, options.signal);
  }
}

/** Waits; ends early, by the signal's reason, when it is aborted. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  signal?.addEventListener('abort', stop, { once: true });
  await promise;
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
}
