import { connect } from 'node:net';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createS3Clients } from '../../storage/s3.client';

/** A request before it is put on the wire. */
export type WireRequest = {
  method: string;
  target: string;
  headers: [name: string, value: string][];
  body: Uint8Array;
};

export type Credentials = { accessKeyId: string; secretAccessKey: string };

const uploadId = '0123456789abcdef0123456789abcdef';

/** What our own client sends, as the SDK builds and signs it, for each operation; nothing is sent. */
export async function ownRequests(
  credentials: Credentials,
  endpoint: string,
): Promise<Map<string, WireRequest>> {
  const { s3 } = createS3Clients({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  let seen: WireRequest | undefined;
  s3.middlewareStack.add(
    () => async (args) => {
      seen = wireRequest(args.request);
      return { response: {}, output: { $metadata: {} } };
    },
    { step: 'deserialize', priority: 'high', name: 'seen' },
  );
  const Bucket = 'songreel';
  const object = { Bucket, Key: 'projects/0193-a/scenes/0193-b/0193-c.mp4' };
  const upload = { ...object, UploadId: uploadId };
  const list = { Bucket, Prefix: 'videos/', Delimiter: '/', MaxKeys: 5, StartAfter: 'videos/a' };
  const parts = [{ PartNumber: 1, ETag: '"0123"' }];
  const sends: [string, () => Promise<unknown>][] = [
    [
      'PutObject',
      () => s3.send(new PutObjectCommand({ ...object, Body: 'hello', ContentType: 'video/mp4' })),
    ],
    ['GetObject', () => s3.send(new GetObjectCommand(object))],
    ['GetObject of a range', () => s3.send(new GetObjectCommand({ ...object, Range: 'bytes=5-9' }))],
    ['HeadObject', () => s3.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }))],
    ['DeleteObject', () => s3.send(new DeleteObjectCommand(object))],
    ['CreateMultipartUpload', () => s3.send(new CreateMultipartUploadCommand(object))],
    ['UploadPart', () => s3.send(new UploadPartCommand({ ...upload, PartNumber: 12, Body: 'hello' }))],
    [
      'CompleteMultipartUpload',
      () => s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } })),
    ],
    ['AbortMultipartUpload', () => s3.send(new AbortMultipartUploadCommand(upload))],
    ['ListObjectsV2', () => s3.send(new ListObjectsV2Command(list))],
    ['ListMultipartUploads', () => s3.send(new ListMultipartUploadsCommand({ Bucket }))],
    ['HeadBucket', () => s3.send(new HeadBucketCommand({ Bucket }))],
    ['CreateBucket', () => s3.send(new CreateBucketCommand({ Bucket }))],
  ];
  const requests = new Map<string, WireRequest>();
  for (const [name, send] of sends) {
    await send();
    if (seen === undefined) throw new Error(`The SDK built no request for ${name}.`);
    requests.set(name, seen);
  }
  s3.destroy();
  return requests;
}

/** The SDK's request in the form in which its handler writes it. */
function wireRequest(request: unknown): WireRequest {
  const { method, path, query, headers, body } = Object(request);
  const search = Object.entries<string>(Object(query)).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  const given = typeof body === 'string' || body instanceof Uint8Array ? body : '';
  const bytes = Buffer.from(given);
  const fields = Object.entries<string>(Object(headers));
  fields.push(['connection', 'close']);
  if (method !== 'GET' && method !== 'HEAD' && !fields.some(([name]) => name === 'content-length')) {
    fields.push(['content-length', String(bytes.length)]);
  }
  const target = `${path}${search.length === 0 ? '' : `?${search.sort().join('&')}`}`;
  return { method: String(method), target, headers: fields, body: bytes };
}

export type Where = { socketPath?: string | undefined; endpoint: string };
export type WireAnswer = { status: number; head: string; body: string };

/** The bytes of a request, as they are: nothing is put right on the way. */
export function bytesOf(request: WireRequest): Buffer {
  const fields = request.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = `${request.method} ${request.target} HTTP/1.1\r\n${fields}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), request.body]);
}

/** Sends bytes to a store; resolves to its first answer. Status 0: it closed the connection without one. */
export function sendBytes(
  where: Where,
  bytes: Uint8Array,
  /** Nothing more will be written: a request that is not whole is not waited for. */
  { end = false }: { end?: boolean } = {},
): Promise<WireAnswer> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(where.endpoint);
    const socket =
      where.socketPath === undefined ? connect(Number(port), hostname) : connect(where.socketPath);
    let text = '';
    const done = () => {
      socket.destroy();
      const [head = '', ...rest] = text.split('\r\n\r\n');
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
      resolve({ status, head: head.toLowerCase(), body: rest.join('\r\n\r\n') });
    };
    socket.setTimeout(10_000, done);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      const end = text.indexOf('\r\n\r\n');
      if (end >= 0 && length !== undefined && text.length - end - 4 >= Number(length)) done();
    });
    socket.once('error', done);
    socket.once('close', done);
    if (end) socket.end(bytes);
    else socket.write(bytes);
  });
}

/** A request without a valid signature, as a stranger would write it by hand. */
export function ask(
  where: Where,
  method: string,
  target: string,
  options: { headers?: Record<string, string>; body?: string } = {},
): Promise<WireAnswer> {
  const { headers = {}, body = '' } = options;
  const length: Record<string, string> =
    method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const all = { host: '127.0.0.1', connection: 'close', ...length, ...headers };
  return sendBytes(where, bytesOf({ method, target, headers: Object.entries(all), body: Buffer.from(body) }));
}
