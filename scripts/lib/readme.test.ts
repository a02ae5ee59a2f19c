import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { settings } from '../../api/config';
import { providers } from '../../api/providers/provider.list';
import packageFile from '../../package.json';
import { jobKindsFile, providerNamesFile, readJobKinds, withSettingsTable } from './generated';

const readme = await Bun.file(join(import.meta.dir, '..', '..', 'README.md')).text();

test('the README tells every setting as the code has it (else: bun run generate)', () => {
  expect(withSettingsTable(readme, settings)).toBe(readme);
});

test('the contract names every provider as the code has it (else: bun run generate)', async () => {
  const names = await Bun.file(join(import.meta.dir, '../../api/contract/provider.names.ts')).text();
  expect(providerNamesFile(providers)).toBe(names);
});

test('the contract names every kind of job as the code has it (else: bun run generate)', async () => {
  const api = join(import.meta.dir, '../../api');
  const file = await Bun.file(join(api, 'contract/job.kinds.ts')).text();
  expect(jobKindsFile(await readJobKinds(join(api, 'features')))).toBe(file);
});

test('every command in the README exists', () => {
  const commands = [...readme.matchAll(/`(?:npx --yes bun@[\d.]+|bun) run ([a-z]+)/g)].map(
    (match) => match[1] ?? '',
  );
  expect(commands.length).toBeGreaterThan(8);
  for (const command of commands) expect(Object.keys(packageFile.scripts)).toContain(command);
});
