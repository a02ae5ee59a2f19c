import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import { type Harness, sha256Hex, someBytes, startHarness } from './test/harness';
import type { ChildTask } from './test/store.child';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => harness.proxy.heal());
afterAll(() => harness.stop());

const bytes = someBytes(2_000_001);

async function startChild(dieAt: ChildTask['dieAt']) {
  const mediaRoot = join(harness.directory, newId());
  const path = join(mediaRoot, 'videos', `${newId()}.mp4`);
  await mkdir(join(mediaRoot, 'videos'), { recursive: true });
  await Bun.write(path, bytes);
  const { accessKeyId, secretAccessKey, region } = harness.embedded;
  const task: ChildTask = {
    databaseUrl: harness.database.url,
    endpoint: harness.proxy.url,
    region,
    credentials: { accessKeyId, secretAccessKey },
    bucket: harness.bucket,
    mediaRoot,
    path,
    key: `videos/${newId()}.mp4`,
    jobId: newId(),
    dieAt,
  };
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'test', 'store.child.ts'), JSON.stringify(task)],
    { stdout: 'inherit', stderr: 'inherit' },
  );
  return { task, child };
}

/** Resolves when PostgreSQL has noticed that the process which held the batch's lock is gone. */
async function lockIsFree(task: ChildTask): Promise<void> {
  await harness.sql.begin(
    (tx) => tx`
      select pg_advisory_xact_lock(hashtextextended(batch_id::text, 0)) from uploads where s3_key = ${task.key}`,
  );
}

/** The state that the killed process left, then what one sweep of a new process makes of it. */
async function expectGoodEnd(task: ChildTask, left: { state: string; file: boolean; changes: number }) {
  const state = async () => (await harness.rows()).find((row) => row.key === task.key)?.state;
  const changes = async () =>
    (await harness.sql`select 1 from object_deletions where s3_key = ${`done/${task.key}`}`).length;
  expect({
    state: await state(),
    file: await Bun.file(task.path).exists(),
    changes: await changes(),
  }).toEqual(left);
  const { storage } = await harness.storage({ mediaRoot: task.mediaRoot });
  await lockIsFree(task);
  expect(await storage.sweep()).toMatchObject({ batchesCompleted: 1, problems: [], unknownFiles: [] });
  expect(await state()).toBe('deleted');
  expect(await Bun.file(task.path).exists()).toBe(false);
  expect(await changes()).toBe(1);
  const object = await storage.read(task.key);
  expect(sha256Hex(new Uint8Array(await new Response(object.body).arrayBuffer()))).toBe(sha256Hex(bytes));
  // A second sweep finds nothing to do.
  expect(await storage.sweep()).toMatchObject({ batchesCompleted: 0, filesDeleted: 0 });
}

test('killed during the upload of a part', async () => {
  await harness.proxy.inject({ includes: 'partNumber=3', fault: { kind: 'stall' } });
  const { task, child } = await startChild('never');
  await harness.proxy.seen((entry) => entry.url.includes(task.key) && entry.fault === 'stall');
  child.kill('SIGKILL');
  await child.exited;
  await harness.proxy.heal();
  await expectGoodEnd(task, { state: 'pending', file: true, changes: 0 });
});

test('killed between the upload and its confirm', async () => {
  await harness.proxy.inject({ method: 'HEAD', fault: { kind: 'stall' } });
  const { task, child } = await startChild('never');
  await harness.proxy.seen((entry) => entry.url.includes(task.key) && entry.fault === 'stall');
  child.kill('SIGKILL');
  await child.exited;
  await harness.proxy.heal();
  const puts = () =>
    harness.proxy.log.filter((entry) => entry.method === 'PUT' && entry.url.includes(task.key));
  const before = puts().length;
  await expectGoodEnd(task, { state: 'pending', file: true, changes: 0 });
  // The object was there already: it is confirmed, not sent again.
  expect(puts()).toHaveLength(before);
});

test('killed after the confirm, in the middle of the database change', async () => {
  const { task, child } = await startChild('database change');
  await child.exited;
  await expectGoodEnd(task, { state: 'pending', file: true, changes: 0 });
});

test('killed after the database change, before the unlink', async () => {
  const { task, child } = await startChild('upload_confirmed');
  await child.exited;
  await expectGoodEnd(task, { state: 'confirmed', file: true, changes: 1 });
});

test('killed after the unlink, before its mark', async () => {
  const { task, child } = await startChild('local_file_deleted');
  await child.exited;
  await expectGoodEnd(task, { state: 'confirmed', file: false, changes: 1 });
});

test('the job of a killed process resumes by finishing its upload', async () => {
  const { task, child } = await startChild('database change');
  await child.exited;
  await lockIsFree(task);
  const { storage, done } = await harness.storage({ mediaRoot: task.mediaRoot });
  expect(await storage.resumeJob(task.jobId)).toBe('completed');
  expect(done).toEqual([{ key: task.key, args: {} }]);
  expect(await storage.resumeJob(task.jobId)).toBe('none');
});

test('a living process keeps its batch: the sweep of another one leaves it alone', async () => {
  await harness.proxy.inject({ method: 'HEAD', fault: { kind: 'stall' } });
  const { task, child } = await startChild('never');
  await harness.proxy.seen((entry) => entry.url.includes(task.key) && entry.fault === 'stall');
  await harness.proxy.heal();
  const { storage } = await harness.storage({ mediaRoot: task.mediaRoot });
  expect(await storage.sweep()).toMatchObject({ batchesPending: 1, batchesCompleted: 0 });
  expect(await storage.resumeJob(task.jobId)).toBe('pending');
  child.kill('SIGKILL');
  await child.exited;
  await lockIsFree(task);
  expect(await storage.resumeJob(task.jobId)).toBe('completed');
});
