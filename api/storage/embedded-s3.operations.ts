import { isObjectKey, isStartOfKey } from './keys';

/** The one bucket of the embedded store. */
export const storeBucket = 'songreel';

/** The name in the endpoint of a store without a port: one that can't be anybody's (RFC 6761). */
export const storeHost = 'embedded.invalid';

/** A request as it came: nothing decoded, nothing put right. */
export type RawRequest = {
  method: string;
  /** The request target as sent. */
  url: string;
  /** Names and values by turns, as sent. */
  rawHeaders: readonly string[];
};

export type OperationName = keyof typeof operations;

/** An operation of our own client, put together anew from the parts that were recognised. */
export type Operation = {
  name: OperationName;
  /** Null for an operation on the bucket. */
  key: string | null;
  /** What of the request is signed. */
  signed: { method: string; path: string; query: Record<string, string>; headers: Record<string, string> };
  authorization: string;
  /** SHA-256 (hex) that the body must have. */
  sha256: string;
  bodyBytes: number;
  body: 'none' | 'stream' | 'document';
  /** What the package gets. */
  method: string;
  url: string;
  headers: Record<string, string>;
};

const text = /^[\x20-\x7e]{0,1024}$/;
const base64Sha256 = /^[A-Za-z0-9+/]{43}=$/;
const uploadId = /^[0-9a-f]{32}$/;
const partNumber = /^(?:[1-9]\d{0,3}|10000)$/;
const only = (value: string) => ({ test: (given: string) => given === value });
type Check = { test(value: string): boolean };

/** Header fields that the SDK sends with every request; the fuzz shows that no other one gets in. */
const alwaysSent: Record<string, Check> = {
  host: /^[A-Za-z0-9.:[\]-]{1,255}$/,
  authorization: /^[\x20-\x7e]{1,1024}$/,
  'x-amz-date': /^\d{8}T\d{6}Z$/,
  'x-amz-content-sha256': /^[0-9a-f]{64}$/,
};
const maybeSent: Record<string, Check> = {
  connection: /^(?:keep-alive|close)$/i,
  'content-length': /^(?:0|[1-9]\d{0,14})$/,
  'user-agent': text,
  'x-amz-user-agent': text,
  'amz-sdk-invocation-id': text,
  'amz-sdk-request': text,
};

type Rule = {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  on: 'object' | 'bucket';
  needs?: Record<string, Check>;
  may?: Record<string, Check>;
  headers?: Record<string, Check>;
  body: Operation['body'];
};

const contentType = { 'content-type': /^[\x20-\x7e]{1,255}$/ };
const withBody = { ...contentType, 'x-amz-checksum-sha256': base64Sha256, expect: only('100-continue') };
const askedChecksum = { 'x-amz-checksum-mode': only('ENABLED') };
const id = (name: string) => ({ 'x-id': only(name) });
const keyStart = { test: isStartOfKey };

/** Everything that storage, the sweep, backups and the tools send to a store. */
const operations = {
  PutObject: { method: 'PUT', on: 'object', may: id('PutObject'), headers: withBody, body: 'stream' },
  GetObject: {
    method: 'GET',
    on: 'object',
    may: id('GetObject'),
    body: 'none',
    headers: { ...askedChecksum, range: /^bytes=\d{1,15}-\d{0,15}$/ },
  },
  HeadObject: { method: 'HEAD', on: 'object', headers: askedChecksum, body: 'none' },
  DeleteObject: { method: 'DELETE', on: 'object', may: id('DeleteObject'), body: 'none' },
  CreateMultipartUpload: {
    method: 'POST',
    on: 'object',
    needs: { uploads: only('') },
    body: 'none',
    headers: { ...contentType, 'x-amz-checksum-algorithm': only('SHA256') },
  },
  UploadPart: {
    method: 'PUT',
    on: 'object',
    may: id('UploadPart'),
    headers: withBody,
    body: 'stream',
    needs: { uploadId, partNumber },
  },
  CompleteMultipartUpload: {
    method: 'POST',
    on: 'object',
    needs: { uploadId },
    headers: contentType,
    body: 'document',
  },
  AbortMultipartUpload: {
    method: 'DELETE',
    on: 'object',
    needs: { uploadId },
    may: id('AbortMultipartUpload'),
    body: 'none',
  },
  ListObjectsV2: {
    method: 'GET',
    on: 'bucket',
    needs: { 'list-type': only('2') },
    body: 'none',
    may: {
      prefix: keyStart,
      delimiter: only('/'),
      'start-after': keyStart,
      'max-keys': /^\d{1,4}$/,
      'continuation-token': /^[A-Za-z0-9_-]{1,1024}$/,
    },
  },
  // Answered with "not implemented", which the sweep knows.
  ListMultipartUploads: { method: 'GET', on: 'bucket', needs: { uploads: only('') }, body: 'none' },
  HeadBucket: { method: 'HEAD', on: 'bucket', body: 'none' },
  CreateBucket: { method: 'PUT', on: 'bucket', headers: contentType, body: 'none' },
} as const satisfies Record<string, Rule>;

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** 10,000 parts with their checksums take 3 MB. */
const longestDocument = 4 * 1024 * 1024;
/** Longer than any request of ours: key, continuation token and parameter names. */
const longestUrl = 4096;

/** Header fields that a signature need not cover: the sender's connection adds them or they say nothing. */
const unsigned = new Set(['authorization', 'connection', 'expect', 'user-agent']);
/** What of the header fields means something to the package. */
const forThePackage = ['content-type', 'content-length', 'range'];

/**
 * Decides whether a request is one that our own client sends: the operation, the bucket, the form of the
 * key, each parameter and header field by name and pattern and each once. Nothing is decoded but `%2F` in
 * the value of a parameter, as no other encoded character occurs. Null for everything else.
 */
export function recognise(request: RawRequest): Operation | null {
  const target = parseTarget(request.url);
  const headers = parseHeaders(request.rawHeaders);
  if (target === null || headers === null) return null;
  for (const name of Object.keys(operations)) {
    if (!isOperationName(name)) continue;
    const rule: Rule = operations[name];
    if (rule.method !== request.method || (rule.on === 'object') !== (target.key !== null)) continue;
    if (!fits(target.query, rule.needs ?? {}, rule.may ?? {})) continue;
    if (!fits(headers, alwaysSent, { ...maybeSent, ...rule.headers })) return null;
    return put(name, rule, request.method, target, headers);
  }
  return null;
}

function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operations, name);
}

function put(
  name: OperationName,
  rule: Rule,
  method: string,
  target: Target,
  headers: Map<string, string>,
): Operation | null {
  const length = headers.get('content-length');
  const sha256 = headers.get('x-amz-content-sha256') ?? '';
  const bodyBytes = Number(length ?? 0);
  if (rule.body === 'none' && (bodyBytes !== 0 || sha256 !== emptySha256)) return null;
  if (rule.body !== 'none' && length === undefined) return null;
  if (rule.body === 'document' && bodyBytes > longestDocument) return null;
  const query = [...target.query].filter(([param]) => param !== 'x-id');
  const search = query.map(([param, value]) => `${param}=${encodeURIComponent(value)}`).join('&');
  const path = `/${storeBucket}${target.key === null ? '' : `/${target.key}`}`;
  return {
    name,
    key: target.key,
    signed: {
      method,
      path: target.path,
      query: Object.fromEntries(target.query),
      headers: Object.fromEntries([...headers].filter(([field]) => !unsigned.has(field))),
    },
    authorization: headers.get('authorization') ?? '',
    sha256,
    bodyBytes,
    body: rule.body,
    method,
    url: search === '' ? path : `${path}?${search}`,
    headers: {
      host: storeHost,
      ...Object.fromEntries([...headers].filter(([field]) => forThePackage.includes(field))),
    },
  };
}

type Target = { path: string; key: string | null; query: Map<string, string> };

function parseTarget(url: string): Target | null {
  if (url.length > longestUrl) return null;
  const [path = '', search, ...more] = url.split('?');
  if (more.length > 0 || search === '') return null;
  const [before, bucket, ...names] = path.split('/');
  if (before !== '' || bucket !== storeBucket) return null;
  // The SDK writes the path of the bucket with a slash at its end.
  const key = names.join('/') === '' && names.length < 2 ? null : names.join('/');
  if (key !== null && !isObjectKey(key)) return null;
  const query = new Map<string, string>();
  for (const pair of search === undefined ? [] : search.split('&')) {
    const [, name = '', value = ''] = /^([a-zA-Z-]+)=((?:[A-Za-z0-9._~-]|%2F)*)$/.exec(pair) ?? [];
    if (name === '' || query.has(name)) return null;
    query.set(name, value.replaceAll('%2F', '/'));
  }
  return { path, key, query };
}

function parseHeaders(raw: readonly string[]): Map<string, string> | null {
  const headers = new Map<string, string>();
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? '';
    if (headers.has(name)) return null;
    headers.set(name, raw[index + 1] ?? '');
  }
  return headers;
}

/** All that is needed is there, each value fits, and nothing else is there. */
function fits(
  given: ReadonlyMap<string, string>,
  needs: Record<string, Check>,
  may: Record<string, Check>,
): boolean {
  for (const [name, value] of given) {
    const check = own(needs, name) ?? own(may, name);
    if (check === undefined || !check.test(value)) return false;
  }
  return Object.keys(needs).every((name) => given.has(name));
}

const own = (checks: Record<string, Check>, name: string): Check | undefined =>
  Object.hasOwn(checks, name) ? checks[name] : undefined;
