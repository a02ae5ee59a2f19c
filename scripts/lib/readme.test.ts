import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { settings } from '../../api/config';
import packageFile from '../../package.json';

const readme = await Bun.file(join(import.meta.dir, '..', '..', 'README.md')).text();

test('the README tells every setting as the code has it', () => {
  for (const [name, { doc }] of Object.entries(settings)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\` |`));
    expect({ name, row }).toEqual({ name, row: expect.stringContaining(doc) });
  }
});

test('every command in the README exists', () => {
  const commands = [...readme.matchAll(/`(?:npx --yes bun@[\d.]+|bun) run ([a-z]+)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) expect(Object.keys(packageFile.scripts)).toContain(command);
});
