import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { newId } from '../shared/ids';
import type { Rule } from '../test/doubles/fault-proxy/fault-proxy.double';
import { type Harness, someBytes, startHarness } from './test/harness';

// A busy machine takes its time to start a database and processes.
setDefaultTimeout(30_000);

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterEach(() => harness.proxy.heal());
afterAll(() => harness.stop());

const small = 300_000;
const inParts = 2_000_001;

type Case = { name: string; rule: Rule; status: 502 | 503; why: RegExp; sizes: number[] };
const cases: Case[] = [
  {
    name: 'a refused connection',
    rule: { fault: { kind: 'refuse' } },
    status: 503,
    why: /no answer from S3/,
    sizes: [small, inParts],
  },
  {
    name: 'an answer of 500',
    rule: { method: 'PUT', fault: { kind: 'status', status: 500, code: 'InternalError' } },
    status: 503,
    why: /S3 answered 500 InternalError/,
    sizes: [small, inParts],
  },
  {
    name: '503 slow down',
    rule: { method: 'PUT', fault: { kind: 'status', status: 503, code: 'SlowDown' } },
    status: 503,
    why: /S3 answered 503 SlowDown/,
    sizes: [small, inParts],
  },
  {
    name: 'credentials that are refused',
    rule: { method: 'PUT', fault: { kind: 'status', status: 403, code: 'AccessDenied' } },
    status: 502,
    why: /S3 answered 403 AccessDenied/,
    sizes: [small, inParts],
  },
  {
    name: 'a reset in the middle of the body',
    rule: { method: 'PUT', fault: { kind: 'reset', afterBytes: 100_000 } },
    status: 503,
    why: /no answer from S3/,
    sizes: [small],
  },
  {
    name: 'a reset in the middle of a part',
    rule: { method: 'PUT', includes: 'partNumber=3', fault: { kind: 'reset', afterBytes: 100_000 } },
    status: 503,
    why: /no answer from S3/,
    sizes: [inParts],
  },
  {
    name: 'a multipart upload that is not put together',
    rule: {
      method: 'POST',
      includes: 'uploadId=',
      fault: { kind: 'status', status: 500, code: 'InternalError' },
    },
    status: 503,
    why: /S3 answered 500/,
    sizes: [inParts],
  },
  {
    name: 'a body cut short but answered 200',
    rule: { method: 'PUT', fault: { kind: 'cut', bytes: 1000 } },
    status: 502,
    why: /S3 has 1000 bytes of 300000/,
    sizes: [small],
  },
  {
    name: 'a part cut short but answered 200',
    rule: { method: 'PUT', includes: 'partNumber=2', fault: { kind: 'cut', bytes: 1000 } },
    status: 502,
    why: /S3 has \d+ bytes of 2000001/,
    sizes: [inParts],
  },
  {
    name: 'a HEAD that tells another size',
    rule: { method: 'HEAD', fault: { kind: 'size', bytes: 17 } },
    status: 502,
    why: /S3 has 17 bytes/,
    sizes: [small, inParts],
  },
  {
    name: 'another ETag',
    rule: { method: 'HEAD', fault: { kind: 'etag', etag: '"0123456789abcdef0123456789abcdef"' } },
    status: 502,
    why: /another ETag \(0123456789abcdef0123456789abcdef\)/,
    sizes: [small, inParts],
  },
  {
    name: 'a HEAD that fails',
    rule: { method: 'HEAD', fault: { kind: 'status', status: 500, code: 'InternalError' } },
    status: 503,
    why: /S3 answered 500/,
    sizes: [small, inParts],
  },
  {
    name: 'a store that never answers',
    rule: { method: 'PUT', fault: { kind: 'stall' } },
    status: 503,
    why: /S3 did not finish within/,
    sizes: [small],
  },
];

/** Each unlink in the log came after an answered HEAD (or read-back) of that key in the proxy's log. */
function expectDeletedAfterConfirm(key: string, deletedAt: number): void {
  const confirm = harness.proxy.log.findLast(
    (entry) =>
      ['HEAD', 'GET'].includes(entry.method) &&
      entry.url.includes(key) &&
      entry.status === 200 &&
      entry.fault === null,
  );
  const answeredAt = confirm?.answeredAt ?? null;
  if (answeredAt === null) throw new Error(`${key} was never confirmed`);
  expect(answeredAt).toBeLessThan(deletedAt);
}

for (const { name, rule, status, why, sizes } of cases) {
  for (const size of sizes) {
    test(`${name} (${size} bytes): the file stays, the row says why, the retry ends well`, async () => {
      const quick = rule.fault.kind === 'stall' ? { requestTimeoutMs: 300, slowestBytesPerSecond: 1e9 } : {};
      const { storage, log, clock, done } = await harness.storage({ settings: quick });
      const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
      await Bun.write(path, someBytes(size));
      const key = `videos/${newId()}.mp4`;
      const row = async () => (await harness.rows()).find((candidate) => candidate.key === key);

      await harness.proxy.inject(rule);
      const storing = storage.storeFiles({
        files: [{ path, key, contentType: 'video/mp4' }],
        completion: 'remember',
        arguments: {},
      });
      const thrown: unknown = await storing.catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'UploadFailed', status, retryable: true });
      expect(String(thrown)).toContain('It is kept on this machine and will be retried');
      expect(await Bun.file(path).exists()).toBe(true);
      expect(await row()).toMatchObject({ state: 'pending', lastError: expect.stringMatching(why) });
      expect((await row())?.attempts).toBeGreaterThan(0);
      expect(done).toEqual([]);
      expect(log.lines.map((line) => line.event)).toContain('upload_failed');

      // Not due yet: left alone.
      expect(await storage.sweep()).toMatchObject({ batchesCompleted: 0, batchesPending: 0 });
      // Due and still failing: stays.
      clock.advance(3_600_000);
      expect(await storage.sweep()).toMatchObject({ batchesCompleted: 0, batchesPending: 1 });
      expect(await Bun.file(path).exists()).toBe(true);

      await harness.proxy.heal();
      clock.advance(3_600_000);
      expect(await storage.sweep()).toMatchObject({
        batchesCompleted: 1,
        filesDeleted: 1,
        bytesFreed: size,
        problems: [],
      });
      expect(await Bun.file(path).exists()).toBe(false);
      expect(await row()).toMatchObject({ state: 'deleted', lastError: null });
      expect(done).toEqual([{ key, args: {} }]);
      const deleted = log.lines.filter((line) => line.event === 'local_file_deleted');
      expect(deleted).toHaveLength(1);
      expectDeletedAfterConfirm(key, deleted[0]?.at ?? 0);
    });
  }
}

test('one fault is mended within the call', async () => {
  const { storage, done } = await harness.storage();
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(small));
  await harness.proxy.inject({
    method: 'PUT',
    times: 1,
    fault: { kind: 'status', status: 503, code: 'SlowDown' },
  });
  const files = [{ path, key: `videos/${newId()}.mp4`, contentType: 'video/mp4' }];
  await storage.storeFiles({ files, completion: 'remember', arguments: {} });
  expect(done).toHaveLength(1);
  expect(await Bun.file(path).exists()).toBe(false);
});

test('a slow store is waited for', async () => {
  const { storage } = await harness.storage();
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(small));
  const key = `videos/${newId()}.mp4`;
  await harness.proxy.inject({ includes: key, fault: { kind: 'slow', milliseconds: 200 } });
  const files = [{ path, key, contentType: 'video/mp4' }];
  await storage.storeFiles({ files, completion: 'remember', arguments: {} });
  expect(harness.proxy.log.filter((entry) => entry.url.includes(key)).map((entry) => entry.method)).toEqual([
    'PUT',
    'HEAD',
  ]);
});

test('a failed multipart upload is aborted: nothing of it stays in the store', async () => {
  const { storage } = await harness.storage();
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(inParts));
  const key = `videos/${newId()}.mp4`;
  await harness.proxy.inject({
    includes: 'partNumber=2',
    fault: { kind: 'status', status: 400, code: 'BadDigest' },
  });
  const storing = storage.storeFiles({
    files: [{ path, key, contentType: 'video/mp4' }],
    completion: 'remember',
    arguments: {},
  });
  expect(((await storing.catch((error: unknown) => error)) as Error).message).toContain('BadDigest');
  const aborts = harness.proxy.log.filter((entry) => entry.method === 'DELETE' && entry.url.includes(key));
  expect(aborts.length).toBeGreaterThan(0);
  expect(aborts.every((entry) => entry.status === 204)).toBe(true);
  await harness.proxy.heal();
  await storage.sweep({ ignoreBackOff: true });
  expect(await Bun.file(path).exists()).toBe(false);
});

test('a store that tells no ETag has the object read back', async () => {
  const { storage, log } = await harness.storage();
  const path = join(storage.mediaRoot, 'videos', `${newId()}.mp4`);
  await Bun.write(path, someBytes(small));
  const key = `videos/${newId()}.mp4`;
  await harness.proxy.inject({ method: 'HEAD', fault: { kind: 'etag', etag: null } });
  await storage.storeFiles({
    files: [{ path, key, contentType: 'video/mp4' }],
    completion: 'remember',
    arguments: {},
  });
  const reads = harness.proxy.log.filter((entry) => entry.method === 'GET' && entry.url.includes(key));
  expect(reads).toHaveLength(1);
  expectDeletedAfterConfirm(key, log.lines.find((line) => line.event === 'local_file_deleted')?.at ?? 0);
});
