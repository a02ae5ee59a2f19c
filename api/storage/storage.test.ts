import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import { type Harness, sha256Hex, someBytes, startHarness } from './test/harness';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.stop());

for (const [name, size] of [
  ['an empty file', 0],
  ['a file in one request', 300_000],
  ['a file in parts', 2_000_001],
] as const) {
  test(`${name} is uploaded, confirmed, completed and only then deleted`, async () => {
    const { storage, log, done } = await harness.storage();
    const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
    const bytes = someBytes(size);
    await Bun.write(path, bytes);
    const key = `videos/${newId()}.mp4`;
    const files = await storage.storeFiles({
      files: [{ path, key, contentType: 'video/mp4' }],
      completion: 'remember',
      arguments: { take: 'one' },
    });
    expect(files).toEqual([{ key, bytes: size, sha256: sha256Hex(bytes), contentType: 'video/mp4' }]);
    expect(done).toEqual([{ key, args: { take: 'one' } }]);
    expect(await Bun.file(path).exists()).toBe(false);
    expect((await harness.rows()).find((row) => row.key === key)?.state).toBe('deleted');
    const back = await storage.read(key);
    expect(sha256Hex(new Uint8Array(await new Response(back.body).arrayBuffer()))).toBe(sha256Hex(bytes));
    expect(back).toMatchObject({ bytes: size, totalBytes: size, range: null, contentType: 'video/mp4' });
    expect(log.lines.map((line) => line.event)).toEqual(['upload_confirmed', 'local_file_deleted']);
    expect(storage.counters()).toMatchObject({ bytesFreed: size, filesDeleted: 1, uploadsConfirmed: 1 });
  });
}

test('what a killed job left in its working folder goes once the job is over, not before', async () => {
  let over = false;
  const { storage } = await harness.storage({ isJobOver: async () => over });
  const folder = join(storage.mediaRoot, 'jobs', newId());
  await Bun.write(join(folder, 'take.mp4'), someBytes(1000));
  const waiting = join(storage.mediaRoot, 'uploads', newId());
  await Bun.write(waiting, someBytes(1000));
  expect((await storage.sweep()).filesDeleted).toBe(0);
  expect(await Bun.file(join(folder, 'take.mp4')).exists()).toBe(true);
  over = true;
  const report = await storage.sweep();
  expect([report.filesDeleted, report.bytesFreed]).toEqual([1, 1000]);
  expect(await Bun.file(join(folder, 'take.mp4')).exists()).toBe(false);
  // A file that is no working copy may be the only one there is.
  expect(await Bun.file(waiting).exists()).toBe(true);
});

test('links that a killed job left in its working folder go once the job is over; what they point at stays', async () => {
  let over = false;
  const { storage } = await harness.storage({ isJobOver: async () => over });
  const precious = join(harness.directory, `precious-${newId()}.mp4`);
  await Bun.write(precious, 'precious');
  const folder = join(storage.mediaRoot, 'jobs', newId(), 'compose-x');
  await mkdir(folder, { recursive: true });
  await symlink(precious, join(folder, '00001.mp4'));
  await symlink(join(folder, 'gone.mp4'), join(folder, '00002.mp4'));
  expect((await storage.sweep()).problems).toHaveLength(2);
  expect(await readdir(folder)).toHaveLength(2);
  over = true;
  expect((await storage.sweep()).problems).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
  expect(await Bun.file(precious).text()).toBe('precious');
});

test('no sweep of another process takes files of work that is no job, until its process is gone', async () => {
  const { storage } = await harness.storage();
  const elsewhere = { mediaRoot: storage.mediaRoot, isJobOver: async () => true };
  const { storage: other } = await harness.storage(elsewhere);
  const left = await storage.inScratchFolder(async (folder) => {
    const file = join(folder, 'poster.jpg');
    await Bun.write(file, someBytes(1000));
    expect((await other.sweep()).filesDeleted).toBe(0);
    expect((await storage.sweep()).filesDeleted).toBe(0);
    expect(await Bun.file(file).exists()).toBe(true);
    return file;
  });
  expect(await Bun.file(left).exists()).toBe(false);
  // As a killed process leaves it: the file, and nobody's lock.
  await Bun.write(left, someBytes(1000));
  expect((await other.sweep()).filesDeleted).toBe(1);
});

test('an object has one URL for half an hour, and another for the next', async () => {
  const { storage, clock } = await harness.storage();
  const first = await storage.presignGet('videos/a.mp4');
  expect(await storage.presignGet('videos/a.mp4')).toBe(first);
  expect(await storage.presignGet('videos/b.mp4')).not.toBe(first);
  clock.advance(31 * 60_000);
  expect(await storage.presignGet('videos/a.mp4')).not.toBe(first);
});

test('objects that only a job needs go when it ends, and by themselves when its process died', async () => {
  const { storage, clock } = await harness.storage();
  const store = async () => {
    const path = join(storage.mediaRoot, 'audio', `${newId()}.wav`);
    await Bun.write(path, someBytes(500));
    const key = `videos/${newId()}.wav`;
    const files = [{ path, key, contentType: 'audio/wav' }];
    await storage.storeTemporary({ files, jobId: newId() });
    expect(await Bun.file(path).exists()).toBe(false);
    return key;
  };
  const [ended, abandoned] = [await store(), await store()];
  await storage.sweep();
  expect(await storage.head(ended)).not.toBeNull();
  await harness.sql.begin((tx) => storage.deleteLater(tx, [ended], 'its job ended'));
  await storage.sweep();
  expect(await storage.head(ended)).toBeNull();
  expect(await storage.head(abandoned)).not.toBeNull();
  clock.advance(25 * 3600_000);
  await storage.sweep();
  expect(await storage.head(abandoned)).toBeNull();
});
