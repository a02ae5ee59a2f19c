import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, readdir, stat, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../shared/errors';
import { newId } from '../shared/ids';
import { JobCanceled, JobInterrupted } from '../shared/job-stops';
import type { Storage } from './storage.types';
import { type Harness, someBytes, startHarness } from './test/harness';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => harness.proxy.heal());
afterAll(() => harness.stop());

async function newFile(storage: Storage, size = 1000, seed = 1) {
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(size, seed));
  return { path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' };
}
const exists = (path: string) => Bun.file(path).exists();
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
const stateOf = async (key: string) => (await harness.rows()).find((row) => row.key === key);

test('a batch is all or nothing: its files come to the completion in their order', async () => {
  const { storage, done, clock } = await harness.storage();
  const files = [await newFile(storage, 10), await newFile(storage, 20), await newFile(storage, 30)];
  await harness.proxy.inject({
    method: 'PUT',
    includes: files[2]?.key ?? '',
    fault: { kind: 'status', status: 500, code: 'InternalError' },
  });
  const request = { files, completion: 'remember', arguments: {} };
  expect(await failure(storage.storeFiles(request))).toMatchObject({ code: 'UploadFailed' });
  expect(done).toEqual([]);
  for (const file of files) expect(await exists(file.path)).toBe(true);
  await harness.proxy.heal();
  clock.advance(60_000);
  expect(await storage.sweep()).toMatchObject({ batchesCompleted: 1, filesDeleted: 3 });
  expect(done.map((line) => line.key)).toEqual(files.map((file) => file.key));
});

test('a database change that fails for now is made later, once', async () => {
  let broken = true;
  let runs = 0;
  const { storage, clock } = await harness.storage();
  storage.registerCompletion('sometimes', async () => {
    runs += 1;
    if (broken) throw new Error('deadlock detected');
  });
  const file = await newFile(storage);
  const thrown = await failure(storage.storeFiles({ files: [file], completion: 'sometimes', arguments: {} }));
  expect(thrown).toMatchObject({ code: 'UploadFailed', status: 503 });
  expect(await stateOf(file.key)).toMatchObject({
    state: 'pending',
    lastError: expect.stringContaining('deadlock'),
  });
  expect(await exists(file.path)).toBe(true);
  broken = false;
  clock.advance(60_000);
  expect(await storage.sweep()).toMatchObject({ batchesCompleted: 1 });
  await storage.sweep({ ignoreBackOff: true });
  expect(runs).toBe(2);
  expect(await exists(file.path)).toBe(false);
});

test('a database change that can never be made: the file is kept, its object goes, the row says why', async () => {
  const { storage } = await harness.storage();
  storage.registerCompletion('never', async () => {
    throw new AppError({ code: 'SceneNotFound', message: 'The scene was deleted.' });
  });
  const file = await newFile(storage);
  const thrown = await failure(storage.storeFiles({ files: [file], completion: 'never', arguments: {} }));
  expect(thrown).toMatchObject({ code: 'SceneNotFound', status: 404 });
  expect(await stateOf(file.key)).toMatchObject({ state: 'failed', lastError: 'The scene was deleted.' });
  const report = await storage.sweep();
  expect(report).toMatchObject({ objectsDeleted: 1, batchesPending: 0, unknownFiles: [] });
  expect(report.keptFiles).toContainEqual(expect.objectContaining({ reason: 'The scene was deleted.' }));
  expect(await exists(file.path)).toBe(true);
  expect(await storage.head(file.key)).toBeNull();
});

test('a result that came second is kept until its job has succeeded by the first', async () => {
  let unwanted = false;
  const { storage } = await harness.storage({ isJobUnwanted: async () => unwanted });
  storage.registerCompletion('late', async () => {
    throw new AppError({ code: 'JobAlreadyEnded', message: 'Somebody else was first.' });
  });
  const file = await newFile(storage);
  const late = { files: [file], jobId: newId(), completion: 'late', arguments: {} };
  expect(await failure(storage.storeFiles(late))).toMatchObject({ code: 'JobAlreadyEnded' });
  expect((await storage.sweep()).keptFiles).toHaveLength(1);
  expect(await exists(file.path)).toBe(true);
  unwanted = true;
  expect(await storage.sweep()).toMatchObject({ filesDeleted: 1, keptFiles: [], unknownFiles: [] });
  expect(await exists(file.path)).toBe(false);
  expect(await stateOf(file.key)).toBeUndefined();
});

test('a completion that this version does not know leaves the batch for one that does', async () => {
  const first = await harness.storage();
  first.storage.registerCompletion('future', async () => {
    throw new Error('not now');
  });
  const file = await newFile(first.storage);
  await failure(first.storage.storeFiles({ files: [file], completion: 'future', arguments: { a: 1 } }));
  const second = await harness.storage({ mediaRoot: first.storage.mediaRoot });
  expect(await second.storage.sweep({ ignoreBackOff: true })).toMatchObject({ batchesPending: 1 });
  expect((await stateOf(file.key))?.lastError).toContain('no database change named future');
  let given: unknown = null;
  second.storage.registerCompletion('future', async (_tx, _files, args) => {
    given = args;
  });
  await second.storage.sweep({ ignoreBackOff: true });
  expect(given).toEqual({ a: 1 });
  expect(await exists(file.path)).toBe(false);
});

test('two sweeps at once finish a batch once', async () => {
  const first = await harness.storage();
  const file = await newFile(first.storage);
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  await failure(first.storage.storeFiles({ files: [file], completion: 'remember', arguments: {} }));
  await harness.proxy.heal();
  const second = await harness.storage({ mediaRoot: first.storage.mediaRoot });
  const sweeps = [first, second, second].map(({ storage }) => storage.sweep({ ignoreBackOff: true }));
  const reports = await Promise.all(sweeps);
  expect(reports.map((report) => report.filesDeleted).sort()).toEqual([0, 0, 1]);
  expect([...first.done, ...second.done]).toHaveLength(1);
});

test('canceled: withdrawn, the file is the caller’s again; shut down: finished later', async () => {
  for (const [reason, state] of [
    [new JobCanceled(), undefined],
    [new JobInterrupted(), 'pending'],
  ] as const) {
    const { storage, done } = await harness.storage();
    const file = await newFile(storage);
    await harness.proxy.inject({ includes: file.key, fault: { kind: 'stall' } });
    const controller = new AbortController();
    const { signal } = controller;
    const storing = storage.storeFiles({ files: [file], completion: 'remember', arguments: {}, signal });
    await harness.proxy.seen((entry) => entry.url.includes(file.key));
    controller.abort(reason);
    expect(await failure(storing)).toBe(reason);
    expect((await stateOf(file.key))?.state).toBe(state);
    expect(await exists(file.path)).toBe(true);
    await harness.proxy.heal();
    await storage.sweep({ ignoreBackOff: true });
    expect(done).toHaveLength(state === 'pending' ? 1 : 0);
    await storage.discard(file.path);
    expect(await exists(file.path)).toBe(false);
  }
});

test('KEEP_LOCAL_MEDIA keeps files after their confirm; without it a later sweep deletes them', async () => {
  const keeping = await harness.storage({ keepLocalMedia: true });
  const file = await newFile(keeping.storage);
  await keeping.storage.storeFiles({ files: [file], completion: 'remember', arguments: {} });
  expect(await keeping.storage.sweep()).toMatchObject({ filesDeleted: 0, unknownFiles: [] });
  expect(await exists(file.path)).toBe(true);
  expect((await stateOf(file.key))?.state).toBe('confirmed');
  const { storage } = await harness.storage({ mediaRoot: keeping.storage.mediaRoot });
  expect(await storage.sweep()).toMatchObject({ filesDeleted: 1 });
  expect(await exists(file.path)).toBe(false);
});

test('a file that was changed after its hand-over is never deleted', async () => {
  const { storage } = await harness.storage();
  const file = await newFile(storage);
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  await failure(storage.storeFiles({ files: [file], completion: 'remember', arguments: {} }));
  await harness.proxy.heal();
  await Bun.write(file.path, 'something else');
  expect(await storage.sweep({ ignoreBackOff: true })).toMatchObject({ batchesFailed: 1, filesDeleted: 0 });
  expect((await stateOf(file.key))?.lastError).toContain('changed');
  expect(await Bun.file(file.path).text()).toBe('something else');

  const keeping = await harness.storage({ keepLocalMedia: true });
  const confirmed = await newFile(keeping.storage);
  await keeping.storage.storeFiles({ files: [confirmed], completion: 'remember', arguments: {} });
  await Bun.write(confirmed.path, 'newer');
  const later = await harness.storage({ mediaRoot: keeping.storage.mediaRoot });
  expect(await later.storage.sweep()).toMatchObject({ filesDeleted: 0 });
  expect(await Bun.file(confirmed.path).text()).toBe('newer');
  expect(later.log.lines.map((line) => line.event)).toContain('local_file_delete_failed');
});

test('a file deleted by someone else: confirmed from S3 if it got there, given up if not', async () => {
  const { storage, done, log } = await harness.storage();
  const there = await newFile(storage);
  await harness.proxy.inject({
    method: 'HEAD',
    fault: { kind: 'status', status: 500, code: 'InternalError' },
  });
  await failure(storage.storeFiles({ files: [there], completion: 'remember', arguments: {} }));
  await harness.proxy.heal();
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  const lost = await newFile(storage);
  await failure(storage.storeFiles({ files: [lost], completion: 'remember', arguments: {} }));
  await harness.proxy.heal();
  for (const file of [there, lost]) await Bun.file(file.path).delete();
  expect(await storage.sweep({ ignoreBackOff: true })).toMatchObject({
    batchesCompleted: 1,
    batchesFailed: 1,
  });
  expect(done.map((line) => line.key)).toEqual([there.key]);
  expect(await stateOf(lost.key)).toMatchObject({ state: 'failed' });
  expect(log.lines.map((line) => line.event)).toContain('local_file_not_found');
});

test('unknown files: reported; deleted only when old and found in S3', async () => {
  const { storage, log } = await harness.storage({ keepLocalMedia: false });
  const stored = await newFile(storage, 5000, 7);
  await storage.storeFiles({ files: [stored], completion: 'remember', arguments: {} });
  const old = new Date(Date.now() - 48 * 3600_000);
  const write = async (name: string, seed: number, modified?: Date) => {
    const path = join(storage.mediaRoot, 'videos', name);
    await Bun.write(path, someBytes(5000, seed));
    if (modified) await utimes(path, modified, modified);
    return path;
  };
  const youngCopy = await write('young-copy.mp4', 7);
  const oldCopy = await write('old-copy.mp4', 7, old);
  const oldOnly = await write('old-only.mp4', 8, old);
  const report = await storage.sweep();
  const files = Object.fromEntries(report.unknownFiles.map((file) => [file.path, file]));
  expect(files['videos/young-copy.mp4']).toMatchObject({ deleted: false, foundAt: null, bytes: 5000 });
  expect(files['videos/old-copy.mp4']).toMatchObject({ deleted: true, foundAt: stored.key });
  expect(files['videos/old-only.mp4']).toMatchObject({ deleted: false, foundAt: null });
  expect([await exists(youngCopy), await exists(oldCopy), await exists(oldOnly)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(log.lines.filter((line) => line.event === 'local_file_deleted')).toHaveLength(2);
});

test('symbolic links are never followed, nor ways out of the media folder', async () => {
  const { storage, log } = await harness.storage();
  const outside = join(harness.directory, `outside-${newId()}`);
  await mkdir(outside);
  await Bun.write(join(outside, 'precious.mp4'), 'precious');
  await symlink(outside, join(storage.mediaRoot, 'videos', 'folder-link'));
  await symlink(join(outside, 'precious.mp4'), join(storage.mediaRoot, 'videos', 'file-link.mp4'));
  const ways = [
    join(storage.mediaRoot, 'videos', 'folder-link', 'precious.mp4'),
    join(storage.mediaRoot, 'videos', 'file-link.mp4'),
    join(outside, 'precious.mp4'),
    `${storage.mediaRoot}/../${outside.split('/').at(-1)}/precious.mp4`,
    'videos/../../precious.mp4',
    `${storage.mediaRoot}x/precious.mp4`,
    storage.mediaRoot,
    'videos/\0.mp4',
  ];
  for (const path of ways) {
    const files = [{ path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' }];
    const storing = storage.storeFiles({ files, completion: 'remember', arguments: {} });
    expect(await failure(storing)).toMatchObject({ code: 'PathNotAllowed' });
    await storage.discard(path);
    expect(await failure(storage.download('videos/x.mp4', path))).toMatchObject({ code: 'PathNotAllowed' });
  }
  const refusals = log.lines.filter((line) => line.event === 'local_file_delete_failed');
  expect(refusals).toHaveLength(ways.length);
  const report = await storage.sweep();
  expect(report.problems).toHaveLength(2);
  expect(report.unknownFiles).toEqual([]);
  expect(await Bun.file(join(outside, 'precious.mp4')).text()).toBe('precious');
});

test('a temporary folder goes with the block that uses it, also when that fails', async () => {
  const { storage } = await harness.storage();
  let path = '';
  const failing = async () => {
    await using folder = await storage.temporaryDirectory(newId());
    path = folder.path;
    await Bun.write(join(path, 'scratch.wav'), 'x');
    throw new Error('the work failed');
  };
  await expect(failing()).rejects.toThrow('the work failed');
  expect(await failure(stat(path))).toMatchObject({ code: 'ENOENT' });
});

test('a temporary folder goes, except for what still waits for its upload', async () => {
  const { storage } = await harness.storage();
  const jobId = newId();
  const leftover = await storage.temporaryDirectory(jobId);
  await Bun.write(join(leftover.path, 'inner', 'left-by-a-crash.mp4'), 'x');
  const folder = await storage.temporaryDirectory(jobId);
  expect(await readdir(folder.path)).toEqual([]);
  await Bun.write(join(folder.path, 'waiting.mp4'), someBytes(100));
  await Bun.write(join(folder.path, 'scratch.wav'), 'x');
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  const file = {
    path: join(folder.path, 'waiting.mp4'),
    key: `videos/${newId()}.mp4`,
    contentType: 'video/mp4',
  };
  await failure(storage.storeFiles({ files: [file], jobId, completion: 'remember', arguments: {} }));
  await folder.remove();
  expect(await readdir(folder.path)).toEqual(['waiting.mp4']);
  await storage.discard(file.path);
  expect(await exists(file.path)).toBe(true);
  await harness.proxy.heal();
  expect(await storage.resumeJob(jobId)).toBe('completed');
  await folder.remove();
  expect(await failure(stat(folder.path))).toMatchObject({ code: 'ENOENT' });
  expect(await failure(storage.temporaryDirectory('../x'))).toBeInstanceOf(RangeError);
});

test('old empty folders are removed, young ones and the media root’s own are not', async () => {
  const { storage } = await harness.storage();
  const old = new Date(Date.now() - 2 * 3600_000);
  for (const name of ['old', 'young']) await mkdir(join(storage.mediaRoot, 'jobs', name));
  for (const name of ['jobs/old', 'jobs', 'videos']) await utimes(join(storage.mediaRoot, name), old, old);
  expect(await storage.sweep()).toMatchObject({ foldersRemoved: 1 });
  expect(await readdir(join(storage.mediaRoot, 'jobs'))).toEqual(['young']);
  expect(await readdir(storage.mediaRoot)).toContain('videos');
});

test('objects queued for deletion go; a failure is noted and tried again', async () => {
  const { storage, clock } = await harness.storage();
  const file = await newFile(storage);
  await storage.storeFiles({ files: [file], completion: 'remember', arguments: {} });
  await harness.sql.begin((tx) => storage.deleteLater(tx, [file.key, file.key], 'the project was deleted'));
  await harness.proxy.inject({
    method: 'DELETE',
    fault: { kind: 'status', status: 500, code: 'InternalError' },
  });
  clock.advance(1000);
  expect(await storage.sweep()).toMatchObject({ objectsDeleted: 0, objectDeletionsFailed: 1 });
  await harness.proxy.heal();
  expect(await storage.sweep()).toMatchObject({ objectsDeleted: 0, objectDeletionsFailed: 0 });
  clock.advance(60_000);
  expect(await storage.sweep()).toMatchObject({ objectsDeleted: 1 });
  expect(await storage.head(file.key)).toBeNull();
});

test('sweeping goes on until its signal', async () => {
  const { storage, log } = await harness.storage();
  const file = await newFile(storage);
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  await failure(storage.storeFiles({ files: [file], completion: 'remember', arguments: {} }));
  await harness.proxy.heal();
  await harness.sql`update uploads set next_attempt_at = now() where s3_key = ${file.key}`;
  const controller = new AbortController();
  const swept = Promise.withResolvers<void>();
  storage.registerCompletion('stop', async () => swept.resolve());
  await harness.sql`update upload_batches set completion = 'stop'
    where id = (select batch_id from uploads where s3_key = ${file.key})`;
  const sweeping = storage.startSweeping({ everyMs: 60_000, signal: controller.signal });
  await swept.promise;
  controller.abort();
  await sweeping;
  expect(log.lines.map((line) => line.event)).not.toContain('sweep_failed');
});

test('a temporary file that could not be deleted while the database was away goes with a later sweep', async () => {
  const away = { now: false };
  // A query while it is away throws what postgres.js throws.
  const sql = new Proxy(harness.sql, {
    apply(target, self, args) {
      if (away.now) throw Object.assign(new Error('write CONNECTION_CLOSED'), { code: 'CONNECTION_CLOSED' });
      return Reflect.apply(target, self, args);
    },
  });
  const { storage } = await harness.storage({ sql });
  const path = join(storage.mediaRoot, 'uploads', newId());
  await Bun.write(path, 'x');
  away.now = true;
  await storage.discard(path);
  expect(await exists(path)).toBe(true);
  away.now = false;
  await storage.sweep();
  expect(await exists(path)).toBe(false);
});

test('what nobody wants any more is withdrawn from a machine that is silent, and deleted there should it be alive', async () => {
  const ended = new Set<string>();
  const isJobUnwanted = async (jobId: string) => ended.has(jobId);
  const gone = await harness.storage({ isJobUnwanted });
  const other = await harness.storage({ isJobUnwanted });
  const jobId = newId();
  const path = join(gone.storage.mediaRoot, 'videos', 'take.mp4');
  await Bun.write(path, someBytes(100));
  await harness.proxy.inject({ fault: { kind: 'refuse' } });
  const file = { path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' };
  await failure(gone.storage.storeFiles({ files: [file], jobId, completion: 'remember', arguments: {} }));
  await harness.proxy.heal();

  const state = async () => (await harness.rows()).find((row) => row.key === file.key)?.state;
  ended.add(jobId);
  await other.storage.sweep();
  // The machine may be about to see to it itself.
  expect(await state()).toBe('pending');
  other.clock.advance(601_000);
  ended.delete(jobId);
  await other.storage.sweep();
  expect(await state()).toBe('pending');
  ended.add(jobId);
  expect(await other.storage.sweep()).toMatchObject({ batchesWithdrawn: 1 });
  expect(await state()).toBe('withdrawn');
  expect(await exists(path)).toBe(true);
  // Who starts there meanwhile leaves it to the sweep; no other machine can do more.
  await gone.storage.discard(path);
  expect(await other.storage.sweep()).toMatchObject({ batchesWithdrawn: 0 });
  expect(await gone.storage.sweep()).toMatchObject({ filesDeleted: 1, unknownFiles: [], problems: [] });
  expect(await exists(path)).toBe(false);
  expect(await state()).toBeUndefined();
});
