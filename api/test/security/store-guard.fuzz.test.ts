import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import fc from 'fast-check';
import { createGuard } from '../../storage/embedded-s3.guard';
import { type Operation, recognise } from '../../storage/embedded-s3.operations';
import { bytesOf, ownRequests, sendBytes, type WireRequest } from './store.requests';

// A busy machine takes its time.
setDefaultTimeout(300_000);

const credentials = { accessKeyId: 'SONGREEL0123456789AB', secretAccessKey: 'a'.repeat(60) };
const endpoint = 'http://embedded.invalid';
const own = [...(await ownRequests(credentials, endpoint)).values()];

/** Pieces that have led somewhere else in one server or another. */
const pieces = [
  ...[
    '..',
    '.',
    '/',
    '//',
    '/../',
    '/./',
    '%2e%2e',
    '%2E.',
    '%2f',
    '%2F',
    '%5c',
    '\\',
    '..\\',
    '%252e%252e%252f',
  ],
  ...[
    '%00',
    '\0',
    '%0d%0a',
    '\r\n',
    '\t',
    ' ',
    '+',
    '%20',
    ';',
    '#',
    '?',
    '&',
    '=',
    ':',
    '@',
    '*',
    '|',
    '<',
    '"',
    "'",
  ],
  ...[
    '~',
    '%',
    '%zz',
    '%c0%ae',
    '%ef%bc%8f',
    'é',
    '\u202e',
    '\ud83d',
    'ß',
    '...',
    '. .',
    'x'.repeat(2000),
    '-',
    '_',
  ],
  ...[
    '_S3rver_object',
    '._S3rver_uploads',
    '.sgreel',
    'songreel',
    'other',
    'CON',
    'videos',
    'checks',
    'shared',
  ],
  ...[
    'http://evil.example/',
    '//evil.example/',
    'uploadId=../../x',
    '&uploadId=x',
    '&partNumber=f',
    '&uploads',
  ],
  ...['&acl', '&cors=', '&website=', '&delete=', '&tagging', '&policy', '&versionId=1', '&X-Amz-Signature=x'],
  ...[
    '&X-Amz-Algorithm=AWS4-HMAC-SHA256',
    '&Signature=x',
    '&response-content-type=text/html',
    '&x-id=GetObject',
  ],
  ...[
    '&list-type=2',
    '&list-type=1',
    '&prefix=..%2F',
    '&prefix=',
    '&marker=a',
    '&partNumber=0',
    '&partNumber=10001',
  ],
];
const fields = [
  ...[
    'transfer-encoding',
    'content-length',
    'expect',
    'host',
    'authorization',
    'range',
    'te',
    'trailer',
    'upgrade',
  ],
  ...[
    'connection',
    'x-amz-copy-source',
    'x-amz-copy-source-range',
    'x-amz-date',
    'x-amz-content-sha256',
    'cookie',
  ],
  ...[
    'x-amz-security-token',
    'x-http-method-override',
    'x-amz-meta-a',
    'x-amz-website-redirect-location',
    'origin',
  ],
  ...[
    'x-amz-storage-class',
    'x-amz-decoded-content-length',
    'content-encoding',
    'content-type',
    'x-forwarded-host',
  ],
  ...[
    'x-amz-checksum-mode',
    'x-amz-checksum-sha256',
    'x-amz-acl',
    '__proto__',
    'constructor',
    '',
    ' host',
    'Host',
  ],
];
const values = [
  ...[
    '',
    'x',
    '0',
    '-1',
    '1e9',
    '5, 6',
    '00005',
    '99999999999999999999',
    'chunked',
    'identity, chunked',
    'close',
  ],
  ...[
    '100-continue',
    '200-ok',
    'keep-alive, upgrade',
    '/songreel/videos/a',
    'bytes=0-1,5-6',
    'bytes=-5',
    'bytes=0-',
  ],
  ...[
    'lines=1',
    'UNSIGNED-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'e3b0'.repeat(16),
    '20261130T000000Z',
  ],
  ...[
    'evil.example',
    '127.0.0.1',
    'AWS a:b',
    'a\r\nx: y',
    'é',
    '\0',
    'ENABLED',
    'text/html',
    'x'.repeat(5000),
  ],
];
const methods = [
  'GET',
  'HEAD',
  'PUT',
  'POST',
  'DELETE',
  'OPTIONS',
  'PATCH',
  'TRACE',
  'CONNECT',
  'get',
  'PROPFIND',
  '',
];

const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...pieces) },
  fc.string({ maxLength: 8, unit: 'binary' }),
);
const value = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...values) }, fc.string({ maxLength: 20 }));

type Change = (request: WireRequest) => WireRequest;
const at = <T>(list: readonly T[], place: number): number => Math.floor(place * list.length);
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** One step away from what our client sends. */
const change: fc.Arbitrary<Change> = fc.oneof(
  // Something put into the target, or in place of a part of it.
  fc.tuple(piece, place, fc.nat({ max: 12 })).map(
    ([text, where, length]): Change =>
      (request) => {
        const start = at([...request.target], where);
        const target = request.target.slice(0, start) + text + request.target.slice(start + length);
        return { ...request, target };
      },
  ),
  piece.map(
    (text): Change =>
      (request) => ({ ...request, target: request.target + text }),
  ),
  fc.tuple(piece, place).map(
    ([text, where]): Change =>
      (request) => {
        const names = request.target.split('/');
        names[at(names, where)] = text;
        return { ...request, target: names.join('/') };
      },
  ),
  // One of its characters written in another way.
  place.map(
    (where): Change =>
      (request) => {
        const start = at([...request.target], where);
        const code = request.target.charCodeAt(start).toString(16).padStart(2, '0');
        return {
          ...request,
          target: `${request.target.slice(0, start)}%${code}${request.target.slice(start + 1)}`,
        };
      },
  ),
  fc.constantFrom(...methods).map(
    (method): Change =>
      (request) => ({ ...request, method }),
  ),
  fc.tuple(fc.constantFrom(...fields), value, place).map(
    ([name, text, where]): Change =>
      (request) => {
        const headers = [...request.headers];
        headers.splice(at(headers, where), 0, [name, text]);
        return { ...request, headers };
      },
  ),
  fc.tuple(value, place).map(
    ([text, where]): Change =>
      (request) => {
        const index = at(request.headers, where);
        const headers = request.headers.map(([name, old], other): [string, string] => [
          name,
          other === index ? text : old,
        ]);
        return { ...request, headers };
      },
  ),
  place.map(
    (where): Change =>
      (request) => {
        const index = at(request.headers, where);
        return { ...request, headers: request.headers.filter((_field, other) => other !== index) };
      },
  ),
  // Parts of two operations in one.
  fc.constantFrom(...own).map(
    (other): Change =>
      (request) => ({ ...request, target: other.target }),
  ),
  fc.constantFrom(...own).map(
    (other): Change =>
      (request) => ({ ...request, headers: other.headers }),
  ),
);
const changed = fc
  .tuple(fc.constantFrom(...own), fc.array(change, { maxLength: 3 }))
  .map(([request, steps]) => steps.reduce((so, step) => step(so), request));

/** Anything at all. */
const wild: fc.Arbitrary<WireRequest> = fc.record({
  method: fc.constantFrom(...methods),
  target: fc
    .array(fc.oneof(piece, fc.constant('/songreel/')), { maxLength: 8 })
    .map((list) => `/${list.join('')}`),
  headers: fc.array(fc.tuple(fc.constantFrom(...fields), value), { maxLength: 6 }),
  body: fc.constant(new Uint8Array()),
});
const anyRequest = fc.oneof({ weight: 4, arbitrary: changed }, wild);

const decide = ({ method, target, headers }: WireRequest) =>
  recognise({ method, url: target, rawHeaders: headers.flat() });

/** The operations as S3's reference has them: method, whether it has a key, and its parameters. */
const reference: Record<Operation['name'], { method: string; hasKey: boolean; query: RegExp }> = {
  PutObject: { method: 'PUT', hasKey: true, query: /^$/ },
  GetObject: { method: 'GET', hasKey: true, query: /^$/ },
  HeadObject: { method: 'HEAD', hasKey: true, query: /^$/ },
  DeleteObject: { method: 'DELETE', hasKey: true, query: /^$/ },
  CreateMultipartUpload: { method: 'POST', hasKey: true, query: /^uploads=$/ },
  UploadPart: { method: 'PUT', hasKey: true, query: /^partNumber=\d{1,5}&uploadId=[0-9a-f]{32}$/ },
  CompleteMultipartUpload: { method: 'POST', hasKey: true, query: /^uploadId=[0-9a-f]{32}$/ },
  AbortMultipartUpload: { method: 'DELETE', hasKey: true, query: /^uploadId=[0-9a-f]{32}$/ },
  ListObjectsV2: {
    method: 'GET',
    hasKey: false,
    query: /^((continuation-token|delimiter|list-type|max-keys|prefix|start-after)=[\w%.-]*&?)+$/,
  },
  ListMultipartUploads: { method: 'GET', hasKey: false, query: /^uploads=$/ },
  HeadBucket: { method: 'HEAD', hasKey: false, query: /^$/ },
  CreateBucket: { method: 'PUT', hasKey: false, query: /^$/ },
};

/** Says again, in another way, whether what the package would get is a request of our own client. */
function check(
  given: { method: string; target: string },
  passed: Pick<Operation, 'name' | 'url' | 'headers'>,
) {
  const { method, hasKey, query } = reference[passed.name];
  expect(given.method).toBe(method);
  const url = new URL(passed.url, 'http://x');
  // Nothing in it means anything else to one who decodes or normalises it.
  expect(url.pathname + url.search).toBe(passed.url);
  expect(decodeURIComponent(url.pathname)).toBe(url.pathname);
  expect(posix.normalize(url.pathname)).toBe(url.pathname);
  const [, bucket, first, ...rest] = url.pathname.split('/');
  expect(bucket).toBe('songreel');
  expect(rest.length > 0).toBe(hasKey);
  if (hasKey) expect(['projects', 'videos', 'checks', 'shared', 'images']).toContain(first ?? '');
  const disk = posix.join('/data', decodeURIComponent(url.pathname));
  expect(disk).toStartWith(hasKey ? '/data/songreel/' : '/data/songreel');
  expect(disk).not.toMatch(/_s3rver|\.\.|[^\x21-\x7e]/i);
  const pairs = url.search.slice(1).split('&').sort();
  expect(pairs.join('&')).toMatch(query);
  expect(new Set(pairs.map((pair) => pair.split('=')[0])).size).toBe(pairs.length);
  for (const [name, text] of url.searchParams) {
    expect(text).not.toMatch(name === 'delimiter' ? /^[^/]/ : /\.\.|^\/|\/\/|[^\x21-\x7e]/);
  }
  const number = url.searchParams.get('partNumber');
  if (number !== null) expect(Number(number)).toBeWithin(1, 10_001);
  for (const name of Object.keys(passed.headers)) {
    expect(['host', 'content-type', 'content-length', 'range']).toContain(name);
  }
  expect(passed.headers['host']).toBe('embedded.invalid');
  // What came is what was recognised: only the order of parameters, `x-id` and a slash may differ.
  const [path = '', search = ''] = given.target.split('?');
  expect(path.replace(/^\/songreel\/$/, '/songreel')).toBe(url.pathname);
  const came = search.split('&').filter((pair) => !pair.startsWith('x-id='));
  expect(came.sort().join('&')).toBe(pairs.join('&'));
}

test('each of our own requests is recognised as what it is', () => {
  for (const request of own) {
    const operation = decide(request);
    expect(operation).not.toBeNull();
    if (operation !== null) check(request, operation);
  }
  expect(new Set(own.map((request) => decide(request)?.name)).size).toBe(Object.keys(reference).length);
});

test('100,000 odd requests: none is recognised unless it is one that our client would send', () => {
  let recognised = 0;
  const property = fc.property(anyRequest, (request) => {
    const operation = decide(request);
    if (operation === null) return;
    recognised += 1;
    check(request, operation);
  });
  fc.assert(property, { numRuns: 100_000 });
  console.log(`100,000 requests: ${recognised} have the form of our own, 0 others recognised`);
  // Both sides of the decision were reached.
  expect(recognised).toBeWithin(1000, 90_000);
});

test('4,000 of them as bytes on a real socket: only those that are signed and ours reach the package', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'songreel-fuzz-'));
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log };
  type Passed = Pick<Operation, 'method' | 'url' | 'headers'>;
  /** All that the package sees; the length of no body says nothing. */
  const asText = ({ method, url, headers }: Passed) => {
    const entries = Object.entries(headers).filter((field) => field.join() !== 'content-length,0');
    return JSON.stringify([method, url, entries.sort()]);
  };
  const reached: string[] = [];
  const guard = createGuard({
    identity: credentials,
    checkHost: false,
    log,
    now: () => new Date(),
    serve({ method, url, headers }, response) {
      reached.push(asText({ method, url, headers }));
      response.end('served');
    },
  });
  const server = createServer(guard);
  const socketPath = join(folder, 's');
  await new Promise<void>((resolve) => server.listen({ path: socketPath }, resolve));
  const where = { socketPath, endpoint };
  /** What was signed, as the package may see it. */
  const signed = own.map((request) => {
    const operation = decide(request);
    if (operation === null) throw new Error(`${request.target} is not recognised.`);
    return asText(operation);
  });

  for (const request of own) await sendBytes(where, bytesOf(request));
  expect(reached).toEqual(signed);
  reached.length = 0;

  // Bytes put in anywhere, also between the lines and before another request on the same connection.
  const smuggled = fc.tuple(changed, place, piece, fc.boolean()).map(([request, where, text, twice]) => {
    const bytes = bytesOf(request);
    const start = Math.floor(where * bytes.length);
    const cut = Buffer.concat([bytes.subarray(0, start), Buffer.from(text), bytes.subarray(start)]);
    return twice ? Buffer.concat([bytes, cut]) : cut;
  });
  const sent = fc.sample(fc.oneof(anyRequest.map(bytesOf), smuggled), 4000);
  const waiting = [...sent];
  let served = 0;
  const send = async () => {
    for (let bytes = waiting.pop(); bytes; bytes = waiting.pop()) {
      // The end of what it writes, so that a request that is not whole is not waited for.
      const { body } = await sendBytes(where, bytes, { end: true });
      if (body.includes('served')) served += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  // Each was signed by us, and is what was signed.
  for (const passed of reached) expect(signed).toContain(passed);
  console.log(`4,000 requests as bytes: ${reached.length} signed and ours, 0 others reached the package`);
  expect(reached.length).toBeWithin(50, 3500);
  expect(served).toBeGreaterThan(0);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await rm(folder, { recursive: true, force: true });
});
