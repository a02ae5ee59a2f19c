import { expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from './file-lock';

test('one at a time, also within a process; says so when it takes too long; free after an error', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lock-'));
  const path = join(directory, 'lock');
  const order: string[] = [];
  const release = Promise.withResolvers<void>();
  const first = withFileLock(path, 1000, async () => {
    order.push('first begins');
    await release.promise;
    order.push('first ends');
  });
  await expect(withFileLock(path, 50, async () => order.push('never'))).rejects.toThrow(
    'Another process has held',
  );
  const second = withFileLock(path, 60_000, async () => {
    order.push('second');
    throw new Error('its own');
  });
  release.resolve();
  await first;
  await expect(second).rejects.toThrow('its own');
  expect(await withFileLock(path, 1000, async () => 'third')).toBe('third');
  expect(order).toEqual(['first begins', 'first ends', 'second']);
  await rm(directory, { recursive: true });
});

test('the lock of a process that is killed is free', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lock-'));
  const path = join(directory, 'lock');
  const script = `
    import { withFileLock } from '${import.meta.dir}/file-lock';
    await withFileLock(process.argv[1], 1000, async () => {
      console.log('locked');
      await new Promise((resolve) => setTimeout(resolve, 600_000));
    });`;
  const holder = Bun.spawn([process.execPath, '-e', script, path], { stdout: 'pipe' });
  await holder.stdout.getReader().read();
  await expect(withFileLock(path, 50, async () => 'early')).rejects.toThrow('Another process has held');
  holder.kill('SIGKILL');
  await holder.exited;
  expect(await withFileLock(path, 5000, async () => 'free')).toBe('free');
  await rm(directory, { recursive: true });
});
