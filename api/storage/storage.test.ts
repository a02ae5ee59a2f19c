import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import { videoKey } from './keys';
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
    const key = videoKey('mp4', newId);
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
