import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../config';
import { startStudio } from '../../main';
import { type EmbeddedS3, startEmbeddedS3 } from '../../storage/embedded-s3.server';
import { recordingLog } from '../../storage/test/harness';
import { createApiClient, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';

setDefaultTimeout(120_000);

// An S3 of one's own as the studio sees it: an endpoint. Its objects are no files of the studio's machine.
let directory: string;
let store: EmbeddedS3;
let s3: Record<string, string>;
let studio: TestStudio;
let url: string;
let clip: Uint8Array;
let projectId: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-own-s3-'));
  store = await startEmbeddedS3({ directory, log: recordingLog(), transport: 'loopback' });
  s3 = {
    S3_ENDPOINT: store.endpoint,
    S3_BUCKET: store.bucket,
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ACCESS_KEY_ID: store.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
  };
  studio = await startTestStudio(s3);
  const path = await plainClip('from-s3-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  const project = await studio.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  projectId = project.id;
  await studio.api.addScene(projectId);
  await studio.api.uploadClip(projectId, 1, path);
  const take = (await studio.api.project(projectId)).scenes[0]?.currentTake;
  url = take?.url ?? '';
  clip = await (await studio.api.media(url)).bytes();
  expect(new Bun.CryptoHasher('sha256').update(clip).digest('hex')).toBe(take?.sha256 ?? '');
});
afterAll(async () => {
  await studio.stop();
  await store.stop();
  await rm(directory, { recursive: true, force: true });
});

const get = (range: string, more: Record<string, string> = {}) =>
  studio.api.media(url, { headers: { Range: range, ...more } });

test('media of an S3 of one’s own are passed on, whole and in ranges', async () => {
  expect(url).toStartWith('/media/projects/');
  const head = await studio.api.media(url, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(clip.length)]);
  const middle = await get('bytes=100-299');
  expect([middle.status, middle.headers.get('content-range')]).toEqual([206, `bytes 100-299/${clip.length}`]);
  expect(await middle.bytes()).toEqual(clip.slice(100, 300));
  expect(await (await get('bytes=-50')).bytes()).toEqual(clip.slice(-50));
  expect(await (await get('bytes=1000-')).bytes()).toEqual(clip.slice(1000));
  const several = Buffer.from(await (await get('bytes=0-9, 500-519')).bytes());
  expect(several.includes(Buffer.from(clip.slice(500, 520)))).toBe(true);
  expect((await get(`bytes=${clip.length}-`)).status).toBe(416);
  expect((await get('bytes=0-9', { 'If-Range': '"other"' })).status).toBe(200);
});

test('who hangs up in the middle leaves nothing behind', async () => {
  for (let round = 0; round < 5; round++) {
    const stop = new AbortController();
    const answer = await studio.api.media(url, { signal: stop.signal });
    await answer.body?.getReader().read();
    stop.abort();
  }
  expect((await get('bytes=0-9')).status).toBe(206);
});

test('what was deleted is gone, though it was known a moment ago', async () => {
  const { services } = studio.studio;
  const key = new URL(url, studio.api.base).pathname.slice('/media/'.length);
  await services.sql.begin((tx) => services.storage.deleteLater(tx, [key], 'test'));
  await services.storage.sweep({ ignoreBackOff: true });
  for (const method of ['GET', 'HEAD', 'GET']) {
    expect([method, (await studio.api.media(url, { method })).status]).toEqual([method, 404]);
  }
});

test('with MEDIA_DELIVERY=presigned browsers are sent to the store, and the page’s policy names it', async () => {
  const publicEndpoint = 'https://media.example';
  const direct = await startStudio(
    readConfig({
      ...s3,
      DATABASE_URL: studio.databaseUrl,
      DATA_DIR: join(directory, 'direct'),
      PORT: '0',
      LOG_LEVEL: 'silent',
      MEDIA_DELIVERY: 'presigned',
      S3_PUBLIC_ENDPOINT: publicEndpoint,
      API_TOKENS: 'a-token-of-the-tests-of-presigned-media',
    }),
  );
  try {
    const api = createApiClient(`${direct.url}/api/mv`, 'a-token-of-the-tests-of-presigned-media');
    const take = (await api.project(projectId)).scenes[0]?.currentTake;
    expect(take?.url).toStartWith(`${publicEndpoint}/${store.bucket}/projects/`);
    expect(take?.url).toContain('X-Amz-Signature=');
    const policy = (await fetch(`${direct.url}/`)).headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`media-src 'self' blob: ${publicEndpoint}`);
    const own = (await fetch(`${studio.studio.url}/`)).headers.get('content-security-policy') ?? '';
    expect(own).toContain("media-src 'self' blob:;");
  } finally {
    await direct.stop();
  }
});

test('the embedded store has no presigned URLs that a browser could use, and the start says so', async () => {
  const config = readConfig({
    DATABASE_URL: studio.databaseUrl,
    DATA_DIR: join(directory, 'embedded'),
    PORT: '0',
    LOG_LEVEL: 'silent',
    MEDIA_DELIVERY: 'presigned',
  });
  expect(startStudio(config)).rejects.toThrow('MEDIA_DELIVERY=presigned needs an S3');
});
