import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { pageRoutes } from './http.static';

let directory: string;
let app: Hono;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-page-'));
  await Bun.write(join(directory, '200.html'), '<title>The page</title>');
  await Bun.write(join(directory, 'favicon.svg'), '<svg/>');
  await Bun.write(join(directory, '_app/immutable/a.js'), 'plain');
  await Bun.write(join(directory, '_app/immutable/a.js.br'), 'compressed');
  app = new Hono();
  app.get('/api/known', (c) => c.json({ ok: true }));
  app.route('/', pageRoutes(directory, ['https://media.example']));
  app.notFound((c) => c.json({ error: 'NotFound' }, 404));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const get = (path: string, headers: Record<string, string> = {}) => app.request(path, { headers });

test('hashed files are kept for ever, and come compressed to who understands it', async () => {
  const plain = await get('/_app/immutable/a.js');
  expect(await plain.text()).toBe('plain');
  expect(plain.headers.get('cache-control')).toContain('immutable');
  const small = await get('/_app/immutable/a.js', { 'Accept-Encoding': 'br' });
  expect(small.headers.get('content-encoding')).toBe('br');
  expect(small.headers.get('content-type')).toStartWith('text/javascript');
  expect(await small.text()).toBe('compressed');
});

test('every place within the page is the page', async () => {
  for (const path of ['/', '/create', '/edit/0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a']) {
    const answer = await get(path);
    expect(await answer.text()).toContain('The page');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  }
  expect(await (await get('/favicon.svg')).text()).toBe('<svg/>');
});

test('what the API and the build do not have is not the page', async () => {
  for (const path of ['/api/mv/unknown', '/_app/immutable/gone.js', '/_app/gone.json']) {
    const answer = await get(path);
    expect([answer.status, await answer.json()]).toEqual([404, { error: 'NotFound' }]);
  }
  expect((await get('/api/known')).status).toBe(200);
  // Nothing outside the build can be read.
  const outside = await get('/..%2f..%2fetc/passwd');
  expect(await outside.text()).not.toContain('root:');
});

test('without a build, people are told how to get one', async () => {
  const unbuilt = pageRoutes(join(directory, 'nowhere'), []);
  const answer = await unbuilt.request('/');
  expect(answer.status).toBe(503);
  expect(await answer.text()).toContain('bun run start');
});
