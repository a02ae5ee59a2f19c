import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  paginateListObjectsV2,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type EmbeddedS3, type EmbeddedS3Options, startEmbeddedS3 } from './embedded-s3.server';
import { createS3Clients } from './s3.client';
import { recordingLog, someBytes } from './test/harness';

// A busy machine takes its time.
setDefaultTimeout(30_000);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'songreel-s3-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const log = recordingLog();
const newDirectory = () => mkdtemp(join(root, 'store-'));
const start = (options: Omit<EmbeddedS3Options, 'log'>) => startEmbeddedS3({ log, ...options });
const client = (embedded: EmbeddedS3, secretAccessKey = embedded.secretAccessKey) =>
  createS3Clients({
    endpoint: embedded.endpoint,
    socketPath: embedded.socketPath,
    region: embedded.region,
    forcePathStyle: true,
    credentials: { accessKeyId: embedded.accessKeyId, secretAccessKey },
  }).s3;
const failure = (work: Promise<unknown>): Promise<unknown> => work.catch((thrown: unknown) => thrown);

async function put(store: EmbeddedS3, Key: string, Body: string | Uint8Array): Promise<void> {
  const place = { Bucket: store.bucket, Key };
  await client(store).send(new PutObjectCommand({ ...place, Body, ContentType: 'text/plain' }));
}

async function text(store: EmbeddedS3, Key: string): Promise<string | undefined> {
  const answer = await client(store).send(new GetObjectCommand({ Bucket: store.bucket, Key }));
  return answer.Body?.transformToString();
}

test('objects come and go over the socket: whole, by a stretch, in parts, in a list', async () => {
  const store = await start({ directory: await newDirectory() });
  const s3 = client(store);
  const place = { Bucket: store.bucket, Key: 'videos/a.mp4' };
  const bytes = someBytes(3_000_000);
  await s3.send(new PutObjectCommand({ ...place, Body: bytes, ContentType: 'video/mp4' }));
  expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentLength: bytes.length });
  const part = await s3.send(new GetObjectCommand({ ...place, Range: 'bytes=2999990-' }));
  expect(await part.Body?.transformToByteArray()).toEqual(bytes.subarray(2_999_990));

  const parts = { Bucket: store.bucket, Key: 'videos/parts.mp4' };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...parts, ContentType: 'video/mp4' }),
  );
  const sent = await Promise.all(
    [2, 1].map(async (PartNumber) => {
      const Body = bytes.subarray((PartNumber - 1) * 2_000_000, PartNumber * 2_000_000);
      const { ETag } = await s3.send(new UploadPartCommand({ ...parts, UploadId, PartNumber, Body }));
      return { PartNumber, ETag };
    }),
  );
  const wrong = sent.map(({ PartNumber }) => ({ PartNumber, ETag: '"0123"' }));
  const complete = (Parts: typeof sent) =>
    s3.send(new CompleteMultipartUploadCommand({ ...parts, UploadId, MultipartUpload: { Parts } }));
  expect(await failure(complete(wrong))).toMatchObject({ name: 'InvalidPart' });
  await complete(sent);
  const whole = await s3.send(new GetObjectCommand(parts));
  expect(whole.ContentType).toBe('video/mp4');
  expect(await whole.Body?.transformToByteArray()).toEqual(bytes);
  expect(await failure(complete(sent))).toMatchObject({ name: 'NoSuchUpload' });
  const late = new UploadPartCommand({ ...parts, UploadId, PartNumber: 1, Body: 'late' });
  expect(await failure(s3.send(late))).toMatchObject({ name: 'NoSuchUpload' });

  await s3.send(new DeleteObjectCommand(place));
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: store.bucket }));
  expect(listed.Contents?.map((object) => object.Key)).toEqual(['videos/parts.mp4']);
  await store.stop();
});

test('the first process serves, the second uses it and takes over when it ends', async () => {
  const directory = await newDirectory();
  const [first, second] = [await start({ directory }), await start({ directory })];
  expect([first.serving(), second.serving()]).toEqual([true, false]);
  expect(second).toMatchObject({ socketPath: first.socketPath, secretAccessKey: first.secretAccessKey });
  await put(first, 'videos/b.txt', 'hello');
  expect(await text(second, 'videos/b.txt')).toBe('hello');
  await first.stop();
  await serves(second);
  expect(await text(second, 'videos/b.txt')).toBe('hello');
  await second.stop();
});

async function serves(store: EmbeddedS3): Promise<void> {
  while (!store.serving()) await Bun.sleep(20);
}

test('credentials survive restarts; folder, identity and socket are for one user, no port is open', async () => {
  const directory = await newDirectory();
  await chmod(directory, 0o755);
  const before = await start({ directory });
  await put(before, 'videos/b.txt', 'hello');
  await before.stop();
  const after = await start({ directory });
  expect(after).toMatchObject({
    endpoint: 'http://embedded.invalid',
    secretAccessKey: before.secretAccessKey,
  });
  const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
  const { socketPath = '' } = after;
  expect(await mode(directory)).toBe('700');
  expect(await mode(join(directory, 'identity.json'))).toBe('600');
  expect([await mode(dirname(socketPath)), await mode(socketPath)]).toEqual(['700', '600']);
  expect(JSON.parse(await readFile(join(directory, 'identity.json'), 'utf8'))).not.toHaveProperty('port');
  expect(await text(after, 'videos/b.txt')).toBe('hello');
  await after.stop();
});

test('a store of an earlier version, with a port and pages of any origin let in, goes on with its objects', async () => {
  const directory = await newDirectory();
  const folder = join(directory, 'data', 'songreel');
  const old = { accessKeyId: 'SONGREEL0123456789AB', secretAccessKey: 'c'.repeat(60), port: 34567 };
  await mkdir(join(folder, 'videos'), { recursive: true });
  await writeFile(join(directory, 'identity.json'), JSON.stringify(old));
  const cors = join(folder, '._S3rver_cors.xml');
  await writeFile(
    cors,
    '<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>',
  );
  await writeFile(join(folder, 'videos', 'old.mp4._S3rver_object'), 'hello');
  await writeFile(join(folder, 'videos', 'old.mp4._S3rver_object.md5'), '5d41402abc4b2a76b9719d911017c592');
  await writeFile(join(folder, 'videos', 'old.mp4._S3rver_metadata.json'), '{"content-type":"video/mp4"}');
  const store = await start({ directory });
  expect(store).toMatchObject({ accessKeyId: old.accessKeyId, endpoint: 'http://embedded.invalid' });
  const answer = await client(store).send(
    new GetObjectCommand({ Bucket: 'songreel', Key: 'videos/old.mp4' }),
  );
  expect([answer.ContentType, await answer.Body?.transformToString()]).toEqual(['video/mp4', 'hello']);
  expect(await Bun.file(cors).exists()).toBe(false);
  await store.stop();
});

test('a socket in a directory whose path is too long for one', async () => {
  const directory = join(await newDirectory(), 'x'.repeat(120));
  const [first, second] = [await start({ directory }), await start({ directory })];
  expect([first.serving(), second.serving()]).toEqual([true, false]);
  const folder = dirname(first.socketPath ?? '');
  expect(dirname(folder)).toBe(tmpdir());
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await put(first, 'videos/b.txt', 'hello');
  expect(await text(second, 'videos/b.txt')).toBe('hello');
  await second.stop();
  await first.stop();
  // Somebody else was there first.
  await rm(folder, { recursive: true });
  await writeFile(folder, 'not a folder');
  expect(await failure(start({ directory }))).toMatchObject({
    code: 'EmbeddedS3Failed',
    message: expect.stringContaining(folder),
  });
  await rm(folder);
});

test('where there can be no socket, the start says what to do', async () => {
  const directory = await newDirectory();
  await mkdir(join(directory, 'socket', 's3.sock'), { recursive: true });
  expect(await failure(start({ directory }))).toMatchObject({
    code: 'EmbeddedS3Failed',
    message: expect.stringMatching(/no socket in .*Empty that folder/),
  });
  expect(await readdir(join(directory, 'socket'))).toEqual(['s3.sock']);
});

test('an object whose metadata a kill has cut off can be read, listed and written again', async () => {
  const directory = await newDirectory();
  const store = await start({ directory });
  const s3 = client(store);
  const place = { Bucket: store.bucket, Key: 'videos/cut/c.txt' };
  await put(store, place.Key, 'hello');
  const { ETag } = await s3.send(new HeadObjectCommand(place));
  for (const resource of ['metadata.json', 'object.md5']) {
    await truncate(join(directory, 'data', store.bucket, 'videos/cut', `c.txt._S3rver_${resource}`), 0);
    expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentLength: 5, ETag });
    expect(await text(store, place.Key)).toBe('hello');
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix: 'videos/cut/' }));
    expect(listed.Contents?.map((object) => object.ETag)).toEqual([ETag]);
    expect(await store.objectFile(place.Key)).toMatchObject({ bytes: 5, etag: ETag ?? '' });
  }
  await put(store, place.Key, 'hello again');
  expect(await s3.send(new HeadObjectCommand(place))).toMatchObject({ ContentType: 'text/plain' });
  expect(await store.objectFile(place.Key)).toMatchObject({ bytes: 11, contentType: 'text/plain' });
  await store.stop();
});

test('objects as files: in every process that has the folder, never outside it, gone when deleted', async () => {
  const directory = await newDirectory();
  const [serving, using] = [await start({ directory }), await start({ directory })];
  await put(serving, 'projects/p/songs/s.wav', 'la la');
  const { ETag } = await client(using).send(
    new HeadObjectCommand({ Bucket: using.bucket, Key: 'projects/p/songs/s.wav' }),
  );
  for (const store of [serving, using, using]) {
    const file = await store.objectFile('projects/p/songs/s.wav');
    expect(file).toMatchObject({ bytes: 5, contentType: 'text/plain', etag: ETag ?? '' });
    expect(await Bun.file(file?.path ?? '').text()).toBe('la la');
  }
  for (const key of ['projects/p/songs/none.wav', '../identity.json', 'videos/../../../identity.json', '']) {
    expect(await using.objectFile(key)).toBeNull();
  }
  await client(using).send(new DeleteObjectCommand({ Bucket: using.bucket, Key: 'projects/p/songs/s.wav' }));
  expect(await using.objectFile('projects/p/songs/s.wav')).toBeNull();
  // Its folders went with it.
  expect(await readdir(join(directory, 'data', using.bucket))).toEqual([]);
  await using.stop();
  await serving.stop();
});

test('objects put while their folder is removed with the last one in it are all there', async () => {
  const store = await start({ directory: await newDirectory() });
  const s3 = client(store);
  const rounds = Array.from({ length: 20 }, (_, round) => round);
  for (const round of rounds) {
    await put(store, 'videos/f/going.txt', 'x');
    const Key = `videos/f/${round}.txt`;
    const gone = new DeleteObjectCommand({ Bucket: store.bucket, Key: 'videos/f/going.txt' });
    const stays = new PutObjectCommand({ Bucket: store.bucket, Key, Body: 'stays' });
    await Promise.all([s3.send(gone), s3.send(stays)]);
    expect(await text(store, Key)).toBe('stays');
    await s3.send(new DeleteObjectCommand({ Bucket: store.bucket, Key }));
  }
  await store.stop();
});

test('a bucket of more than 1,000 objects is listed in pages, in order, each object once', async () => {
  const directory = await newDirectory();
  const store = await start({ directory });
  const s3 = client(store);
  const names = Array.from({ length: 1203 }, (_, i) => `videos/many/${i % 7}/${i}.txt`);
  for (const name of names) {
    await Bun.write(join(directory, 'data', store.bucket, `${name}._S3rver_object`), name);
    const md5 = new Bun.CryptoHasher('md5').update(name).digest('hex');
    await Bun.write(join(directory, 'data', store.bucket, `${name}._S3rver_object.md5`), md5);
  }
  const pages: string[][] = [];
  const listing = paginateListObjectsV2({ client: s3 }, { Bucket: store.bucket, Prefix: 'videos/many/' });
  for await (const page of listing) pages.push((page.Contents ?? []).map(({ Key = '' }) => Key));
  expect(pages.map((page) => page.length)).toEqual([1000, 203]);
  expect(pages.flat()).toEqual(names.toSorted());

  const folders = async (more: object) =>
    s3.send(
      new ListObjectsV2Command({ Bucket: store.bucket, Prefix: 'videos/many/', Delimiter: '/', ...more }),
    );
  const first = await folders({ MaxKeys: 5 });
  expect(first).toMatchObject({ IsTruncated: true, KeyCount: 5 });
  const rest = await folders({ ContinuationToken: first.NextContinuationToken });
  expect(rest.CommonPrefixes).toEqual([{ Prefix: 'videos/many/5/' }, { Prefix: 'videos/many/6/' }]);
  expect(rest).toMatchObject({ IsTruncated: false, KeyCount: 2 });
  expect(await folders({ StartAfter: 'videos/many/6/', Delimiter: undefined, MaxKeys: 1 })).toMatchObject({
    IsTruncated: true,
    Contents: [{ Key: 'videos/many/6/1000.txt', Size: 'videos/many/6/1000.txt'.length }],
  });
  await store.stop();
});

test('over loopback: the port is kept; a stranger on it: another one is chosen and remembered', async () => {
  const directory = await newDirectory();
  const over = { directory, transport: 'loopback' } as const;
  const before = await start(over);
  await put(before, 'videos/b.txt', 'hello');
  await before.stop();
  const same = await start(over);
  const another = await start(over);
  expect([same.endpoint, another.endpoint]).toEqual([before.endpoint, before.endpoint]);
  expect([same.serving(), another.serving(), same.socketPath]).toEqual([true, false, undefined]);
  await same.stop();
  await serves(another);
  await another.stop();
  const stranger = createServer((_request, response) => response.end('hello'));
  const port = Number(new URL(before.endpoint).port);
  await new Promise<void>((resolve) => stranger.listen({ port, host: '127.0.0.1' }, resolve));
  const moved = await start(over);
  expect(moved.endpoint).not.toBe(before.endpoint);
  expect(await text(moved, 'videos/b.txt')).toBe('hello');
  await moved.stop();
  stranger.close();
  const again = await start(over);
  expect(again.endpoint).toBe(moved.endpoint);
  await again.stop();
});

test('a damaged identity is told, not replaced', async () => {
  const directory = await newDirectory();
  await Bun.write(join(directory, 'identity.json'), '{"port":');
  expect(await failure(start({ directory }))).toMatchObject({
    code: 'EmbeddedS3Damaged',
    message: expect.stringContaining('Delete it'),
  });
});
