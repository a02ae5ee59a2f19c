import { create as contentDisposition } from 'content-disposition';
import type { Context } from 'hono';
import type { Range } from 'range-parser';
import type { Storage, StoredObject } from '../storage/storage.types';
import { contentRange, multipartFrame, type WantedBytes, wantedBytes } from './byte-ranges.rules';
import { namesState } from './http.etag';
import { mediaGone, rangeOutside } from './media.errors';

export type MediaStore = Pick<Storage, 'locate' | 'read'>;

type Headers = Record<string, string>;
type OpenPart = (range: Range) => Promise<Blob | ReadableStream<Uint8Array>>;

/**
 * Answers a GET or HEAD with an object: whole, one range or several, or 304 when the caller has it.
 * @throws AppError 404 `ObjectNotFound`, 416 `RangeNotSatisfiable`
 */
export async function answerMedia(
  c: Context,
  store: MediaStore,
  of: {
    key: string;
    /** How long browsers may keep it without asking, in seconds. */
    keepSeconds: number;
    /** Set: browsers save it under this name. */
    saveAs?: string | undefined;
    /** What the answer says besides. */
    headers?: Headers;
  },
): Promise<Response> {
  const { signal } = c.req.raw;
  const isHead = c.req.method === 'HEAD';
  const object = await store.locate(of.key, { signal, fresh: isHead });
  if (object === null) throw mediaGone(of.key);
  const { bytes, etag, contentType } = object;
  const headers: Headers = {
    ...of.headers,
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${of.keepSeconds}, immutable`,
    ...(etag === null ? {} : { ETag: etag }),
  };
  if (etag !== null && namesState(c.req.header('if-none-match'), etag))
    return new Response(null, { status: 304, headers });
  headers['Content-Type'] = contentType;
  if (of.saveAs !== undefined) {
    headers['Content-Disposition'] = contentDisposition(of.saveAs.toWellFormed());
  }
  if (isHead) return new Response(null, { headers: { ...headers, 'Content-Length': String(bytes) } });

  const range = c.req.header('range');
  const wanted = wantedBytes({ range, ifRange: c.req.header('if-range'), etag, bytes });
  if (wanted.send === 'outside') {
    c.header('Content-Range', `bytes */${bytes}`);
    throw rangeOutside(range ?? '');
  }
  return sendParts(wanted, object, headers, (part) => openPart(store, object, part, signal));
}

/** A stretch of an object: of its file when it lies on this machine, else from S3. */
async function openPart(
  store: MediaStore,
  { key, path, bytes }: StoredObject,
  { start, end }: Range,
  signal: AbortSignal,
): ReturnType<OpenPart> {
  // Bun gives such a body to the kernel: the bytes never pass through this process.
  if (path !== null) return Bun.file(path).slice(start, end + 1);
  const isWhole = start === 0 && end === bytes - 1;
  const range = isWhole ? {} : { range: `bytes=${start}-${end}` };
  return (await store.read(key, { signal, ...range })).body;
}

async function sendParts(
  wanted: Exclude<WantedBytes, { send: 'outside' }>,
  { bytes, contentType }: StoredObject,
  headers: Headers,
  open: OpenPart,
): Promise<Response> {
  if (wanted.send === 'whole') {
    const body = bytes === 0 ? '' : await open({ start: 0, end: bytes - 1 });
    return new Response(body, { headers: { ...headers, ...lengthOf(body, bytes) } });
  }
  const [first, ...others] = wanted.ranges;
  if (first !== undefined && others.length === 0) {
    const body = await open(first);
    const ranged = {
      'Content-Range': contentRange(first, bytes),
      ...lengthOf(body, first.end - first.start + 1),
    };
    return new Response(body, { status: 206, headers: { ...headers, ...ranged } });
  }
  const boundary = crypto.randomUUID();
  const frame = multipartFrame({ ranges: wanted.ranges, boundary, contentType, total: bytes });
  const multipart = { 'Content-Type': `multipart/byteranges; boundary=${boundary}` };
  const body = streamOf(inParts(wanted.ranges, frame, open));
  return new Response(body, { status: 206, headers: { ...headers, ...multipart } });
}

/** Of files Bun says the length itself. */
const lengthOf = (body: unknown, bytes: number): Headers =>
  body instanceof ReadableStream ? { 'Content-Length': String(bytes) } : {};

async function* inParts(
  ranges: readonly Range[],
  frame: { heads: string[]; tail: string },
  open: OpenPart,
): AsyncGenerator<Uint8Array> {
  for (const [index, range] of ranges.entries()) {
    yield Buffer.from(frame.heads[index] ?? '');
    const part = await open(range);
    yield* part instanceof Blob ? part.stream() : part;
  }
  yield Buffer.from(frame.tail);
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
