import { expect, test } from 'bun:test';
import { Hono } from 'hono';
import { AppError } from '../shared/errors';
import { createLog } from '../shared/log';
import { refuseProxied, rememberClient } from './http.client';
import { rememberConnection } from './http.connection';
import { allowLocalHosts, refuseOtherSites } from './http.origin';

const app = new Hono()
  .use(rememberConnection(() => ({ address: '127.0.0.1', keepOpen() {} })))
  .use(rememberClient({ trustedProxies: [], log: createLog('silent') }))
  .use(refuseProxied())
  .use(allowLocalHosts())
  .use(refuseOtherSites())
  .all('/', (c) => c.text('done'))
  .onError((error, c) => c.text(error.name, error instanceof AppError && error.status === 403 ? 403 : 500));

const send = async (method: string, headers: Record<string, string>) => {
  const response = await app.request('/', { method, headers: { Host: 'localhost:3000', ...headers } });
  return [response.status, await response.text()];
};

test('programs, the studio’s own page and links from elsewhere get through', async () => {
  expect(await send('POST', {})).toEqual([200, 'done']);
  expect(await send('POST', { 'Sec-Fetch-Site': 'same-origin' })).toEqual([200, 'done']);
  expect(await send('POST', { Origin: 'http://localhost:3000' })).toEqual([200, 'done']);
  expect(await send('GET', { 'Sec-Fetch-Site': 'cross-site' })).toEqual([200, 'done']);
});

test('pages of other sites can’t change anything', async () => {
  const refused = [403, 'CrossSiteRequest'];
  expect(await send('POST', { 'Sec-Fetch-Site': 'cross-site' })).toEqual(refused);
  expect(await send('DELETE', { 'Sec-Fetch-Site': 'same-site' })).toEqual(refused);
  expect(await send('POST', { Origin: 'http://evil.example' })).toEqual(refused);
  expect(await send('PUT', { Origin: 'null' })).toEqual(refused);
});

test('a foreign name for this machine is refused', async () => {
  expect(await send('GET', { Host: 'evil.example:3000' })).toEqual([403, 'UnknownHost']);
  // A proxy that rewrites Host, seen by the browser's own words.
  const rewritten = { 'Sec-Fetch-Site': 'same-origin', Origin: 'https://studio.example' };
  expect(await send('POST', rewritten)).toEqual([403, 'UnknownHost']);
  expect(await send('GET', { Host: '127.0.0.1:3000' })).toEqual([200, 'done']);
  expect(await send('GET', { Host: '[::1]:3000' })).toEqual([200, 'done']);
});

test('what came through a proxy is refused, whatever it says', async () => {
  for (const header of ['X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded', 'X-Real-IP', 'Via'])
    expect(await send('GET', { [header]: 'x' })).toEqual([403, 'ProxyNeedsTokens']);
});
