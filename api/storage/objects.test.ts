import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import { signedSeconds, signingDate } from './objects';
import { createS3Clients } from './s3.client';
import type { Storage } from './storage.types';
import { type Harness, sha256Hex, someBytes, startHarness } from './test/harness';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
let storage: Storage;
let clock: { advance(milliseconds: number): void };
let key: string;
const bytes = someBytes(300_000);
beforeAll(async () => {
  harness = await startHarness();
  ({ storage, clock } = await harness.storage());
  key = await stored();
});
afterEach(() => harness.proxy.heal());
afterAll(() => harness.stop());

async function stored(): Promise<string> {
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, bytes);
  const files = [{ path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' }];
  const [file] = await storage.storeFiles({ files, completion: 'remember', arguments: {} });
  return file?.key ?? '';
}
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((thrown: unknown) => thrown);

test('head tells of an object, null of none', async () => {
  expect(await storage.head(key)).toMatchObject({ key, bytes: bytes.length, contentType: 'video/mp4' });
  expect(await storage.head('videos/none.mp4')).toBeNull();
});

for (const [range, start, end] of [
  ['bytes=0-99', 0, 99],
  ['bytes=299990-', 299_990, 299_999],
  ['bytes=100-999999', 100, 299_999],
  ['bytes=-10', 299_990, 299_999],
  ['bytes=-999999', 0, 299_999],
] as const) {
  test(`a stretch of an object: ${range}`, async () => {
    const part = await storage.read(key, { range });
    expect(part).toMatchObject({ range: { start, end }, totalBytes: 300_000, bytes: end - start + 1 });
    const read = new Uint8Array(await new Response(part.body).arrayBuffer());
    expect(sha256Hex(read)).toBe(sha256Hex(bytes.subarray(start, end + 1)));
  });
}

test('ranges that cannot be had, several at once, and objects that are not there', async () => {
  for (const range of ['bytes=300000-', 'bytes=-0'])
    expect(await failure(storage.read(key, { range }))).toMatchObject({
      code: 'RangeNotSatisfiable',
      status: 416,
    });
  for (const range of ['bytes=0-1,5-6', 'lines=1-2'])
    expect(await storage.read(key, { range })).toMatchObject({ range: null, bytes: 300_000 });
  const missing = { code: 'ObjectNotFound', status: 404 };
  expect(await failure(storage.read('videos/none.mp4'))).toMatchObject(missing);
  expect(await failure(storage.read('videos/none.mp4', { range: 'bytes=-5' }))).toMatchObject(missing);
  expect(await failure(storage.download('videos/none.mp4', 'jobs/none.mp4'))).toMatchObject(missing);
});

test('a download is verified and leaves nothing when it fails', async () => {
  const toPath = join(storage.mediaRoot, 'jobs', 'down.mp4');
  const sha256 = sha256Hex(bytes);
  expect(await storage.download(key, toPath, { sha256 })).toEqual({
    bytes: bytes.length,
    sha256,
    contentType: 'video/mp4',
  });
  expect(sha256Hex(await Bun.file(toPath).bytes())).toBe(sha256);
  const other = join(storage.mediaRoot, 'jobs', 'other.mp4');
  const wrong = storage.download(key, other, { sha256: sha256Hex(new Uint8Array(1)) });
  expect(await failure(wrong)).toMatchObject({ code: 'DownloadDamaged', status: 502, retryable: true });
  await harness.proxy.inject({ method: 'GET', fault: { kind: 'status', status: 503, code: 'SlowDown' } });
  expect(await failure(storage.download(key, other))).toMatchObject({
    code: 'StorageUnavailable',
    status: 503,
  });
  for (const path of [other, `${other}.part`]) expect(await Bun.file(path).exists()).toBe(false);
});

test('a download is tried again when the store fails for a moment', async () => {
  const { storage } = await harness.storage();
  await harness.proxy.inject({
    fault: { kind: 'status', status: 503, code: 'SlowDown' },
    method: 'GET',
    times: 1,
  });
  const path = join(storage.mediaRoot, 'videos', 'again.bin');
  expect((await storage.download(key, path)).bytes).toBe(bytes.length);
});

test('a presigned URL is the same within the half hour and names the download; the embedded store takes none', async () => {
  const url = await storage.presignGet(key, { fileName: 'Mein Käse "1".mp4' });
  expect(await storage.presignGet(key, { fileName: 'Mein Käse "1".mp4' })).toBe(url);
  const { searchParams } = new URL(url);
  expect(searchParams.get('response-content-disposition')).toBe('attachment; filename="Mein Kase _1_.mp4"');
  expect(searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
  for (const headers of [{}, { range: 'bytes=10-19', origin: 'http://page.example' }]) {
    const answer = await fetch(url, { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  }
  clock.advance(30 * 60_000);
  expect(await storage.presignGet(key, { fileName: 'Mein Käse "1".mp4' })).not.toBe(url);
  clock.advance(-30 * 60_000);
});

test('presigned URLs name the public endpoint', async () => {
  const { presignS3 } = createS3Clients({
    endpoint: harness.proxy.url,
    publicEndpoint: 'https://media.example',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  const other = await harness.storage({ presignS3 });
  expect(await other.storage.presignGet(key)).toStartWith(`https://media.example/${harness.bucket}/${key}?`);
});

test('life of a URL: never under half an hour more, never over a week', () => {
  const now = new Date('2026-11-22T10:29:59.999Z');
  expect(signingDate(now).toISOString()).toBe('2026-11-22T10:00:00.000Z');
  expect(signedSeconds(1)).toBe(3600);
  expect(signedSeconds(3600)).toBe(5400);
  expect(signedSeconds(1e9)).toBe(604_800);
});

test('the round trip of the doctor, and what it says when the store is not there', async () => {
  expect((await storage.check()).milliseconds).toBeGreaterThan(0);
  await harness.proxy.inject({ fault: { kind: 'status', status: 403, code: 'AccessDenied' } });
  expect(await failure(storage.check())).toMatchObject({
    code: 'StorageRefused',
    status: 502,
    message: expect.stringContaining('AWS_ACCESS_KEY_ID'),
  });
  await harness.proxy.heal();
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  expect(await failure(storage.check())).toMatchObject({ code: 'StorageUnavailable', status: 503 });
});

test('the bucket is made when it is missing', async () => {
  await storage.ensureBucket();
  await rm(join(harness.directory, 's3', 'data', harness.bucket), { recursive: true });
  expect(await failure(storage.check())).toMatchObject({
    message: expect.stringContaining('S3_BUCKET'),
  });
  await storage.ensureBucket();
  await storage.check();
  await harness.proxy.inject({ fault: { kind: 'status', status: 500, code: 'InternalError' } });
  expect(await failure(storage.ensureBucket())).toMatchObject({ code: 'StorageUnavailable' });
});
