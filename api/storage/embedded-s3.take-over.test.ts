import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { type StudioProcess, startProcess } from '../test/process.harness';
import { isRunning } from './embedded-s3.address';
import { readIdentity } from './embedded-s3.identity';
import { type EmbeddedS3, startEmbeddedS3 } from './embedded-s3.server';
import { withTries } from './put-object';
import { createS3Clients } from './s3.client';
import { defaultStorageSettings } from './storage.settings';
import { recordingLog } from './test/harness';

// A busy machine takes its time to start processes.
setDefaultTimeout(120_000);

let root: string;
const processes: StudioProcess[] = [];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'songreel-s3-'));
});
afterAll(async () => {
  await Promise.all(processes.filter((one) => one.isRunning()).map((one) => one.kill()));
  await rm(root, { recursive: true, force: true });
});

const newDirectory = () => mkdtemp(join(root, 'store-'));
const client = ({ endpoint, socketPath, region, accessKeyId, secretAccessKey }: EmbeddedS3) =>
  createS3Clients({
    endpoint,
    socketPath,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  }).s3;

async function startChild(directory: string): Promise<StudioProcess> {
  const child = await startProcess('api/storage/test/embedded.child.ts', {}, 'store_started', [directory]);
  processes.push(child);
  return child;
}

/** As storage does it while a store changes hands. */
const patiently = <T>(work: () => Promise<T>) =>
  withTries({ settings: { ...defaultStorageSettings, inlineTries: 60, inlineDelaysMs: [100] } }, work);

test('after kill -9 of the serving process another one takes over the stale socket, and so does a new one', async () => {
  const directory = await newDirectory();
  const serving = await startChild(directory);
  const log = recordingLog();
  const using = await startEmbeddedS3({ directory, log });
  expect(using.serving()).toBe(false);
  const s3 = client(using);
  const place = { Bucket: using.bucket, Key: 'videos/a.txt' };
  await s3.send(new PutObjectCommand({ ...place, Body: 'hello' }));
  await serving.kill();
  // What a caller asks meanwhile is answered when the store is back.
  const answer = await patiently(() => s3.send(new GetObjectCommand(place)));
  expect(await answer.Body?.transformToString()).toBe('hello');
  expect(using.serving()).toBe(true);
  await using.stop();
  const next = await startChild(directory);
  const again = await startEmbeddedS3({ directory, log });
  expect([
    next.lines.some((line) => line.event === 'store_started' && line['serving']),
    again.serving(),
  ]).toEqual([true, false]);
  await again.stop();
  // Nothing is left of the sockets' own names.
  expect(await readdir(dirname(using.socketPath ?? ''))).toEqual(['s3.sock']);
});

test('a process that was stopped for a while finds itself replaced, and uses the other', async () => {
  const directory = await newDirectory();
  const first = await startChild(directory);
  process.kill(first.pid, 'SIGSTOP');
  const second = await startEmbeddedS3({ directory, log: recordingLog() });
  expect(second.serving()).toBe(true);
  process.kill(first.pid, 'SIGCONT');
  await first.logged('embedded_s3_replaced');
  await client(second).send(new PutObjectCommand({ Bucket: second.bucket, Key: 'videos/a.txt', Body: 'x' }));
  await second.stop();
  await first.logged('embedded_s3_serving', (line) => line !== first.lines.find(isServing));
  await first.terminate();
});

const isServing = (line: { event: string }) => line.event === 'embedded_s3_serving';

test('a socket that somebody removed is there again within seconds', async () => {
  const directory = await newDirectory();
  const store = await startEmbeddedS3({ directory, log: recordingLog() });
  await rm(store.socketPath ?? '');
  const s3 = client(store);
  await patiently(() =>
    s3.send(new PutObjectCommand({ Bucket: store.bucket, Key: 'videos/a.txt', Body: 'x' })),
  );
  await store.stop();
});

test('processes that start at the same moment: one of them serves in the end, in each of 20 rounds', async () => {
  const directory = await newDirectory();
  const identity = await readIdentity(directory);
  for (let round = 0; round < 20; round += 1) {
    const stores = await Promise.all(
      Array.from({ length: 3 }, () => startEmbeddedS3({ directory, log: recordingLog() })),
    );
    const [one] = stores;
    const socketPath = one?.socketPath ?? '';
    expect(await isRunning(identity, { socketPath })).toBe(true);
    while (stores.filter((store) => store.serving()).length !== 1) await Bun.sleep(10);
    const Body = `round ${round}`;
    const place = { Bucket: 'songreel', Key: 'videos/round.txt' };
    for (const store of stores) {
      const s3 = client(store);
      await patiently(() => s3.send(new PutObjectCommand({ ...place, Body })));
      const answer = await patiently(() => s3.send(new GetObjectCommand(place)));
      expect(await answer.Body?.transformToString()).toBe(Body);
      s3.destroy();
    }
    await Promise.all(stores.map((store) => store.stop()));
  }
  expect(await readdir(join(directory, 'socket'))).toEqual(['s3.sock']);
});

test('three processes race for the socket of one that is killed, again and again: no object is lost', async () => {
  const directory = await newDirectory();
  const using = await startEmbeddedS3({ directory, log: recordingLog() });
  const s3 = client(using);
  const others = await Promise.all([startChild(directory), startChild(directory), startChild(directory)]);
  await using.stop();
  for (const [round, victim] of others.slice(0, 2).entries()) {
    const place = { Bucket: 'songreel', Key: `videos/${round}.txt` };
    await patiently(() => s3.send(new PutObjectCommand({ ...place, Body: 'kept' })));
    await victim.kill();
    const answer = await patiently(() => s3.send(new GetObjectCommand(place)));
    expect(await answer.Body?.transformToString()).toBe('kept');
  }
  const last = others[2];
  await last?.logged('embedded_s3_serving');
  expect(await last?.terminate()).toBe(0);
});
