import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import Replicate, { type Prediction, validateWebhook } from 'replicate';
import * as v from 'valibot';
import { type ReplicateDouble, startReplicateDouble } from './replicate.double';

const ListSchema = v.object({ results: v.array(v.object({ id: v.string() })) });
const MODEL = 'sync/lipsync-2-pro';
const clip = new TextEncoder().encode('a clip');
const output = { bytes: clip, contentType: 'video/mp4' };

let double: ReplicateDouble;
let client: Replicate;
/** Where inputs lie and where webhooks arrive. */
let outside: Bun.Server<undefined>;
let received: { headers: Headers; body: string }[];

beforeEach(async () => {
  double = await startReplicateDouble();
  client = new Replicate({ auth: double.token, baseUrl: double.url, useFileOutput: false });
  received = [];
  outside = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (request.method === 'POST') received.push({ headers: request.headers, body: await request.text() });
      return new Response('media');
    },
  });
});
afterEach(async () => {
  await outside.stop(true);
  await double.close();
});

const input = () => ({ video: `${outside.url}v.mp4`, audio: `${outside.url}a.wav`, sync_mode: 'cut_off' });
const webhook = () => `${outside.url}hook`;

describe('Replicate’s own client against the double', () => {
  test('creates, polls to the end and gets the output made from its inputs', async () => {
    double.script({
      statuses: ['starting', 'processing', 'succeeded'],
      output: ({ video = new Uint8Array() }) => ({ bytes: video, contentType: 'video/mp4' }),
    });
    const created = await client.predictions.create({ model: MODEL, input: input() });
    expect(created).toMatchObject({ status: 'starting', model: MODEL, output: null, data_removed: false });
    const done = await client.wait(created, { interval: 1 });
    expect(done.status).toBe('succeeded');
    expect(await (await fetch(String(done.output))).text()).toBe('media');
    expect(double.ledger).toMatchObject([{ id: created.id, model: MODEL, charged: true, unknownFields: [] }]);
  });

  test('runs with the wait held and with the wait overrun', async () => {
    double.script({ output }, { output, hold: 'overrun', statuses: ['succeeded'] });
    for (const _ of [1, 2]) {
      const url = await client.run(MODEL, { input: input() });
      expect(String(url)).toStartWith(double.outputsUrl);
    }
    expect(double.ledger).toHaveLength(2);
  });

  test('holds a wait until the test ends the job', async () => {
    double.script({ output, hold: 'until-ended' });
    const running = client.predictions.create({ model: MODEL, input: input(), wait: true });
    const { id } = await double.awaitCreate();
    await double.finish(id, 'succeeded');
    expect(await running).toMatchObject({ id, status: 'succeeded' });
  });

  test('a failed run rejects with the vendor’s code', async () => {
    double.script({ statuses: ['failed'], error: 'E1001: out of memory' });
    await expect(client.run(MODEL, { input: input() })).rejects.toThrow('E1001');
  });

  test('a community model runs by its version only', async () => {
    const model = await client.models.get('bytedance', 'latentsync');
    const version = String(model.latest_version?.id);
    const given = { video: input().video, audio: input().audio };
    double.script({ output });
    expect(await client.run(`bytedance/latentsync:${version}`, { input: given })).toStartWith('http');
    await expect(client.predictions.create({ model: 'bytedance/latentsync', input: given })).rejects.toThrow(
      '404',
    );
  });

  test('uploads, reads about, uses and deletes a file', async () => {
    const file = await client.files.create(new Blob(['sound'], { type: 'audio/wav' }));
    expect(file).toMatchObject({ size: 5, content_type: 'audio/wav' });
    expect(await client.files.get(file.id)).toMatchObject({ id: file.id });
    double.script({
      output: ({ audio = new Uint8Array() }) => ({ bytes: audio, contentType: 'video/mp4' }),
    });
    const url = await client.run(MODEL, { input: { ...input(), audio: file.urls.get } });
    expect(await (await fetch(String(url))).text()).toBe('sound');
    expect(await client.files.delete(file.id)).toBe(true);
    await expect(client.files.get(file.id)).rejects.toThrow('404');
  });

  test('lists page by page, newest first', async () => {
    for (let count = 0; count < 101; count += 1) {
      await client.predictions.create({ model: MODEL, input: input() });
    }
    const pages: Prediction[][] = [];
    for await (const page of client.paginate(client.predictions.list)) pages.push(page);
    expect(pages.map((page) => page.length)).toEqual([100, 1]);
    expect(pages[1]?.[0]?.id).toBe(double.ledger[0]?.id ?? '');
  });

  test('lists what was created after a time', async () => {
    const created = await client.predictions.create({ model: MODEL, input: input() });
    // The client's own list() has no created_after.
    const ids = async (time: number) => {
      const params = { created_after: new Date(time).toISOString() };
      const answer = await client.request('/predictions', { params, method: 'GET' });
      return v.parse(ListSchema, await answer.json()).results.map(({ id }) => id);
    };
    expect(await ids(Date.now() - 60_000)).toEqual([created.id]);
    expect(await ids(Date.now() + 60_000)).toEqual([]);
  });

  test('cancels, and canceling what has ended changes nothing', async () => {
    const running = await client.predictions.create({ model: MODEL, input: input() });
    await client.predictions.get(running.id);
    expect((await client.predictions.cancel(running.id)).status).toBe('canceled');
    double.script({ output });
    const done = await client.predictions.create({ model: MODEL, input: input(), wait: true });
    expect((await client.predictions.cancel(done.id)).status).toBe('succeeded');
    const queued = await client.predictions.create({ model: MODEL, input: input() });
    await client.predictions.cancel(queued.id);
    expect(double.ledger.map(({ charged }) => charged)).toEqual([true, true, false]);
  });

  test('finds delivered webhooks genuine and forged ones not', async () => {
    const created = await client.predictions.create({ model: MODEL, input: input(), webhook: webhook() });
    const { key } = await client.webhooks.default.secret.get();
    expect((await double.sendWebhook(created.id, { severalSignatures: true })).status).toBe(200);
    await double.sendWebhook(created.id, { forged: true });
    await double.sendWebhook(created.id, { secret: 'whsec_b3RoZXI=' });
    const verdicts = await Promise.all(
      received.map(({ headers, body }) =>
        validateWebhook(
          {
            id: headers.get('webhook-id') ?? '',
            timestamp: headers.get('webhook-timestamp') ?? '',
            signature: headers.get('webhook-signature') ?? '',
            body,
            secret: key,
          },
          globalThis.crypto,
        ),
      ),
    );
    expect(verdicts).toEqual([true, false, false]);
  });

  test('reads the account and a model’s schema', async () => {
    expect(await client.accounts.current()).toMatchObject({ type: 'organization' });
    const model = await client.models.get('sync', 'lipsync-2-pro');
    expect(JSON.stringify(model.latest_version?.openapi_schema)).toContain('active_speaker');
  });

  test('repeats a create whose answer is lost, which is why the product does not use it', async () => {
    double.failCreates({ kind: 'reset-after' });
    await client.predictions.create({ model: MODEL, input: input() });
    expect(double.ledger).toHaveLength(2);
  });
});
