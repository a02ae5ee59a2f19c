import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError } from '../../api/shared/errors';
import { leaveTestServer } from '../../db/test-database';
import { runCommand } from '../lib/command-line';

type Bench = { run(args: string[]): Promise<void> };

const names = readdirSync(import.meta.dir)
  .filter((name) => name.endsWith('.bench.ts'))
  .map((name) => name.slice(0, -'.bench.ts'.length))
  .sort();

await runCommand(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined) {
    console.log(`bun run bench -- NAME [options], or "all". There are: ${names.join(', ')}`);
    return;
  }
  if (name !== 'all' && !names.includes(name)) {
    throw new AppError({
      code: 'UnknownBenchmark',
      message: `There is no benchmark "${name}". There are: ${names.join(', ')}, all.`,
    });
  }
  try {
    for (const wanted of name === 'all' ? names : [name]) {
      const bench = await load(wanted);
      console.log(`\n# ${wanted}`);
      await bench.run(args);
    }
  } finally {
    await leaveTestServer();
  }
});

async function load(name: string): Promise<Bench> {
  const module: unknown = await import(pathToFileURL(join(import.meta.dir, `${name}.bench.ts`)).href);
  if (isBench(module)) return module;
  throw new AppError({
    code: 'NotABenchmark',
    message: `${name}.bench.ts exports no run(args).`,
  });
}

function isBench(module: unknown): module is Bench {
  return typeof module === 'object' && module !== null && 'run' in module && typeof module.run === 'function';
}
