import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import { type Harness, someBytes, startHarness } from './test/harness';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => harness.proxy.heal());
afterAll(() => harness.stop());

/** A batch that cannot be stored now: as a job's own result, or one that only names the job. */
async function storeInVain(own: boolean) {
  const jobId = newId();
  const machine = await harness.storage({ settings: { inlineTries: 1 } });
  const path = join(machine.storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(1000));
  await harness.proxy.inject({
    method: 'PUT',
    fault: { kind: 'status', status: 503, code: 'SlowDown' },
  });
  const files = [{ path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' }];
  const request = own ? { jobId, arguments: {} } : { arguments: { jobId } };
  await expect(
    machine.storage.storeFiles({ files, completion: 'remember', ...request }),
  ).rejects.toMatchObject({ code: 'UploadFailed' });
  await harness.proxy.heal();
  return { jobId, path, ...machine };
}

for (const own of [true, false]) {
  test(`a job waits for its file until it is stored (${own ? 'its own result' : 'an upload for it'})`, async () => {
    const { storage, jobId } = await storeInVain(own);
    // Any process may ask, also one with a disk of its own.
    const other = await harness.storage();
    expect(await other.storage.awaitedFiles(jobId)).toEqual({ state: 'pending' });
    expect(await storage.sweep({ ignoreBackOff: true })).toMatchObject({ batchesCompleted: 1 });
    expect(await other.storage.awaitedFiles(jobId)).toBeNull();
    expect(await other.storage.awaitedFiles(newId())).toBeNull();
  });
}

test('a file that can never be stored is told with the reason', async () => {
  const { storage, jobId, path } = await storeInVain(false);
  await unlink(path);
  expect(await storage.sweep({ ignoreBackOff: true })).toMatchObject({ batchesFailed: 1 });
  const awaited = await storage.awaitedFiles(jobId);
  expect(awaited?.state).toBe('failed');
  expect(awaited?.state === 'failed' && awaited.reason).toMatch(
    /was deleted by someone else before S3 had it/,
  );
});

test('a result that another machine could not store yet is waited for, but not for ever', async () => {
  const { storage, jobId } = await storeInVain(true);
  const other = await harness.storage();
  expect(await other.storage.resumeJob(jobId)).toBe('pending');
  other.clock.advance(601_000);
  expect(await other.storage.resumeJob(jobId)).toBe('none');
  expect(await storage.resumeJob(jobId)).toBe('completed');
  expect(await other.storage.resumeJob(jobId)).toBe('none');
});

test('what no job waits for is forgotten with the machine that never came back', async () => {
  const machine = await harness.storage({ settings: { inlineTries: 1 } });
  const path = join(machine.storage.mediaRoot, 'pictures', 'poster.jpg');
  await Bun.write(path, someBytes(1000));
  await harness.proxy.inject({ method: 'PUT', fault: { kind: 'status', status: 503, code: 'SlowDown' } });
  const file = { path, key: `images/${newId()}.jpg`, contentType: 'image/jpeg' };
  const request = { files: [file], completion: 'remember', arguments: { takeId: newId() } };
  await expect(machine.storage.storeFiles(request)).rejects.toMatchObject({ code: 'UploadFailed' });
  await harness.proxy.heal();
  const state = async () => (await harness.rows()).find((row) => row.key === file.key)?.state;
  const other = await harness.storage();
  await other.storage.sweep();
  expect(await state()).toBe('pending');
  other.clock.advance(601_000);
  await other.storage.sweep();
  expect(await state()).toBe('withdrawn');
  // Its own machine, should it come back, stores nothing and deletes the file.
  await machine.storage.sweep({ ignoreBackOff: true });
  expect([await state(), machine.done, await Bun.file(path).exists()]).toEqual([undefined, [], false]);
});
