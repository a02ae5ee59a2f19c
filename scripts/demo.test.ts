import { expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Half a minute alone; a busy machine takes its time.
setDefaultTimeout(240_000);

test('the demo makes its video, checks it, and says where it is', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'songreel-demo-'));
  try {
    const demo = Bun.spawn([process.execPath, join(import.meta.dir, 'demo.ts'), '--once'], {
      env: { ...process.env, PORT: '0', DATA_DIR: directory },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [out, errors, code] = await Promise.all([
      new Response(demo.stdout).text(),
      new Response(demo.stderr).text(),
      demo.exited,
    ]);
    expect({ code, errors: code === 0 ? '' : errors.slice(-2000) }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('Check the final video');
    expect(out).toMatch(/http:\/\/127\.0\.0\.1:\d+\/edit\//);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
