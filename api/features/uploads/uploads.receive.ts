import { createHash, type Hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { ReceivedFile } from '../../library/received-file.rules';
import { AppError } from '../../shared/errors';
import { cutText } from '../../shared/text';
import { brokenUpload, fileTooLarge, noFile } from './uploads.errors';
import type { Receiving } from './uploads.space';

/** What a form may weigh besides its file: boundaries and headers. */
const FORM_OVERHEAD_BYTES = 1024 * 1024;

/** Counts and hashes what goes through; fails the stream once it is too much for the studio or its disk. */
class Meter extends Transform {
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  constructor(
    private readonly maxBytes: number,
    private readonly receiving: Receiving,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) return done(fileTooLarge(this.maxBytes));
    this.hash.update(chunk);
    this.receiving.arrived(chunk.length).then(() => done(null, chunk), done);
  }

  /** Hex; to be asked for once, at the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}

/** The last part of a sender's file name, without control characters; never used as a path. */
export function cleanFileName(name: string | undefined, fallback: string): string {
  const whole = basename((name ?? '').replaceAll('\\', '/'))
    .replace(/\p{Cc}/gu, '')
    .trim();
  const last = cutText(whole, 200);
  return last === '' || last === '.' || last === '..' ? fallback : last;
}

async function receiveForm(
  body: Readable,
  headers: { 'content-type': string },
  partPath: string,
  meter: Meter,
): Promise<string> {
  const form = new Busboy({ headers, limits: { files: 1, fields: 20, fieldSize: 64 * 1024 } });
  const files: { name: string | undefined; written: Promise<void> }[] = [];
  form.on('file', (_field, stream, fileName) => {
    const written = pipeline(stream, meter, createWriteStream(partPath));
    // A failed file ends the whole form; the error itself is awaited below.
    written.catch((error: Error) => form.destroy(error));
    files.push({ name: fileName, written });
  });
  const [formResult] = await Promise.allSettled([pipeline(body, form)]);
  const [file] = files;
  if (file !== undefined) await file.written;
  if (formResult.status === 'rejected') throw formResult.reason;
  if (file === undefined) throw noFile();
  return cleanFileName(file.name, 'upload');
}

/**
 * Writes the file in a request's body to disk as it arrives, never holding it in memory: a form with
 * one file, or the bare bytes. Nothing is left on disk when it fails.
 * @throws AppError `FileTooLarge` 413, `NoFile` 400, `UploadBroken` 400, and those of `begin`
 */
export async function receiveFile(
  request: Request,
  options: {
    directory: string;
    id: string;
    maxBytes: number;
    fileName?: string | undefined;
    /** Finds room for so many bytes, or for an unknown number of them (null). */
    begin: (announcedBytes: number | null) => Promise<Receiving>;
  },
): Promise<ReceivedFile> {
  const { directory, id, maxBytes } = options;
  const contentType = request.headers.get('content-type') ?? '';
  const isForm = /^multipart\/form-data\b/i.test(contentType);
  const announced = Number(request.headers.get('content-length') ?? Number.NaN);
  if (announced > maxBytes + (isForm ? FORM_OVERHEAD_BYTES : 0)) throw fileTooLarge(maxBytes);
  if (request.body === null) throw noFile();

  const receiving = await options.begin(Number.isNaN(announced) ? null : announced);
  const path = join(directory, id);
  const partPath = `${path}.part`;
  try {
    await mkdir(directory, { recursive: true });
    const body = Readable.from(request.body, { objectMode: false });
    const meter = new Meter(maxBytes, receiving);
    let fileName = cleanFileName(options.fileName, 'upload');
    if (isForm) fileName = await receiveForm(body, { 'content-type': contentType }, partPath, meter);
    else await pipeline(body, meter, createWriteStream(partPath));
    await rename(partPath, path);
    return { path, fileName, bytes: meter.bytes, sha256: meter.sha256() };
  } catch (error) {
    await rm(partPath, { force: true });
    throw error instanceof AppError ? error : brokenUpload(error);
  } finally {
    receiving.end();
  }
}
