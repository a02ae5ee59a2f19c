import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingLog, sha256Hex, someBytes } from '../test/harness';
import { type Address, headersForHop, kindOfAddress } from './address.rules';
import { createSafeFetch } from './safe-fetch';

let directory: string;
let server: Server;
let port: number;
/** How many connections the listener ever got. */
let connections = 0;
let answer: RequestListener = (_request, response) => response.end();
let requests: { url: string; headers: Record<string, unknown> }[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-fetch-'));
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', headers: { ...request.headers } });
    answer(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  // Both families, so that no notation of loopback can miss it.
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '::' }, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  port = address.port;
});
beforeEach(() => {
  connections = 0;
  requests = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true, force: true });
});

const log = recordingLog();
let files = 0;
function target(): string {
  files += 1;
  return join(directory, `file-${files}`);
}

const hosts = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '0x7f.1',
  '127.0.0.2',
  '127.255.255.254',
  '127.0.0.1.',
  '１２７.０.０.１',
  '127。0。0。1',
  'localhost',
  'LOCALHOST',
  '0.0.0.0',
  '0',
  '0x0',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '169.254.0.1',
  '100.64.0.1',
  '192.0.0.8',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::127.0.0.1]',
  '[::ffff:0:127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::10.0.0.1]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2002:a00:1::1]',
  '[2001::1]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[fe80::1]',
  '[febf::1]',
  '[fc00::1]',
  '[fd12:3456:789a::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[2001:db8::1]',
  '[100::1]',
  '[3fff::1]',
  '[5f00::1]',
]; // prettier-ignore

const forbidden: string[] = [
  // On the listener's port and on 80, so that neither rule hides the other.
  ...hosts.flatMap((host) => [`http://${host}:PORT/`, `http://${host}/`]),
  'https://127.0.0.1/',
  'https://[::1]/',
  'http://user@example.org/',
  'http://user:secret@example.org/',
  'http://:secret@example.org/',
  'http://example.org@127.0.0.1:PORT/',
  'http://public.example:PORT/',
  'http://public.example:22/',
  'http://public.example:8080/',
  'https://public.example:5432/',
  'http://public.example:0/',
  'http://mixed.example/',
  'http://private.example/',
  'http://mapped.example/',
  'http://nowhere.example/',
  'file:///etc/passwd',
  'file://127.0.0.1/etc/passwd',
  'FILE:///etc/passwd',
  'data:text/plain,hello',
  's3://bucket/key',
  'ftp://example.org/a',
  'gopher://127.0.0.1:PORT/',
  'ws://127.0.0.1:PORT/',
  'blob:http://127.0.0.1:PORT/x',
  'javascript:alert(1)',
  'about:blank',
  'unix:/var/run/docker.sock',
  'http:',
  'http://',
  '//127.0.0.1:PORT/',
  '/etc/passwd',
  '',
  'not a url',
  'http://[::1',
  'http://127.0.0.1:99999/',
  'http://exa mple.org/',
];

/** What the test's resolver says of names; `public.example` is a public address nobody connects to. */
const names: Record<string, Address[]> = {
  localhost: [{ address: '127.0.0.1', family: 4 }],
  'public.example': [{ address: '93.184.215.14', family: 4 }],
  'mixed.example': [
    { address: '93.184.215.14', family: 4 },
    { address: '10.0.0.1', family: 4 },
  ],
  'private.example': [{ address: '192.168.0.10', family: 4 }],
  'mapped.example': [{ address: '::ffff:127.0.0.1', family: 6 }],
  'nowhere.example': [],
};

test(`${forbidden.length} forms of URLs that must not be fetched: nothing connects`, async () => {
  expect(forbidden.length).toBeGreaterThanOrEqual(60);
  const safe = createSafeFetch({
    allowLoopback: false,
    resolve: async (hostname) => names[hostname] ?? [{ address: '127.0.0.1', family: 4 }],
    log,
  });
  const wrong: string[] = [];
  for (const form of forbidden) {
    const url = form.replace('PORT', String(port));
    for (const attempt of [
      () => safe.check(url),
      () => safe.fetchToFile(url, { toPath: target(), maxBytes: 1000 }),
    ]) {
      const thrown: unknown = await attempt().then(
        () => null,
        (error: unknown) => error,
      );
      const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'code') : null;
      if (code !== 'UrlNotAllowed') wrong.push(`${url}: ${String(thrown)}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(connections).toBe(0);
  expect(await readdir(directory)).toEqual([]);
});

test('public addresses are public', () => {
  for (const address of ['93.184.215.14', '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e']) {
    expect(kindOfAddress(address)).toBe('public');
  }
  expect(kindOfAddress('fe80::1%eth0')).toBe('forbidden');
});

test('a name that resolves to another address the second time is not followed there', async () => {
  answer = (request, response) => response.end(request.socket.localAddress);
  const addresses = ['127.0.0.2', '127.0.0.3', '10.0.0.1'];
  let calls = 0;
  const safe = createSafeFetch({
    allowLoopback: true,
    limits: { connectMs: 1000 },
    async resolve() {
      calls += 1;
      return [{ address: addresses[calls - 1] ?? '', family: 4 }];
    },
    log,
  });
  const toPath = target();
  await safe.fetchToFile(`http://rebinding.example:${port}/`, { toPath, maxBytes: 100 });
  expect(calls).toBe(1);
  expect(await Bun.file(toPath).text()).toBe('::ffff:127.0.0.2');
  // The next fetch looks again, and the hop after a redirect does.
  answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
  const redirected = safe.fetchToFile(`http://rebinding.example:${port}/`, {
    toPath: target(),
    maxBytes: 100,
  });
  expect(await redirected.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'UrlNotAllowed' });
  expect(calls).toBe(3);
  expect(connections).toBe(2);
});

test('a name that was public when it was checked and is this machine when it is fetched reaches nobody', async () => {
  const addresses = ['93.184.215.14', '127.0.0.1', '::1', '169.254.169.254', '10.0.0.1'];
  let calls = 0;
  const safe = createSafeFetch({
    allowLoopback: false,
    // The listener's own port, so that the address alone decides.
    extraPorts: [port],
    async resolve() {
      const address = addresses[calls++] ?? '';
      return [{ address, family: address.includes(':') ? 6 : 4 }];
    },
    log,
  });
  const url = `http://rebinding.example:${port}/`;
  await safe.check(url);
  for (let later = 1; later < addresses.length; later++) {
    const fetching = safe.fetchToFile(url, { toPath: target(), maxBytes: 100 });
    expect(await fetching.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'UrlNotAllowed' });
  }
  expect([calls, connections]).toEqual([addresses.length, 0]);
});

const local = createSafeFetch({ allowLoopback: true, limits: { idleMs: 300, totalMs: 2000 }, log });
const at = (path: string) => `http://127.0.0.1:${port}${path}`;

test('a file is fetched whole, through redirects', async () => {
  const bytes = someBytes(500_000);
  answer = (request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: '/next?x=1' }).end();
    else if (request.url === '/next?x=1') response.writeHead(307, { location: at('/file.mp4') }).end();
    else response.writeHead(200, { 'content-type': 'video/mp4' }).end(bytes);
  };
  const toPath = target();
  const fetched = await local.fetchToFile(at('/start'), { toPath, maxBytes: 500_000 });
  expect(fetched).toEqual({
    contentType: 'video/mp4',
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    finalUrl: at('/file.mp4'),
  });
  expect(sha256Hex(await Bun.file(toPath).bytes())).toBe(sha256Hex(bytes));
});

test('the host header is the name, the connection goes to the pinned address', async () => {
  answer = (_request, response) => response.end('hello');
  const pinned = createSafeFetch({
    allowLoopback: true,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    log,
  });
  await pinned.fetchToFile(`http://pinned.example:${port}/`, { toPath: target(), maxBytes: 10 });
  expect(requests[0]?.headers['host']).toBe(`pinned.example:${port}`);
});

test('authorization stays with its host', async () => {
  answer = (request, response) => {
    if (request.url === '/start') response.writeHead(302, { location: `http://localhost:${port}/end` }).end();
    else response.end('x');
  };
  const headers = { authorization: 'Bearer secret', accept: 'video/*' };
  await local.fetchToFile(at('/start'), { toPath: target(), maxBytes: 10, headers });
  expect(requests[0]?.headers['authorization']).toBe('Bearer secret');
  expect(requests[1]?.headers['authorization']).toBeUndefined();
  expect(requests[1]?.headers['accept']).toBe('video/*');
  const here = new URL('https://a.example/x');
  expect(headersForHop(headers, here, new URL('https://a.example/y'))).toEqual(headers);
});

/** Fetches and expects an error and no file left. */
async function expectFailure(path: string, expected: object, maxBytes = 1000): Promise<void> {
  const toPath = target();
  const thrown: unknown = await local
    .fetchToFile(at(path), { toPath, maxBytes })
    .catch((error: unknown) => error);
  expect(thrown).toMatchObject(expected);
  expect(await Bun.file(toPath).exists()).toBe(false);
}

for (const location of [
  'http://10.0.0.1/',
  'http://[::ffff:169.254.169.254]/',
  'file:///etc/passwd',
  'data:text/plain,x',
  's3://b/k',
  'http://user:pw@127.0.0.1/',
  'http://192.168.0.1:22/',
]) {
  test(`a redirect to ${location} is refused`, async () => {
    answer = (_request, response) => response.writeHead(302, { location }).end();
    await expectFailure('/', { code: 'UrlNotAllowed', status: 400 });
    expect(connections).toBe(1);
  });
}

test('a redirect to any address that is neither public nor loopback is refused', async () => {
  const wrong: string[] = [];
  const inner = hosts.filter((host) => {
    const { hostname } = new URL(`http://${host}/`);
    return kindOfAddress(hostname.replace(/^\[|\]$/g, '')) === 'forbidden' && hostname !== 'localhost';
  });
  expect(inner.length).toBeGreaterThanOrEqual(40);
  for (const host of inner) {
    for (const location of [`http://${host}/`, `http://${host}:${port}/`]) {
      answer = (_request, response) => response.writeHead(302, { location }).end();
      const thrown: unknown = await local
        .fetchToFile(at('/'), { toPath: target(), maxBytes: 10 })
        .catch((error: unknown) => error);
      if (!(thrown instanceof Error) || Reflect.get(thrown, 'code') !== 'UrlNotAllowed') {
        wrong.push(`${location}: ${String(thrown)}`);
      }
    }
  }
  expect(wrong).toEqual([]);
  // Only the redirects themselves were asked for.
  expect(connections).toBe(inner.length * 2);
});

test('endless redirects end', async () => {
  answer = (_request, response) => response.writeHead(302, { location: '/again' }).end();
  await expectFailure('/', { code: 'UrlNotFetched', status: 502 });
  expect(requests).toHaveLength(6);
});

test('a file that says it is too large is not begun, one that does not say is broken off', async () => {
  answer = (_request, response) => response.writeHead(200, { 'content-length': '5000' }).end(someBytes(5000));
  await expectFailure('/', { code: 'UrlTooLarge', status: 413 });
  answer = (_request, response) => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' });
    response.write(someBytes(900));
    response.end(someBytes(900));
  };
  await expectFailure('/', { code: 'UrlTooLarge', status: 413 });
});

test('a status other than 200 is told', async () => {
  answer = (_request, response) => response.writeHead(404).end('no');
  await expectFailure('/', {
    code: 'UrlNotFetched',
    status: 502,
    retryable: false,
    details: { answered: 404 },
    message: expect.stringContaining('answered 404'),
  });
  answer = (_request, response) => response.writeHead(503).end('no');
  await expectFailure('/', { code: 'UrlNotFetched', retryable: true });
});

test('a body that breaks off leaves nothing', async () => {
  answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '900' });
    response.write(someBytes(300), () => response.destroy());
  };
  await expectFailure('/', { code: 'UrlNotFetched', status: 502, retryable: true });
});

test('compression that was not asked for is refused', async () => {
  answer = (_request, response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(Bun.gzipSync(new Uint8Array(100_000)));
  await expectFailure('/', { code: 'UrlNotFetched', status: 502 });
});

test('a server that says nothing, or stops in the middle, is given up', async () => {
  answer = () => undefined;
  await expectFailure('/', { code: 'UrlTimeout', status: 504, retryable: true });
  answer = (_request, response) => {
    response.writeHead(200, { 'content-length': '900' });
    response.write(someBytes(300));
  };
  await expectFailure('/', { code: 'UrlTimeout', status: 504 });
});

test('a server that drips is given up when the total time is over', async () => {
  answer = (_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write('x'), 100);
    response.once('close', () => clearInterval(drip));
  };
  await expectFailure('/', { code: 'UrlTimeout', status: 504 });
});

test('an abort stops it and leaves nothing', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  answer = (_request, response) => {
    response.writeHead(200);
    response.write('x', () => begin());
  };
  const controller = new AbortController();
  const toPath = target();
  const fetching = local.fetchToFile(at('/'), { toPath, maxBytes: 10, signal: controller.signal });
  await begun;
  controller.abort(new Error('canceled'));
  expect(await fetching.catch((error: unknown) => error)).toMatchObject({ message: 'canceled' });
  expect(await Bun.file(toPath).exists()).toBe(false);
});

test('nobody listening, and a name that nobody has', async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
  const address = closed.address();
  await new Promise((resolve) => closed.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('No port');
  const url = `http://127.0.0.1:${address.port}/`;
  const thrown: unknown = await local
    .fetchToFile(url, { toPath: target(), maxBytes: 1 })
    .catch((e: unknown) => e);
  expect(thrown).toMatchObject({ code: 'UrlNotFetched', status: 502, retryable: true });
});
