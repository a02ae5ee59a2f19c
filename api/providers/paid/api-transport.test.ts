import { describe, expect, test } from 'bun:test';
import { createApiTransport, type Fetch } from './api-transport';

const secret = 'r8_very-secret';
const transport = (fetch: Fetch) =>
  createApiTransport({
    fetch,
    secret,
    baseUrl: 'https://api.vendor.example/v1/',
    authorization: { Authorization: `Bearer ${secret}` },
  });

describe('calls to a vendor', () => {
  test('go to its own host only', async () => {
    let calls = 0;
    const api = transport(async () => {
      calls += 1;
      return Response.json({});
    });
    expect(await api.call('https://api.vendor.example.evil.example/v1/x', { timeoutMs: 100 })).toMatchObject({
      kind: 'lost',
      sent: false,
    });
    expect(calls).toBe(0);
    expect(api.isOwn('https://api.vendor.example/v1/files/1')).toBe(true);
    expect(api.isOwn('http://api.vendor.example/v1/files/1')).toBe(false);
    expect(api.isOwn('nonsense')).toBe(false);
  });

  test('are made once, with the secret, and follow no redirect', async () => {
    const inits: RequestInit[] = [];
    const api = transport(async (url, init) => {
      inits.push(init);
      return new Response(url, { status: 302, headers: { Location: 'https://elsewhere.example' } });
    });
    expect(await api.call('/x', { timeoutMs: 100 })).toMatchObject({
      kind: 'answer',
      status: 302,
      body: null,
      text: 'https://api.vendor.example/v1/x',
    });
    expect(inits).toHaveLength(1);
    expect(inits[0]?.redirect).toBe('manual');
  });

  test('a lost one says whether it can have arrived, without the secret', async () => {
    const failing = (code: string) =>
      transport(async () => {
        throw Object.assign(new Error(`Bearer ${secret} broke`), { code });
      });
    expect(await failing('ConnectionRefused').call('/x', { timeoutMs: 100 })).toEqual({
      kind: 'lost',
      sent: false,
      reason: 'Bearer [secret] broke',
    });
    expect(await failing('ECONNRESET').call('/x', { timeoutMs: 100 })).toMatchObject({ sent: true });
  });

  test('a really refused connection is known never to have arrived', async () => {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response() });
    const baseUrl = String(server.url);
    await server.stop(true);
    const api = createApiTransport({ fetch, secret, baseUrl, authorization: {} });
    expect(await api.call('/x', { timeoutMs: 5000 })).toMatchObject({ kind: 'lost', sent: false });
  });

  test('a stopped job’s call rejects with the reason', async () => {
    const api = transport(async (_url, init) => {
      init.signal?.throwIfAborted();
      return Response.json({});
    });
    const signal = AbortSignal.abort(new Error('stopped'));
    await expect(api.call('/x', { timeoutMs: 100, signal })).rejects.toThrow('stopped');
  });
});
