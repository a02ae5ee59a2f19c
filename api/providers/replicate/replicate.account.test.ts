import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { json } from '../../test/doubles/http/double.server';
import { type ReplicateDouble, startReplicateDouble } from '../../test/doubles/replicate/replicate.double';
import { communityVersions, modelSchemas } from '../../test/doubles/replicate/replicate.schemas';
import type { ProviderCall } from '../provider.types';
import { quickPace } from '../test/quick.pace';
import { readModelFields, recordedModels } from './model-fields';
import { outputPlaces, PredictionSchema } from './prediction';
import { createReplicateAccount, type ReplicateAccount } from './replicate.account';
import { isSameCall, promptMark, recordInput } from './replicate.recovery';

setDefaultTimeout(30_000);

let double: ReplicateDouble;
let account: ReplicateAccount;
let folder: string;
const signal = new AbortController().signal;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'songreel-replicate-'));
  double = await startReplicateDouble({ fileLimitBytes: 100 });
  const { url: baseUrl, token } = double;
  const clock = { now: () => new Date() };
  account = createReplicateAccount({ fetch, baseUrl, token, clock, pace: quickPace });
});
afterEach(async () => {
  await double.close();
  await rm(folder, { recursive: true, force: true });
});

async function file(bytes: number) {
  const path = join(folder, 'slice.wav');
  await Bun.write(path, new Uint8Array(bytes));
  return { path, contentType: 'audio/wav', name: 'slice.wav' };
}

describe('account', () => {
  test('uploads inputs; one that is too large is left to be shared', async () => {
    expect(await account.upload(await file(50), signal)).toStartWith(`${double.url}/files/`);
    expect(await account.upload(await file(200), signal)).toBeNull();
  });

  test('an upload is tried again, a refused token is not', async () => {
    double.fail({ includes: '/files', reply: json(500, { detail: 'no' }) });
    expect(await account.upload(await file(50), signal)).toStartWith('http');
    double.fail({ includes: '/files', times: 9, reply: json(401, { detail: 'no' }) });
    await expect(account.upload(await file(50), signal)).rejects.toMatchObject({
      code: 'ProviderTokenRefused',
      details: { charged: 'no' },
    });
  });

  test('says whether the token is good', async () => {
    expect(await account.check()).toEqual({ ok: true, reason: '' });
    double.fail({ includes: '/account', reply: json(401, { detail: 'no' }) });
    expect(await account.check()).toMatchObject({ ok: false });
  });

  test('reads the fields of models; what can’t be read stays as recorded', async () => {
    double.fail({ includes: 'imagen-4', reply: json(500, { detail: 'no' }) });
    expect(await account.refreshModels(['google/imagen-4', 'google/veo-3.1', 'no/body'])).toEqual([
      'google/veo-3.1',
    ]);
    expect(account.fieldsOf('google/imagen-4')).toEqual(recordedModels.models['google/imagen-4'] ?? {});
    expect(account.fieldsOf('google/veo-3.1')?.['duration']?.enum).toEqual([8, 4, 6]);
    expect(account.fieldsOf('no/body')).toBeNull();
  });

  test('the recorded fields are those that the models have', () => {
    for (const [model, fields] of Object.entries(recordedModels.models)) {
      const openapi_schema = modelSchemas[model];
      const names = Object.keys(readModelFields({ latest_version: { openapi_schema } }) ?? {});
      expect([model, Object.keys(fields).filter((name) => !names.includes(name))]).toEqual([model, []]);
    }
  });

  test('choices that stand in a schema of their own are found', () => {
    const openapi_schema = {
      components: {
        schemas: {
          Input: { properties: { aspect_ratio: { allOf: [{ $ref: '#/components/schemas/aspect_ratio' }] } } },
          aspect_ratio: { type: 'string', enum: ['16:9', '1:1'] },
        },
      },
    };
    expect(readModelFields({ latest_version: { openapi_schema } })).toEqual({
      aspect_ratio: { type: 'string', enum: ['16:9', '1:1'] },
    });
    expect(readModelFields({ latest_version: null })).toBeNull();
  });
});

describe('create', () => {
  const call: ProviderCall = {
    id: 'call',
    idempotencyKey: 'job',
    provider: 'replicate',
    state: 'intended',
    remoteId: null,
    model: 'google/imagen-4',
    request: {},
    intendedAt: new Date(),
  };

  test('says when it is to be given up, and where word of it goes', async () => {
    const webhookUrl = 'https://studio.example/api/mv/webhooks/replicate';
    await account.api.create(call, { prompt: 'rain' }, { secondsLeft: 120, webhookUrl });
    await account.api.create(call, { prompt: 'rain' }, { secondsLeft: 1, webhookUrl: null });
    expect(double.ledger).toMatchObject([
      { cancelAfter: '120s', webhook: webhookUrl, webhookEvents: ['completed'] },
      { cancelAfter: '5s', webhook: null, webhookEvents: [] },
    ]);
  });

  test('a model of the community runs by its version', async () => {
    const [name, version] = Object.entries(communityVersions)[0] ?? [];
    const input = { video: 'https://r/v', audio: 'https://r/a' };
    const asked = { secondsLeft: 60, webhookUrl: null };
    const model = `${name}:${version}`;
    expect(await account.api.create({ ...call, model }, input, asked)).toMatchObject({ kind: 'accepted' });
    expect(await account.api.create({ ...call, model: `${name}` }, input, asked)).toMatchObject({
      kind: 'refused',
      charged: 'no',
      error: { code: 'ProviderModelNotFound', status: 502 },
    });
  });

  test('a version that is none is a matter of the settings', async () => {
    double.failCreates({ kind: 'version-invalid' });
    expect(
      await account.api.create(call, { prompt: 'rain' }, { secondsLeft: 60, webhookUrl: null }),
    ).toMatchObject({
      error: { code: 'ProviderModelNotFound', message: expect.stringContaining('settings') },
    });
  });
});

describe('finding a lost call', () => {
  const call = {
    model: 'google/imagen-4',
    intendedAt: new Date('2026-10-01T10:00:00Z'),
    request: recordInput({ prompt: 'rain', references: ['https://s3.example/a.png?X-Amz-Signature=1'] }),
  };
  const prediction = (change: object = {}) => ({
    id: 'p',
    status: 'starting',
    output: null,
    error: null,
    data_removed: false,
    started_at: null,
    model: 'google/imagen-4',
    version: 'hidden',
    created_at: '2026-10-01T10:00:01Z',
    input: { prompt: 'rain', references: ['https://s3.example/a.png?X-Amz-Signature=2'], added: 1 },
    ...change,
  });

  test('signatures are not written down and don’t matter', () => {
    expect(JSON.stringify(call.request)).not.toContain('Signature');
    expect(isSameCall(call, prediction())).toBe(true);
  });

  test.each([
    [{ model: 'google/veo-3.1' }],
    [{ created_at: '2026-10-01T09:00:00Z' }],
    [{ input: { prompt: 'sun', references: ['https://s3.example/a.png'] } }],
    [{ input: { prompt: 'rain' } }],
    [{ input: null }],
  ])('%j is another one', (change) => {
    expect(isSameCall(call, prediction(change))).toBe(false);
  });

  test('marks can’t be seen, and are not the same', () => {
    const marks = new Set(Array.from({ length: 1000 }, () => promptMark(Math.random)));
    expect(marks.size).toBe(1000);
    for (const mark of marks) expect(mark.trim()).toBe('');
  });
});

test('predictions with more or fewer fields are read', () => {
  const least = v.parse(PredictionSchema, { id: 'p', status: 'starting', hardware: 'new' });
  expect(least).toMatchObject({ id: 'p', started_at: null, output: null });
  const bytes = new TextEncoder().encode('hello');
  const data = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
  expect(outputPlaces(data, () => ({}))).toEqual([{ bytes: Buffer.from('hello') }]);
  expect(outputPlaces(['https://a.example/1', 'https://a.example/2'], () => ({ a: 'b' }))).toHaveLength(2);
  expect(outputPlaces({ odd: true }, () => ({}))).toEqual([]);
});
