import { join } from 'node:path';
import { runCommand } from './lib/command-line';
import { installedPackages, isAllowed, known } from './lib/licences';

/** Lists the licence of every installed package, and those that nobody has allowed. */
await runCommand(async () => {
  const packages = installedPackages(join(import.meta.dir, '..', 'node_modules'));
  let refused = 0;
  for (const { name, version, licence } of packages) {
    const reason = known[name];
    const allowed = isAllowed(licence) || reason !== undefined;
    if (!allowed) refused += 1;
    console.log(
      `${allowed ? '✓' : '✗'} ${licence.padEnd(18)} ${name} ${version}${reason === undefined ? '' : ` (${reason})`}`,
    );
  }
  console.log(`${packages.length} packages, ${refused} with a licence that is not allowed`);
  return refused === 0 ? 0 : 1;
});
