import { join } from 'node:path';
import { settings } from '../api/config';
import { providers } from '../api/providers/provider.list';
import { runCommand } from './lib/command-line';
import { jobKindsFile, providerNamesFile, readJobKinds, withSettingsTable } from './lib/generated';

const root = join(import.meta.dir, '..');

/** Writes what follows from the code: names of providers and kinds of jobs in the contract, the README's table of settings. */
await runCommand(async () => {
  const readme = join(root, 'README.md');
  await Bun.write(join(root, 'api/contract/provider.names.ts'), providerNamesFile(providers));
  const kinds = await readJobKinds(join(root, 'api/features'));
  await Bun.write(join(root, 'api/contract/job.kinds.ts'), jobKindsFile(kinds));
  await Bun.write(readme, withSettingsTable(await Bun.file(readme).text(), settings));
  return 0;
});
