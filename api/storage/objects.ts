import { open, rename, unlink } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../shared/clock';
import { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import { checkKey } from './keys';
import { isMissing, type LocalFiles } from './local-files';
import { withTries } from './put-object';
import { describeS3Failure, isNoSuchObject, s3Error, withinTime } from './s3.client';
import { type StorageSettings, transferTimeoutMs } from './storage.settings';
import type { ObjectFile, ObjectHead, Storage, StoredObject } from './storage.types';

const halfHourMs = 30 * 60 * 1000;
/** S3 signs for at most a week. */
const longestUrlSeconds = 7 * 24 * 3600;
const defaultUrlSeconds = 3600;

export type ObjectsOptions = {
  s3: S3Client;
  presignS3: S3Client;
  bucket: string;
  local: LocalFiles;
  settings: StorageSettings;
  newId: NewId;
  clock: Clock;
  objectFile?: ObjectFile | null;
};

function objectNotFound(key: string): AppError {
  return new AppError({
    code: 'ObjectNotFound',
    message: `There is no file ${key} in the store; it may have been deleted.`,
  });
}

/** The date that URLs are signed with: the last full half hour. */
export function signingDate(now: Date): Date {
  return new Date(Math.floor(now.getTime() / halfHourMs) * halfHourMs);
}

/** Life of a URL counted from its signing date, so that it is still valid as long as asked from now. */
export function signedSeconds(expiresSeconds: number): number {
  const asked = Math.max(halfHourMs / 1000, Math.ceil(expiresSeconds));
  return Math.min(longestUrlSeconds, asked + halfHourMs / 1000);
}

/**
 * `Content-Disposition` for saving under a name, in letters that every store signs alike: accents are
 * dropped, other signs become `_`. (The `filename*` form of RFC 6266 needs apostrophes, which the
 * embedded store signs differently from the SDK.)
 */
export function attachment(fileName: string): string {
  const plain = fileName.normalize('NFKD').replace(/\p{Mark}/gu, '');
  return `attachment; filename="${plain.replace(/[^A-Za-z0-9 ._-]/g, '_')}"`;
}

/** Start, end and total of `bytes 0-9/20`. */
function parseContentRange(text: string): { start: number; end: number; total: number } | null {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(text);
  return match ? { start: Number(match[1]), end: Number(match[2]), total: Number(match[3]) } : null;
}

/** Bounds the memory of signed URLs to about 10 MB. */
const maxSignedUrls = 20_000;
/** What is known of objects that were sent lately: some hundred bytes each. */
const maxLocated = 5000;

/** Reading objects: as a file, as a stream, as a URL. */
export function createObjects(options: ObjectsOptions) {
  const { s3, presignS3, bucket, local, settings, newId, clock, objectFile = null } = options;
  const timeoutMs = settings.requestTimeoutMs;

  const head: Storage['head'] = async (key, { signal } = {}) => {
    try {
      const answer = await withinTime({ timeoutMs, signal }, (abortSignal) =>
        s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), { abortSignal }),
      );
      return {
        key,
        bytes: answer.ContentLength ?? 0,
        contentType: answer.ContentType ?? 'application/octet-stream',
        etag: answer.ETag ?? null,
        lastModified: answer.LastModified ?? null,
      } satisfies ObjectHead;
    } catch (thrown) {
      if (isNoSuchObject(thrown)) return null;
      signal?.throwIfAborted();
      throw s3Error(`Looking up ${key}`, thrown);
    }
  };

  // Objects never change, so that only their end can make this wrong: a read then says that they are gone.
  const located = new LRUCache<string, StoredObject>({ max: maxLocated });
  const locate: Storage['locate'] = async (key, { fresh = false, signal } = {}) => {
    if (objectFile !== null) {
      const file = await objectFile(key);
      return file && { key, ...file };
    }
    const known = fresh ? undefined : located.get(key);
    if (known !== undefined) return known;
    const found = await head(key, signal ? { signal } : {});
    if (found === null) return null;
    const { bytes, contentType, etag } = found;
    const object: StoredObject = { key, bytes, contentType, etag, path: null };
    located.set(key, object);
    return object;
  };

  /**
   * A Range header as every store understands it: `bytes=-5` is counted out here (the embedded store
   * misreads it), several ranges or another unit are ignored, as RFC 9110 allows.
   */
  const plainRange = async (key: string, asked: string | undefined, signal: AbortSignal | undefined) => {
    if (asked === undefined || /^bytes=\d+-\d*$/.test(asked)) return asked;
    const last = /^bytes=-(\d+)$/.exec(asked)?.[1];
    if (last === undefined) return undefined;
    const known = await head(key, signal ? { signal } : {});
    if (known === null) throw objectNotFound(key);
    return `bytes=${Number(last) === 0 ? known.bytes : Math.max(0, known.bytes - Number(last))}-`;
  };

  const read: Storage['read'] = async (key, { range: askedRange, signal } = {}) => {
    const range = await plainRange(key, askedRange, signal);
    try {
      const answer = await withinTime({ timeoutMs }, () =>
        s3.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(range === undefined ? {} : { Range: range }),
          }),
          signal ? { abortSignal: signal } : {},
        ),
      );
      const sent = answer.ContentRange === undefined ? null : parseContentRange(answer.ContentRange);
      const bytes = answer.ContentLength ?? (sent ? sent.end - sent.start + 1 : 0);
      return {
        body: answer.Body?.transformToWebStream() ?? new Blob([]).stream(),
        bytes,
        totalBytes: sent?.total ?? bytes,
        range: sent && { start: sent.start, end: sent.end },
        contentType: answer.ContentType ?? 'application/octet-stream',
        etag: answer.ETag ?? null,
      };
    } catch (thrown) {
      if (isNoSuchObject(thrown)) {
        located.delete(key);
        throw objectNotFound(key);
      }
      if (describeS3Failure(thrown).status === 416) {
        throw new AppError({
          code: 'RangeNotSatisfiable',
          message: `The file does not have the range ${askedRange}. Ask for one inside it.`,
        });
      }
      signal?.throwIfAborted();
      throw s3Error(`Reading ${key}`, thrown);
    }
  };

  const downloadOnce: Storage['download'] = async (key, toPath, { signal, sha256 } = {}) => {
    const path = await local.inside(toPath);
    const draft = `${path}.part`;
    const known = await head(key, signal ? { signal } : {});
    if (known === null) throw objectNotFound(key);
    const hash = new Bun.CryptoHasher('sha256');
    let bytes = 0;
    let created = false;
    try {
      await withinTime({ timeoutMs: transferTimeoutMs(known.bytes, settings), signal }, async (bounded) => {
        const { body } = await read(key, { signal: bounded });
        const count = async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            bytes += chunk.length;
            yield chunk;
          }
        };
        const file = await open(draft, 'wx');
        created = true;
        await pipeline(Readable.from(count(body)), file.createWriteStream(), { signal: bounded });
      });
      const found = hash.digest('hex');
      if (bytes !== known.bytes || (sha256 !== undefined && found !== sha256)) {
        throw new AppError({
          code: 'DownloadDamaged',
          message: `${key} did not arrive whole: ${bytes} of ${known.bytes} bytes, or other bytes than were stored. Try again.`,
        });
      }
      await rename(draft, path);
      return { bytes, sha256: found, contentType: known.contentType };
    } catch (thrown) {
      if (created) {
        await unlink(draft).catch((missing) => {
          if (!isMissing(missing)) throw missing;
        });
      }
      signal?.throwIfAborted();
      throw s3Error(`Downloading ${key}`, thrown);
    }
  };

  /** Uploads are tried a few times while the caller waits; so are downloads. */
  const download: Storage['download'] = (key, toPath, downloadOptions = {}) =>
    withTries({ settings, signal: downloadOptions.signal }, () => downloadOnce(key, toPath, downloadOptions));

  // A URL is the same for its whole half hour, so each is signed once: signing takes 0.2 ms, and a
  // project of 60 scenes shows 300 of them.
  let signed = { at: 0, urls: new Map<string, string>() };
  const presignGet: Storage['presignGet'] = async (
    key,
    { expiresSeconds = defaultUrlSeconds, fileName } = {},
  ) => {
    const date = signingDate(clock.now());
    if (signed.at !== date.getTime() || signed.urls.size > maxSignedUrls) {
      signed = { at: date.getTime(), urls: new Map() };
    }
    const name = JSON.stringify([key, expiresSeconds, fileName]);
    const known = signed.urls.get(name);
    if (known !== undefined) return known;
    const url = await getSignedUrl(
      presignS3,
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(fileName === undefined ? {} : { ResponseContentDisposition: attachment(fileName) }),
      }),
      { expiresIn: signedSeconds(expiresSeconds), signingDate: date },
    );
    signed.urls.set(name, url);
    return url;
  };

  const ensureBucket: Storage['ensureBucket'] = async () => {
    const send = <T>(request: (signal: AbortSignal) => Promise<T>) => withinTime({ timeoutMs }, request);
    try {
      await send((abortSignal) => s3.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }));
      return;
    } catch (thrown) {
      if (describeS3Failure(thrown).status !== 404) throw s3Error(`Looking for the bucket ${bucket}`, thrown);
    }
    try {
      await send((abortSignal) => s3.send(new CreateBucketCommand({ Bucket: bucket }), { abortSignal }));
    } catch (thrown) {
      // Another process was quicker.
      if (describeS3Failure(thrown).code === 'BucketAlreadyOwnedByYou') return;
      throw s3Error(`Creating the bucket ${bucket}`, thrown);
    }
  };

  const check: Storage['check'] = async () => {
    const started = performance.now();
    const Key = checkKey(newId);
    const text = `songreel ${Key}`;
    try {
      await withinTime({ timeoutMs }, async (abortSignal) => {
        const target = { Bucket: bucket, Key };
        await s3.send(new PutObjectCommand({ ...target, Body: text }), { abortSignal });
        const answer = await s3.send(new GetObjectCommand(target), { abortSignal });
        const back = await answer.Body?.transformToString();
        await s3.send(new DeleteObjectCommand(target), { abortSignal });
        if (back !== text) {
          throw new AppError({
            code: 'StorageRefused',
            message: 'The store gave back other bytes than were written. Do not use it.',
          });
        }
      });
    } catch (thrown) {
      throw s3Error('A round trip to S3', thrown);
    }
    return { milliseconds: performance.now() - started };
  };

  return {
    head,
    locate,
    read,
    download,
    presignGet,
    ensureBucket,
    check,
    signingPeriod: () => signingDate(clock.now()).getTime() / halfHourMs,
  };
}
