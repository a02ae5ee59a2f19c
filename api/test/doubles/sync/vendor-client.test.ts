import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { SyncClient, SyncError } from '@sync.so/sdk';
import { type SyncDouble, startSyncDouble } from './sync.double';

const clip = { bytes: new TextEncoder().encode('a clip'), contentType: 'video/mp4' };
let double: SyncDouble;
let client: SyncClient;
/** Where inputs lie. */
let outside: Bun.Server<undefined>;

beforeEach(async () => {
  double = await startSyncDouble();
  client = new SyncClient({ apiKey: double.token, baseUrl: double.url });
  outside = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('media') });
});
afterEach(async () => {
  await outside.stop(true);
  await double.close();
});

const request = () => ({
  model: 'lipsync-2-pro' as const,
  input: [
    { type: 'video' as const, url: `${outside.url}v.mp4` },
    { type: 'audio' as const, url: `${outside.url}a.wav` },
  ],
  options: {
    sync_mode: 'cut_off' as const,
    temperature: 0.5,
    active_speaker_detection: { auto_detect: true },
    occlusion_detection_enabled: false,
  },
});

describe('sync.so’s own client against the double', () => {
  test('creates, polls to the end and gets the output made from its inputs', async () => {
    double.script({
      statuses: ['PENDING', 'PROCESSING', 'COMPLETED'],
      output: ({ video = new Uint8Array() }) => ({ bytes: video, contentType: 'video/mp4' }),
      outputDuration: 4,
    });
    const created = await client.generations.create(request());
    expect(created).toMatchObject({ status: 'PENDING', model: 'lipsync-2-pro' });
    const seen: string[] = [];
    let current = created;
    while (current.status !== 'COMPLETED') {
      current = await client.generations.get(created.id);
      seen.push(current.status);
    }
    expect(seen).toEqual(['PENDING', 'PROCESSING', 'COMPLETED']);
    expect(await (await fetch(current.outputUrl ?? '')).text()).toBe('media');
    expect(double.ledger).toMatchObject([{ id: created.id, charged: true, multipart: false }]);
  });

  test('creates with files', async () => {
    double.script({
      statuses: ['COMPLETED'],
      output: ({ audio = new Uint8Array() }) => ({ bytes: audio, contentType: 'video/mp4' }),
    });
    const { id } = await client.generations.createWithFiles(
      new File(['video'], 'v.mp4', { type: 'video/mp4' }),
      new File(['sound'], 'a.wav', { type: 'audio/wav' }),
      { model: 'lipsync-2', options: { sync_mode: 'loop' } },
    );
    const done = await client.generations.get(id);
    expect(await (await fetch(done.outputUrl ?? '')).text()).toBe('sound');
    expect(double.ledger).toMatchObject([{ multipart: true, options: { sync_mode: 'loop' } }]);
  });

  test('takes uploaded assets as inputs; lists and reads them', async () => {
    // The client only reads assets: the upload's three steps are plain calls.
    const call = async (path: string, body: object) => {
      const answer = await fetch(`${double.url}${path}`, {
        method: 'POST',
        headers: { 'x-api-key': double.token, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBe(201);
      return answer.text();
    };
    const pick = (body: string, name: string) => new RegExp(`"${name}":"([^"]+)"`).exec(body)?.[1] ?? '';
    const asked = await call('/v2/assets/upload', { fileName: 'a.wav', contentType: 'audio/wav', size: 5 });
    await fetch(pick(asked, 'uploadUrl'), { method: 'PUT', body: 'sound' });
    const assetId = pick(await call('/v2/assets', { url: pick(asked, 'url'), type: 'AUDIO' }), 'id');
    expect(await client.assets.get(assetId)).toMatchObject({ id: assetId, type: 'AUDIO', name: 'a.wav' });
    expect((await client.assets.list()).items).toHaveLength(1);
    double.script({
      statuses: ['COMPLETED'],
      output: ({ audio = new Uint8Array() }) => ({ bytes: audio, contentType: 'video/mp4' }),
    });
    const [video] = request().input;
    const { id } = await client.generations.create({
      model: 'lipsync-2',
      input: [...(video === undefined ? [] : [video]), { type: 'audio', assetId }],
    });
    const done = await client.generations.get(id);
    expect(await (await fetch(done.outputUrl ?? '')).text()).toBe('sound');
    expect(double.leaks).toEqual([]);
  });

  test('estimates a cost', async () => {
    expect(await client.generations.estimateCost(request())).toEqual([
      { estimatedFrameCount: 100, estimatedGenerationCost: 0.332 },
    ]);
  });

  test('lists by status and id', async () => {
    double.script({ statuses: ['COMPLETED'], output: clip });
    const first = await client.generations.create(request());
    const second = await client.generations.create(request());
    await client.generations.get(first.id);
    const ids = async (filter: object) => (await client.generations.list(filter)).map(({ id }) => id);
    expect(await ids({})).toEqual([second.id, first.id]);
    expect(await ids({ status: ['COMPLETED'] })).toEqual([first.id]);
    expect(await ids({ ids: [second.id] })).toEqual([second.id]);
  });

  test('the same key is the same generation', async () => {
    const headers = { 'Idempotency-Key': 'job-1' };
    const first = await client.generations.create(request(), { headers });
    const again = await client.generations.create(request(), { headers });
    expect(again.id).toBe(first.id);
    expect(double.ledger).toMatchObject([{ idempotencyKey: 'job-1', replays: 1 }]);
  });

  test('its errors are the client’s own', async () => {
    // The client's own kind of promise is awaited first: expect() does not know it.
    const failure = async (call: PromiseLike<unknown>): Promise<unknown> => {
      try {
        return await call;
      } catch (error) {
        return error;
      }
    };
    const wrong = new SyncClient({ apiKey: 'wrong', baseUrl: double.url });
    expect(await failure(wrong.generations.get('x'))).toMatchObject({ statusCode: 401 });
    double.failCreates({ kind: 'status', status: 402 });
    const refused = await failure(client.generations.create(request()));
    expect(refused).toBeInstanceOf(SyncError);
    expect(refused).toMatchObject({ statusCode: 402 });
    expect(await failure(client.generations.get('x'))).toMatchObject({ statusCode: 404 });
  });

  test('repeats a create whose answer is a 502, which is why the product does not use it', async () => {
    double.failCreates({ kind: 'bad-gateway-after' });
    await client.generations.create(request(), { maxRetries: 1 });
    expect(double.ledger).toHaveLength(2);
  });
});
