import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { withoutPasswords } from './command-line';

test('options that a command does not have are told in one line', async () => {
  const command = join(import.meta.dir, '..', 'lipsync.ts');
  for (const option of ['--nonsense', '--video']) {
    const run = Bun.spawn([process.execPath, command, option], { stdout: 'pipe', stderr: 'pipe' });
    const said = await run.stderr.text();
    expect(await run.exited).toBe(1);
    expect(said).toMatch(new RegExp(`^BadUsage: .*${option}[^\\n]*\\n$`));
  }
});

test('passwords of addresses are left out of what is printed', () => {
  expect(
    withoutPasswords('TypeError: "postgres://me:p@ss/w rd@host/db" cannot be parsed\n  at http://x:1/'),
  ).toBe('TypeError: "postgres://me:…@host/db" cannot be parsed\n  at http://x:1/');
});
