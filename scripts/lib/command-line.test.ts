import { expect, test } from 'bun:test';
import { join } from 'node:path';
import packageFile from '../../package.json';
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

test('--version prints the version and does no work', async () => {
  for (const name of ['start.ts', 'doctor.ts']) {
    const command = join(import.meta.dir, '..', name);
    // With this address any work would fail at once.
    const run = Bun.spawn([process.execPath, command, '--version'], {
      env: { ...process.env, DATABASE_URL: 'mysql://nobody@127.0.0.1:1/none' },
      stdout: 'pipe',
      stderr: 'pipe',
    });
    const [printed, errors] = await Promise.all([run.stdout.text(), run.stderr.text()]);
    expect({ name, printed, errors, code: await run.exited }).toEqual({
      name,
      printed: `Songreel ${packageFile.version}\n`,
      errors: '',
      code: 0,
    });
  }
});

test('passwords of addresses are left out of what is printed', () => {
  expect(
    withoutPasswords('TypeError: "postgres://me:p@ss/w rd@host/db" cannot be parsed\n  at http://x:1/'),
  ).toBe('TypeError: "postgres://me:…@host/db" cannot be parsed\n  at http://x:1/');
});
