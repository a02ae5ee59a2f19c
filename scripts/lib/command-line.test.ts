import { expect, test } from 'bun:test';
import { join } from 'node:path';

test('options that a command does not have are told in one line', async () => {
  const command = join(import.meta.dir, '..', 'lipsync.ts');
  for (const option of ['--nonsense', '--video']) {
    const run = Bun.spawn([process.execPath, command, option], { stdout: 'pipe', stderr: 'pipe' });
    const said = await run.stderr.text();
    expect(await run.exited).toBe(1);
    expect(said).toMatch(new RegExp(`^BadUsage: .*${option}[^\\n]*\\n$`));
  }
});
