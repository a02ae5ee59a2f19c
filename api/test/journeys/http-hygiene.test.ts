import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Socket } from 'bun';
import { withIdleLimit } from '../../http/http.connection';
import { dataPolicy, inlineScriptHashes, pagePolicy } from '../../http/http.csp';
import { startTestStudio, type TestStudio } from '../studio.harness';

setDefaultTimeout(120_000);

const friend = 'https://friend.example';
const stranger = 'https://stranger.example';

let studio: TestStudio;
let open: TestStudio;
beforeAll(async () => {
  [studio, open] = await Promise.all([startTestStudio(), startTestStudio({ CORS_ORIGINS: friend })]);
});
afterAll(() => Promise.all([studio.stop(), open.stop()]));

test('every answer tells browsers to be careful, whatever it is', async () => {
  for (const path of [
    '/api/mv/projects',
    '/api/mv/nothing',
    '/api/mv/projects/x',
    '/healthz',
    '/openapi.json',
  ]) {
    const { headers } = await fetch(`${studio.studio.url}${path}`);
    expect([path, Object.fromEntries(headers)]).toMatchObject([
      path,
      {
        'content-security-policy': dataPolicy,
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'x-request-id': expect.stringMatching(/^[\w-]{8,}$/),
      },
    ]);
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('a page’s policy runs its own inline scripts by their hash, and no others', () => {
  const hashes = inlineScriptHashes('<script src="/a.js"></script><script>start()</script>');
  expect(hashes).toEqual([`'sha256-${new Bun.CryptoHasher('sha256').update('start()').digest('base64')}'`]);
  const policy = pagePolicy({ scriptHashes: hashes, mediaOrigins: ['https://media.example'] });
  const scripts = policy.split('; ').find((part) => part.startsWith('script-src '));
  expect(scripts).toBe(`script-src 'self' ${hashes[0]}`);
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
});

test('other origins may read answers only when the settings name them', async () => {
  const allowed = async (of: TestStudio, origin: string) => {
    const preflight = { 'Access-Control-Request-Method': 'GET', Origin: origin };
    const answers = await Promise.all([
      fetch(`${of.api.base}/projects`, { headers: { Origin: origin } }),
      fetch(`${of.api.base}/projects`, { method: 'OPTIONS', headers: preflight }),
    ]);
    return answers.map((answer) => answer.headers.get('access-control-allow-origin'));
  };
  expect(await allowed(studio, friend)).toEqual([null, null]);
  expect(await allowed(open, friend)).toEqual([friend, friend]);
  expect(await allowed(open, stranger)).toEqual([null, null]);
});

test('a body or a header that is too long is refused, also one that does not say so beforehand', async () => {
  const path = `${studio.api.base}/projects`;
  const title = 'x'.repeat(1024 * 1024);
  const announced = await studio.api.refused('POST', '/projects', studio.api.json({ title }));
  expect([announced.status, announced.body.error]).toEqual([413, 'BodyTooLarge']);
  const pieces = ['{"title":"', title, '"}'].values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { value } = pieces.next();
      if (value === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(value));
    },
  });
  const streamed = await fetch(path, {
    method: 'POST',
    body,
    headers: { 'Content-Type': 'application/json' },
  });
  expect(streamed.status).toBe(413);
  const long = await fetch(path, { headers: { 'X-Long': 'x'.repeat(100_000) } });
  expect(long.status).toBe(431);
});

test('an upload that brings nothing any more is given up, and its source is let go', async () => {
  let canceled = false;
  const silent = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    cancel: () => {
      canceled = true;
    },
  });
  const reader = withIdleLimit(silent, 50).getReader();
  expect((await reader.read()).value).toHaveLength(3);
  await expect(reader.read()).rejects.toMatchObject({ code: 'UploadStalled', status: 408, retryable: true });
  expect(canceled).toBe(true);
});

/** Sends a byte each second of what never becomes a request; resolves to what came back once the server hung up. */
function dribble(beginning: string): Promise<string> {
  const { hostname, port } = new URL(studio.api.base);
  const decoder = new TextDecoder();
  let answer = '';
  let timer: ReturnType<typeof setInterval>;
  return new Promise((resolve, reject) => {
    const socket = {
      open: (to: Socket) => {
        to.write(beginning);
        timer = setInterval(() => to.write('x'), 1000);
      },
      data: (_: Socket, bytes: Uint8Array) => {
        answer += decoder.decode(bytes, { stream: true });
      },
      close: () => {
        clearInterval(timer);
        resolve(answer);
      },
      error: (_: Socket, error: Error) => reject(error),
    };
    Bun.connect({ hostname, port: Number(port), socket }).catch(reject);
  });
}

test('whoever sends headers or a small body a byte at a time is hung up on; others are served meanwhile', async () => {
  const path = '/api/mv/projects HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const json = 'Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"title":"';
  const slow = Promise.all([dribble(`GET ${path}X-Slow: `), dribble(`POST ${path}${json}`)]);
  const { status } = await studio.api.call('GET', '/projects');
  expect(status).toBe(200);
  const [headers, body] = await slow;
  expect(headers).toBe('');
  expect(body).not.toContain('201 Created');
  expect((await studio.api.call<{ projects: unknown[] }>('GET', '/projects')).body.projects).toEqual([]);
});
