import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '../api/shared/errors';
import { fuzzApi } from '../api/test/fuzz/api.fuzz';
import { fuzzMedia } from '../api/test/fuzz/media.fuzz';
import { runCommand } from './lib/command-line';

const usage = `bun run fuzz -- media|api [--count N] [--seed N] [--lanes N] [--minutes N]
  media: damaged files through the upload path; api: requests made of /openapi.json.`;

/** Files and requests that made a problem are kept here, ignored by git. */
const findings = join(import.meta.dir, '..', '.cache', 'fuzz');

/** Ends with 1 when anything went wrong that must not. */
await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      lanes: { type: 'string', default: '6' },
      minutes: { type: 'string', default: '600' },
    },
  });
  const number = (name: 'count' | 'seed' | 'lanes' | 'minutes') => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new AppError({
      code: 'BadArguments',
      message: `--${name} must be a whole number.\n${usage}`,
    });
  };
  const options = {
    seed: number('seed'),
    count: number('count'),
    lanes: number('lanes'),
    lengthMs: number('minutes') * 60_000,
    tell: console.log,
  };
  const [what] = positionals;
  if (what !== 'media' && what !== 'api') throw new AppError({ code: 'BadArguments', message: usage });
  await mkdir(findings, { recursive: true });
  const keep = (name: string, bytes: Uint8Array) => Bun.write(join(findings, name), bytes);
  const report = what === 'media' ? await fuzzMedia({ ...options, keep }) : await fuzzApi(options);
  console.log(JSON.stringify(report, null, 2));
  // The database of tests stays open until its process ends.
  process.exit(report.problems.length === 0 ? 0 : 1);
});
