import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { type EmbeddedS3, startEmbeddedS3 } from './embedded-s3.server';
import { createS3Clients } from './s3.client';
import { recordingLog } from './test/harness';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-s3-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const log = recordingLog();
const client = (embedded: EmbeddedS3, secretAccessKey = embedded.secretAccessKey) =>
  createS3Clients({
    endpoint: embedded.endpoint,
    region: embedded.region,
    forcePathStyle: true,
    credentials: { accessKeyId: embedded.accessKeyId, secretAccessKey },
  }).s3;

async function text(embedded: EmbeddedS3, Key: string): Promise<string | undefined> {
  const answer = await client(embedded).send(new GetObjectCommand({ Bucket: embedded.bucket, Key }));
  return answer.Body?.transformToString();
}

test('the first process serves, the second uses it and takes over on the same port', async () => {
  const first = await startEmbeddedS3({ directory, log });
  const second = await startEmbeddedS3({ directory, log });
  expect([first.serving(), second.serving()]).toEqual([true, false]);
  expect(second).toMatchObject({ endpoint: first.endpoint, secretAccessKey: first.secretAccessKey });
  await client(first).send(new PutObjectCommand({ Bucket: first.bucket, Key: 'a/b.txt', Body: 'hello' }));
  expect(await text(second, 'a/b.txt')).toBe('hello');
  const listed = await client(second).send(new ListObjectsV2Command({ Bucket: first.bucket }));
  expect(listed.Contents?.map((object) => object.Key)).toEqual(['a/b.txt']);
  const took = new Promise<void>((resolve) => {
    const watch = setInterval(() => {
      if (!second.serving()) return;
      clearInterval(watch);
      resolve();
    }, 20);
  });
  await first.stop();
  await took;
  expect(await text(second, 'a/b.txt')).toBe('hello');
  await second.stop();
});

test('port and credentials survive restarts; only the owner can read them', async () => {
  const before = await startEmbeddedS3({ directory, log });
  await before.stop();
  const after = await startEmbeddedS3({ directory, log });
  expect(after.endpoint).toBe(before.endpoint);
  expect(after.secretAccessKey).toBe(before.secretAccessKey);
  expect((await stat(join(directory, 'identity.json'))).mode & 0o777).toBe(0o600);
  expect(await text(after, 'a/b.txt')).toBe('hello');
  await after.stop();
});

test('an object whose metadata a kill has cut off can be read, listed and written again', async () => {
  const store = await startEmbeddedS3({ directory, log });
  const s3 = client(store);
  const place = { Bucket: store.bucket, Key: 'cut/c.txt' };
  await s3.send(new PutObjectCommand({ ...place, Body: 'hello', ContentType: 'text/plain' }));
  const { ETag } = await s3.send(new HeadObjectCommand(place));
  for (const resource of ['metadata.json', 'object.md5']) {
    await truncate(join(directory, 'data', store.bucket, 'cut', `c.txt._S3rver_${resource}`), 0);
    expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentLength: 5, ETag });
    expect(await text(store, 'cut/c.txt')).toBe('hello');
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix: 'cut/' }));
    expect(listed.Contents?.map((object) => object.ETag)).toEqual([ETag]);
  }
  await s3.send(new PutObjectCommand({ ...place, Body: 'hello again', ContentType: 'text/plain' }));
  expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentType: 'text/plain' });
  await store.stop();
});

test('a bucket of more than 1,000 objects is listed in pages, in order, each object once', async () => {
  const store = await startEmbeddedS3({ directory, log });
  const s3 = client(store);
  const names = Array.from({ length: 1203 }, (_, i) => `many/${i % 7}/${i}.txt`);
  const waiting = names.map((Key) => ({ Bucket: store.bucket, Key, Body: Key }));
  const put = async () => {
    for (let next = waiting.pop(); next; next = waiting.pop()) await s3.send(new PutObjectCommand(next));
  };
  await Promise.all(Array.from({ length: 16 }, put));
  const pages: string[][] = [];
  const listing = paginateListObjectsV2({ client: s3 }, { Bucket: store.bucket, Prefix: 'many/' });
  for await (const page of listing) pages.push((page.Contents ?? []).map(({ Key = '' }) => Key));
  expect(pages.map((page) => page.length)).toEqual([1000, 203]);
  expect(pages.flat()).toEqual(names.toSorted());

  const folders = async (more: object) =>
    s3.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix: 'many/', Delimiter: '/', ...more }));
  const first = await folders({ MaxKeys: 5 });
  expect(first).toMatchObject({ IsTruncated: true, KeyCount: 5 });
  const rest = await folders({ ContinuationToken: first.NextContinuationToken });
  expect(rest.CommonPrefixes).toEqual([{ Prefix: 'many/5/' }, { Prefix: 'many/6/' }]);
  expect(rest).toMatchObject({ IsTruncated: false, KeyCount: 2 });
  expect(await folders({ StartAfter: 'many/6/', Delimiter: undefined, MaxKeys: 1 })).toMatchObject({
    IsTruncated: true,
    Contents: [{ Key: 'many/6/1000.txt', Size: 'many/6/1000.txt'.length }],
  });
  await store.stop();
});

test('without the right key nothing is served', async () => {
  const embedded = await startEmbeddedS3({ directory, log });
  const { endpoint, bucket } = embedded;
  expect((await fetch(`${endpoint}/${bucket}/a/b.txt`)).status).toBe(403);
  expect((await fetch(`${endpoint}/${bucket}/a/c.txt`, { method: 'PUT', body: 'x' })).status).toBe(403);
  const command = new GetObjectCommand({ Bucket: bucket, Key: 'a/b.txt' });
  const wrong: unknown = await client(embedded, 'wrong')
    .send(command)
    .catch((thrown: unknown) => thrown);
  expect(wrong).toMatchObject({ name: 'SignatureDoesNotMatch' });
  const known = createS3Clients({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
  });
  expect(await known.s3.send(command).catch((thrown: unknown) => thrown)).toMatchObject({
    name: 'InvalidAccessKeyId',
  });
  await embedded.stop();
});

test('a stranger on the port: another one is chosen and remembered', async () => {
  const before = await startEmbeddedS3({ directory, log });
  await before.stop();
  const stranger = createServer((_request, response) => response.end('hello'));
  const port = Number(new URL(before.endpoint).port);
  await new Promise<void>((resolve) => stranger.listen({ port, host: '127.0.0.1' }, resolve));
  const moved = await startEmbeddedS3({ directory, log });
  expect(moved.endpoint).not.toBe(before.endpoint);
  expect(await text(moved, 'a/b.txt')).toBe('hello');
  await moved.stop();
  stranger.close();
  const again = await startEmbeddedS3({ directory, log });
  expect(again.endpoint).toBe(moved.endpoint);
  await again.stop();
});

test('a damaged identity is told, not replaced', async () => {
  const damaged = await mkdtemp(join(directory, 'damaged-'));
  await Bun.write(join(damaged, 'identity.json'), '{"port":');
  const thrown: unknown = await startEmbeddedS3({ directory: damaged, log }).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ code: 'EmbeddedS3Damaged', message: expect.stringContaining('Delete it') });
});
