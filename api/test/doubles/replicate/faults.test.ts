import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import * as v from 'valibot';
import type { OutputFault } from '../http/output';
import { type ReplicateDouble, refuse, startReplicateDouble } from './replicate.double';
import type { CreateFault } from './replicate.types';

const PredictionSchema = v.object({
  id: v.string(),
  status: v.string(),
  output: v.unknown(),
  error: v.nullable(v.string()),
  data_removed: v.boolean(),
});
const readPrediction = async (response: Response) => v.parse(PredictionSchema, await response.json());
const ThrottledSchema = v.object({ retry_after: v.optional(v.number()), detail: v.string() });

const bytes = new TextEncoder().encode('0123456789');
let now = new Date('2026-10-01T10:00:00Z');
let double: ReplicateDouble;
beforeEach(async () => {
  now = new Date('2026-10-01T10:00:00Z');
  double = await startReplicateDouble({ clock: () => now, downloadInputs: false, fileLimitBytes: 100 });
});
afterEach(() => double.close());

const call = (path: string, init: RequestInit = {}) =>
  fetch(`${double.url}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${double.token}`, ...init.headers },
  });
const create = (headers: Record<string, string> = {}, given: object = { prompt: 'a singer' }) =>
  call('/models/google/imagen-4/predictions', {
    method: 'POST',
    headers,
    body: JSON.stringify({ input: given }),
  });
const created = async (headers: Record<string, string> = {}) => readPrediction(await create(headers));
const get = async (id: string) => readPrediction(await call(`/predictions/${id}`));

describe('creates that fail', () => {
  const refused: [CreateFault, number][] = [
    [{ kind: 'status', status: 401 }, 401],
    [{ kind: 'status', status: 402 }, 402],
    [{ kind: 'input-invalid' }, 422],
    [{ kind: 'version-invalid' }, 422],
    [{ kind: 'status', status: 413 }, 413],
    [{ kind: 'throttled', tell: 'body', seconds: 5 }, 429],
    [{ kind: 'status', status: 500 }, 500],
    [{ kind: 'status', status: 502 }, 502],
  ];
  test.each(refused)('%p makes nothing', async (fault, status) => {
    double.failCreates(fault);
    const response = await create();
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, detail: expect.any(String) });
    expect(double.ledger).toHaveLength(0);
    expect((await create()).status).toBe(202);
  });

  test('429 tells its wait in the body, the header, the words or not at all', async () => {
    const told: unknown[] = [];
    for (const tell of ['body', 'header', 'text', 'nothing'] as const) {
      double.failCreates({ kind: 'throttled', tell, seconds: 7 });
      const response = await create();
      const body = v.parse(ThrottledSchema, await response.json());
      told.push([body.retry_after, response.headers.get('retry-after'), /~7s/.test(body.detail)]);
    }
    expect(told).toEqual([
      [7, null, true],
      [undefined, '7', true],
      [undefined, null, true],
      [undefined, null, false],
    ]);
  });

  test.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ] as const)('%s leaves %p in the ledger', async (kind, count) => {
    double.failCreates({ kind });
    await expect(create()).rejects.toThrow();
    expect(double.ledger).toHaveLength(count);
  });

  test('a stalled create is accepted and never answered', async () => {
    double.script({ createFault: { kind: 'stall' }, when: ({ model }) => model === 'google/imagen-4' });
    const controller = new AbortController();
    const pending = call('/models/google/imagen-4/predictions', {
      method: 'POST',
      body: JSON.stringify({ input: { prompt: 'a' } }),
      signal: controller.signal,
    });
    await double.awaitCreate();
    controller.abort();
    await expect(pending).rejects.toThrow();
  });

  test('a limit of creates, input against the schema, the wrong token', async () => {
    expect((await create({}, {})).status).toBe(422);
    expect((await create({}, { prompt: 'a', output_format: 'gif' })).status).toBe(422);
    expect((await create({ Authorization: 'Bearer other' })).status).toBe(401);
    expect((await create({ 'Cancel-After': '4s' })).status).toBe(422);
    const limited = await startReplicateDouble({ createLimit: 0, token: double.token });
    const answer = await fetch(`${limited.url}/predictions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${limited.token}` },
      body: '{}',
    });
    expect(answer.status).toBe(429);
    await limited.close();
  });
});

describe('predictions that end badly', () => {
  test('Cancel-After aborts what has not begun, free, and cancels what runs, charged', async () => {
    double.script({ statuses: ['starting'] }, { statuses: ['processing'] });
    const [waiting, running] = [
      await created({ 'Cancel-After': '30s' }),
      await created({ 'Cancel-After': '30s' }),
    ];
    for (const { id } of [waiting, running]) await get(id);
    now = new Date(now.getTime() + 30_000);
    expect((await get(waiting.id)).status).toBe('aborted');
    expect((await get(running.id)).status).toBe('canceled');
    expect(double.ledger.map(({ charged }) => charged)).toEqual([false, true]);
  });

  test('polls meet a reset, 500 and 404 and go on', async () => {
    double.script({
      pollFaults: [{ kind: 'reset' }, { kind: 'status', status: 500 }, { kind: 'status', status: 404 }],
      statuses: ['resting', 'failed'],
      error: 'E6716: start timed out',
    });
    const { id } = await created();
    await expect(get(id)).rejects.toThrow();
    expect((await call(`/predictions/${id}`)).status).toBe(500);
    expect((await call(`/predictions/${id}`)).status).toBe(404);
    expect((await get(id)).status).toBe('resting');
    expect(await get(id)).toMatchObject({ status: 'failed', error: 'E6716: start timed out' });
  });

  test('an input that can’t be fetched fails it', async () => {
    const fetching = await startReplicateDouble();
    const answer = await fetch(`${fetching.url}/models/sync/lipsync-2/predictions`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${fetching.token}`, Prefer: 'wait' },
      body: JSON.stringify({
        input: { video: `${fetching.outputsUrl}/x`, audio: 'data:audio/wav;base64,AA==' },
      }),
    });
    expect(await answer.json()).toMatchObject({ status: 'failed', error: 'E1000: video answered 404' });
    await fetching.close();
  });
});

describe('outputs', () => {
  const outputOf = async (fault: OutputFault) => {
    double.script({ output: { bytes, contentType: 'video/mp4', fault, hugeBytes: 1_000_000 } });
    return String((await created({ Prefer: 'wait' })).output);
  };

  test.each([
    ['expired', 403],
    ['gone', 404],
    ['server-error', 503],
  ] as const)('%s answers %p', async (fault, status) => {
    expect((await fetch(await outputOf(fault))).status).toBe(status);
  });

  test('truncated, empty, huge, redirected', async () => {
    const truncated = await fetch(await outputOf('truncated'));
    await expect(truncated.arrayBuffer()).rejects.toThrow();
    const size = async (fault: OutputFault) => (await (await fetch(await outputOf(fault))).bytes()).length;
    expect(await size('empty')).toBe(0);
    expect(await size('huge')).toBeGreaterThanOrEqual(1_000_000);
    expect(await size('redirect')).toBe(bytes.length);
    await expect(fetch(await outputOf('redirect-loop'))).rejects.toThrow();
    expect(double.leaks).toEqual([]);
  });

  test('as list, data URI and file of the API; removed after a while', async () => {
    const outputs: unknown[] = [];
    for (const outputAs of ['array', 'data-uri', 'api-file'] as const) {
      double.script({ output: { bytes: new Blob([bytes]), contentType: 'image/png' }, outputAs });
      outputs.push((await created({ Prefer: 'wait' })).output);
    }
    expect(outputs).toEqual([
      [expect.stringContaining(double.outputsUrl)],
      `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
      expect.stringContaining(`${double.url}/files/`),
    ]);
    const { id } = double.ledger[2] ?? { id: '' };
    expect(await (await call(`/files/${id}`)).text()).toBe('0123456789');
    double.removeData(id);
    expect(await get(id)).toMatchObject({ output: null, data_removed: true });
  });

  test('a token sent to the outputs’ host is noticed', async () => {
    await fetch(await outputOf('empty'), { headers: { Authorization: 'Bearer x' } });
    expect(double.leaks).toHaveLength(1);
  });
});

test('files over the limit and any route fail as told; tokens are masked', async () => {
  const form = new FormData();
  form.append('content', new Blob([new Uint8Array(101)]), 'a.mp4');
  expect((await call('/files', { method: 'POST', body: form })).status).toBe(413);
  double.fail(refuse(500, { includes: '/account' }));
  expect((await call('/account')).status).toBe(500);
  expect((await call('/account')).status).toBe(200);
  expect(JSON.stringify(double.requests)).not.toContain(double.token);
});

test('webhooks go out late, twice, again until taken, without headers, as of the start, and by themselves', async () => {
  const ids: (string | null)[] = [];
  const statuses: string[] = [];
  let failures = 1;
  const receiver = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      ids.push(request.headers.get('webhook-id'));
      statuses.push(v.parse(PredictionSchema, await request.json()).status);
      return new Response(null, { status: failures-- > 0 ? 503 : 200 });
    },
  });
  const automatic = await startReplicateDouble({ autoWebhooks: true, downloadInputs: false });
  const answer = await fetch(`${automatic.url}/models/google/imagen-4/predictions`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${automatic.token}`, Prefer: 'wait' },
    body: JSON.stringify({ input: { prompt: 'a' }, webhook: String(receiver.url) }),
  });
  const { id } = await readPrediction(answer);
  await automatic.settled();
  failures = 2;
  await automatic.sendWebhook(id, { messageId: 'msg_1', retries: 5 });
  await automatic.sendWebhook(id, { messageId: 'msg_2', duplicate: true, timestampOffsetSeconds: -3600 });
  await automatic.sendWebhook(id, { event: 'start', omitHeaders: ['webhook-id'] });
  expect(ids.slice(1)).toEqual(['msg_1', 'msg_1', 'msg_1', 'msg_2', 'msg_2', null]);
  expect(statuses.at(-1)).toBe('processing');
  expect(automatic.deliveries.map(({ status }) => status)).toEqual([503, 503, 503, 200, 200, 200, 200]);
  await automatic.close();
  await receiver.stop(true);
});
