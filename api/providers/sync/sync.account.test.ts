import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from '../../test/doubles/http/double.server';
import { type SyncDouble, startSyncDouble } from '../../test/doubles/sync/sync.double';
import type { ProviderCall } from '../provider.types';
import { quickPace } from '../test/quick.pace';
import { readGeneration } from './generation';
import { createSyncAccount, type SyncAccount } from './sync.account';

setDefaultTimeout(30_000);

let double: SyncDouble;
let account: SyncAccount;
let folder: string;
let now = new Date('2026-10-01T10:00:00Z');
const signal = new AbortController().signal;
const asked = { secondsLeft: 60, webhookUrl: null };
const call: ProviderCall = {
  id: 'call',
  idempotencyKey: 'job-1',
  provider: 'sync',
  model: 'lipsync-2-pro',
  state: 'intended',
  remoteId: null,
  request: {},
  intendedAt: new Date('2026-10-01T10:00:00Z'),
};

beforeEach(async () => {
  now = new Date('2026-10-01T10:00:00Z');
  folder = await mkdtemp(join(tmpdir(), 'songreel-sync-'));
  double = await startSyncDouble({ assetLimitBytes: 100, downloadInputs: false });
  const { url: baseUrl, token: apiKey } = double;
  account = createSyncAccount({ fetch, baseUrl, apiKey, clock: { now: () => now }, pace: quickPace });
});
afterEach(async () => {
  expect(double.leaks).toEqual([]);
  await double.close();
  await rm(folder, { recursive: true, force: true });
});

async function upload(bytes: number) {
  const path = join(folder, 'slice.wav');
  await Bun.write(path, new Uint8Array(bytes));
  return account.upload({ path, contentType: 'audio/wav', name: 'slice.wav', type: 'AUDIO' }, signal);
}
const body = async () => {
  const [video, audio] = [await upload(10), await upload(20)];
  return {
    model: 'lipsync-2-pro',
    input: [
      { type: 'video', assetId: video },
      { type: 'audio', assetId: audio },
    ],
    options: { sync_mode: 'cut_off' },
  };
};

describe('assets', () => {
  test('are uploaded in three steps, the key goes to the API only', async () => {
    const id = await upload(50);
    expect(double.assets.get(id)).toMatchObject({ type: 'AUDIO', name: 'slice.wav' });
  });

  test('one that is too large is refused with what to do', async () => {
    await expect(upload(200)).rejects.toMatchObject({
      code: 'ProviderInputTooLarge',
      details: { charged: 'no' },
    });
  });

  test('an upload that fails is tried again, and given up after a while', async () => {
    double.fail({ includes: '/assets', reply: json(500, {}) });
    expect(await upload(50)).toBeString();
    double.fail({ includes: '/assets', times: 99, reply: json(503, {}) });
    await expect(upload(50)).rejects.toMatchObject({ code: 'ProviderUnreachable', retryable: true });
  });
});

describe('create', () => {
  test('the same key gives the same generation', async () => {
    const sent = await body();
    const first = await account.api.create(call, sent, asked);
    expect(first).toMatchObject({ kind: 'accepted' });
    expect(await account.api.create(call, sent, asked)).toEqual(first);
    expect(double.ledger).toHaveLength(1);
    expect(double.ledger[0]).toMatchObject({ idempotencyKey: 'job-1', replays: 1 });
  });

  test('an unknown outcome that names the generation is taken up, another is asked again', async () => {
    const sent = await body();
    double.failCreates({ kind: 'outcome-unknown', accepted: true, tellId: true });
    expect(await account.api.create(call, sent, asked)).toEqual({
      kind: 'accepted',
      remoteId: double.ledger[0]?.id ?? '',
    });
    double.failCreates({ kind: 'outcome-unknown', accepted: false, tellId: false });
    const other = { ...call, idempotencyKey: 'job-2' };
    expect(await account.api.create(other, sent, asked)).toMatchObject({ kind: 'unsure' });
    expect(await account.api.recover(other, signal)).toEqual({ kind: 'repeat' });
    expect(await account.api.create(other, sent, asked)).toMatchObject({ kind: 'accepted' });
  });

  test.each([409, 422] as const)(
    'another content under the same key (%i) is put before people',
    async (status) => {
      await double.close();
      double = await startSyncDouble({ conflictStatus: status, downloadInputs: false });
      const { url: baseUrl, token: apiKey } = double;
      account = createSyncAccount({ fetch, baseUrl, apiKey, clock: { now: () => now }, pace: quickPace });
      const sent = await body();
      await account.api.create(call, sent, asked);
      const answer = await account.api.create(call, { ...sent, model: 'lipsync-2' }, asked);
      expect(answer).toMatchObject({
        kind: 'refused',
        charged: 'unknown',
        error: { code: 'ProviderOutcomeUnknown', retryable: false },
      });
    },
  );

  test('a key that may be forgotten is not used again', async () => {
    now = new Date('2026-10-01T23:00:00Z');
    expect(await account.api.recover(call, signal)).toEqual({ kind: 'none' });
  });
});

describe('states', () => {
  const generation = (change: object) => ({
    id: 'g',
    status: 'PENDING',
    outputUrl: null,
    outputMediaUrl: null,
    outputDuration: null,
    error: null,
    error_code: null,
    errorCode: null,
    ...change,
  });
  const read = (change: object, fresh: string | null = null) =>
    readGeneration(generation(change), fresh, (text) => text);

  test.each(['FAILED', 'CANCELED', 'TIMED_OUT'])('%s ends it', (status) => {
    expect(read({ status, error: 'no face', errorCode: 'E1' })).toMatchObject({
      kind: 'ended',
      state: 'failed',
      charged: 'unknown',
      error: { message: expect.stringContaining('no face (E1)') },
    });
  });

  test('both names of the output are taken, a fresh one before them', () => {
    const places = (change: object, fresh?: string) => {
      const answer = read({ status: 'COMPLETED', ...change }, fresh ?? null);
      return answer.kind === 'succeeded' ? answer.outputs.map((place) => 'url' in place && place.url) : [];
    };
    expect(places({ outputUrl: 'https://o/1' })).toEqual(['https://o/1']);
    expect(places({ outputUrl: 'https://o/1', outputMediaUrl: 'https://o/2' })).toEqual(['https://o/2']);
    expect(places({ outputUrl: 'https://o/1' }, 'https://o/3')).toEqual(['https://o/3']);
    expect(places({})).toEqual([]);
  });

  test('one that we don’t know is waited for', () => {
    expect(read({ status: 'DREAMING' })).toEqual({ kind: 'waiting', started: false });
  });
});
