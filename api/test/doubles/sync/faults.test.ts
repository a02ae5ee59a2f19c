import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import { estimateUnavailable, problem, type SyncDouble, startSyncDouble } from './sync.double';
import type { CreateFault } from './sync.types';
import { signWebhook } from './sync.webhooks';

const GenerationSchema = v.object({
  id: v.string(),
  status: v.string(),
  outputUrl: v.nullable(v.string()),
  outputMediaUrl: v.nullable(v.string()),
  error_code: v.optional(v.nullable(v.string())),
  errorCode: v.optional(v.nullable(v.string())),
  progress: v.optional(v.number()),
});
const ErrorSchema = v.object({
  statusCode: v.number(),
  errorCode: v.optional(v.string()),
  generationId: v.optional(v.string()),
});
const input = [
  { type: 'video', url: 'http://127.0.0.1:1/v.mp4' },
  { type: 'audio', url: 'http://127.0.0.1:1/a.wav' },
];
const good = { model: 'lipsync-2-pro', input, options: { sync_mode: 'cut_off' } };
const output = { bytes: new TextEncoder().encode('0123456789'), contentType: 'video/mp4' };

let double: SyncDouble;
beforeEach(async () => {
  double = await startSyncDouble({ downloadInputs: false });
});
afterEach(() => double.close());

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${double.url}${path}`, { ...init, headers: { 'x-api-key': double.token, ...init.headers } });
const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  call(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const create = (key?: string, body: object = good) =>
  post('/v2/generate', body, key === undefined ? {} : { 'Idempotency-Key': key });
const read = async (response: Response) => v.parse(GenerationSchema, await response.json());
const readError = async (response: Response) => v.parse(ErrorSchema, await response.json());
const get = async (id: string, query = '') => read(await call(`/v2/generate/${id}${query}`));

describe('creates that fail', () => {
  const refused: [CreateFault, number, string | undefined][] = [
    [{ kind: 'status', status: 401 }, 401, undefined],
    [{ kind: 'status', status: 402 }, 402, undefined],
    [{ kind: 'status', status: 413 }, 413, undefined],
    [{ kind: 'status', status: 422 }, 422, undefined],
    [{ kind: 'status', status: 504 }, 504, undefined],
    [{ kind: 'rate-limit', retryAfterSeconds: 3 }, 429, 'rate_limit_exceeded'],
    [{ kind: 'concurrency-limit' }, 429, 'concurrency_limit_reached'],
  ];
  test.each(refused)('%p makes nothing', async (fault, status, errorCode) => {
    double.failCreates(fault);
    const response = await create();
    expect(response.status).toBe(status);
    const error = await readError(response);
    expect(error.statusCode).toBe(status);
    expect(error.errorCode).toBe(errorCode);
    expect(double.ledger).toHaveLength(0);
  });

  test('bodies and keys that are no good', async () => {
    for (const body of [
      { ...good, model: 'other' },
      { ...good, input: input.slice(0, 1) },
      { ...good, options: { active_speaker: true } },
      { ...good, outputFileName: 'a/b' },
    ]) {
      expect((await create(undefined, body)).status).toBe(400);
    }
    expect(await readError(await create('a key'))).toMatchObject({ errorCode: 'INVALID_IDEMPOTENCY_KEY' });
    expect(await readError(await create('k'.repeat(129)))).toMatchObject({ statusCode: 400 });
    expect(double.ledger).toHaveLength(0);
  });

  test.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('%s leaves %p in the ledger', async (kind, count) => {
    double.script({ createFault: { kind } });
    await expect(create()).rejects.toThrow();
    expect(double.ledger).toHaveLength(count);
  });

  test('a stalled create is accepted and never answered', async () => {
    double.failCreates({ kind: 'stall' });
    const controller = new AbortController();
    const pending = call('/v2/generate', {
      method: 'POST',
      body: JSON.stringify(good),
      signal: controller.signal,
    });
    await double.awaitCreate();
    controller.abort();
    await expect(pending).rejects.toThrow();
  });

  test('limits of creates and of generations at once', async () => {
    const narrow = await startSyncDouble({ concurrency: 1, createLimit: 2, downloadInputs: false });
    const tell = async () => {
      const response = await fetch(`${narrow.url}/v2/generate`, {
        method: 'POST',
        headers: { 'x-api-key': narrow.token },
        body: JSON.stringify(good),
      });
      return response.ok ? 'ok' : (await readError(response)).errorCode;
    };
    expect([await tell(), await tell(), await tell()]).toEqual([
      'ok',
      'concurrency_limit_reached',
      'rate_limit_exceeded',
    ]);
    await narrow.close();
  });
});

describe('idempotency keys', () => {
  test('after a lost answer the same key gives the same generation, charged once', async () => {
    double.failCreates({ kind: 'reset-after' });
    await expect(create('job-1')).rejects.toThrow();
    const again = await read(await create('job-1'));
    expect(double.ledger).toMatchObject([{ id: again.id, replays: 1, charged: true }]);
  });

  test.each([409, 422] as const)('another payload is refused with %p', async (conflictStatus) => {
    const strict = await startSyncDouble({ conflictStatus, downloadInputs: false });
    const send = (model: string) =>
      fetch(`${strict.url}/v2/generate`, {
        method: 'POST',
        headers: { 'x-api-key': strict.token, 'Idempotency-Key': 'job-1' },
        body: JSON.stringify({ ...good, model }),
      });
    expect((await send('lipsync-2')).status).toBe(201);
    expect((await send('sync-3')).status).toBe(conflictStatus);
    expect(strict.ledger).toHaveLength(1);
    await strict.close();
  });

  test('an unknown outcome, with and without an id, accepted or not', async () => {
    const told: unknown[] = [];
    for (const [accepted, tellId] of [
      [true, true],
      [true, false],
      [false, false],
    ] as const) {
      const key = `job-${accepted}-${tellId}`;
      double.failCreates({ kind: 'outcome-unknown', accepted, tellId });
      const response = await create(key);
      const error = await readError(response);
      expect(error).toMatchObject({ statusCode: 503, errorCode: 'IDEMPOTENCY_OUTCOME_UNKNOWN' });
      const count = double.ledger.length;
      const { id } = await read(await create(key));
      told.push([error.generationId === id, double.ledger.length - count]);
    }
    expect(told).toEqual([
      [true, 0],
      [false, 0],
      [false, 1],
    ]);
  });
});

describe('generations', () => {
  test.each(['FAILED', 'REJECTED', 'CANCELED', 'TIMED_OUT', 'DREAMING'])('end as %s', async (status) => {
    double.script({ statuses: [status], errorCode: 'generation_input_face_not_found' });
    const { id } = await read(await create());
    expect((await get(id)).status).toBe(status);
    expect(double.ledger[0]?.charged).toBe(status !== 'REJECTED');
  });

  test('tell their error under either name', async () => {
    double.script(
      { statuses: ['FAILED'], errorCode: 'a' },
      { statuses: ['FAILED'], errorCode: 'b', errorCodeAs: 'errorCode' },
    );
    const codes: unknown[] = [];
    for (const _ of [1, 2]) {
      const { error_code, errorCode } = await get((await read(await create())).id);
      codes.push([error_code, errorCode]);
    }
    expect(codes).toEqual([
      ['a', undefined],
      [undefined, 'b'],
    ]);
  });

  test.each(['outputUrl', 'outputMediaUrl', 'both', 'neither'] as const)(
    'tell their output as %s',
    async (outputAs) => {
      double.script({ statuses: ['COMPLETED'], output, outputAs });
      const done = await get((await read(await create())).id);
      expect(done.outputUrl !== null).toBe(['outputUrl', 'both'].includes(outputAs));
      expect(done.outputMediaUrl !== null).toBe(['outputMediaUrl', 'both'].includes(outputAs));
      const fresh = await call(`/v2/generations/${done.id}/download`);
      expect(fresh.headers.get('content-type')).toStartWith('text/plain');
      expect(await (await fetch(await fresh.text())).text()).toBe('0123456789');
    },
  );

  test('an expired URL is healed by a fresh one', async () => {
    double.script({ statuses: ['COMPLETED'], output: { ...output, fault: 'expired' } });
    const done = await get((await read(await create())).id);
    expect((await fetch(done.outputUrl ?? '')).status).toBe(403);
    const fresh = await (await call(`/v2/generations/${done.id}/download`)).text();
    expect((await fetch(fresh)).status).toBe(200);
  });

  test('a long poll ends with the job, runs over, or is refused', async () => {
    double.script({ output, hold: 'until-ended' }, { output, hold: 'overrun' }, { output });
    const [held, over, whole] = [
      await read(await create()),
      await read(await create()),
      await read(await create()),
    ];
    const waiting = get(held.id, '?wait=true&timeout=10');
    await double.finish(held.id, 'COMPLETED');
    expect((await waiting).status).toBe('COMPLETED');
    expect((await get(over.id, '?wait=true&timeout=1')).status).toBe('PENDING');
    expect((await get(whole.id, '?wait=true')).status).toBe('COMPLETED');
    expect((await get(over.id, '?include=progress')).progress).toBe(0.5);
    for (const query of ['?wait=true&include=progress', '?wait=true&timeout=11']) {
      expect((await call(`/v2/generate/${over.id}${query}`)).status).toBe(400);
    }
  });

  test('polls meet a reset, 500 and 404 and go on', async () => {
    double.script({
      pollFaults: [{ kind: 'reset' }, { kind: 'status', status: 500 }, { kind: 'status', status: 404 }],
    });
    const { id } = await read(await create());
    await expect(get(id)).rejects.toThrow();
    expect((await call(`/v2/generate/${id}`)).status).toBe(500);
    expect((await call(`/v2/generate/${id}`)).status).toBe(404);
    expect((await get(id)).status).toBe('PROCESSING');
  });
});

test('estimates, and no estimate', async () => {
  const estimate = (model: string) => post('/v2/generations/estimate', { model, duration: 4, fps: 25 });
  expect(await (await estimate('lipsync-2-pro')).json()).toEqual({
    estimatedFrameCount: 100,
    estimatedGenerationCost: 0.332,
    estimatedCredits: 34,
  });
  expect(await readError(await estimate('react-1'))).toMatchObject({
    errorCode: 'cost_estimate_unavailable',
  });
  double.fail({ includes: '/estimate', reply: estimateUnavailable() });
  expect((await estimate('lipsync-2-pro')).status).toBe(422);
});

test('uploads: too large, not sent, sent with the key; any route fails as told; keys are masked', async () => {
  const ask = (size: number) =>
    post('/v2/assets/upload', { fileName: 'a.mp4', contentType: 'video/mp4', size });
  expect((await ask(6 * 1024 ** 3)).status).toBe(413);
  const UploadSchema = v.object({ uploadUrl: v.string(), url: v.string(), expiresIn: v.number() });
  const { uploadUrl, url } = v.parse(UploadSchema, await (await ask(5)).json());
  expect((await post('/v2/assets', { url, type: 'VIDEO' })).status).toBe(400);
  await fetch(uploadUrl, { method: 'PUT', body: 'media', headers: { 'x-api-key': double.token } });
  expect((await post('/v2/assets', { url, type: 'VIDEO' })).status).toBe(201);
  expect(double.leaks).toHaveLength(1);
  double.fail({ method: 'POST', includes: '/assets', reply: problem(503) });
  expect((await ask(5)).status).toBe(503);
  expect(JSON.stringify([double.requests, double.outputRequests])).not.toContain(double.token);
});

test('webhooks are signed over the bytes, and forged, late, early, unsigned or twice as told', async () => {
  const received: { signature: string | null; body: string }[] = [];
  const receiver = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      received.push({ signature: request.headers.get('sync-signature'), body: await request.text() });
      return new Response();
    },
  });
  const { id } = await read(await create(undefined, { ...good, webhookUrl: String(receiver.url) }));
  await double.sendWebhook(id, { status: 'COMPLETED' });
  await double.sendWebhook(id, { forged: true });
  await double.sendWebhook(id, { timestampOffsetSeconds: -3600, duplicate: true });
  await double.sendWebhook(id, { omitSignature: true });
  const verdicts = received.map(({ signature, body }) => {
    const [, timestamp = '', hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature ?? '') ?? [];
    const isLate = Number(timestamp) < Date.now() / 1000 - 300;
    return [hex === signWebhook(double.webhookSecret, timestamp, body), isLate];
  });
  expect(verdicts).toEqual([
    [true, false],
    [false, false],
    [true, true],
    [true, true],
    [false, true],
  ]);
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ id, status: 'COMPLETED' });
  await receiver.stop(true);
});
