import { expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { testTools } from './testing/tools';

setDefaultTimeout(30_000);

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
};

/** A process that runs ffmpeg for a minute and tells its id. */
async function startRunner() {
  const { ffmpegPath } = await testTools();
  const runner = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'testing', 'runner.process.ts'), ffmpegPath],
    {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  for await (const chunk of runner.stdout) {
    const pid = /ffmpeg is (\d+)/.exec(new TextDecoder().decode(chunk))?.[1];
    if (pid !== undefined) return { runner, pid: Number(pid) };
  }
  throw new Error('The runner ended without starting ffmpeg.');
}

test('ffmpeg goes with the process that runs it, however that ends', async () => {
  const { runner, pid } = await startRunner();
  expect(isRunning(pid)).toBe(true);
  runner.kill('SIGKILL');
  await runner.exited;
  const giveUpAt = performance.now() + 5000;
  while (isRunning(pid) && performance.now() < giveUpAt) await Bun.sleep(10);
  const left = isRunning(pid);
  if (left) process.kill(pid, 'SIGKILL');
  expect(left).toBe(false);
});
