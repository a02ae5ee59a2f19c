import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '../api/shared/errors';
import { type ChaosReport, runChaos } from '../api/test/chaos/chaos.run';
import { runCommand } from './lib/command-line';

const usage = `bun run test:chaos -- [--seed N] [--minutes M] [--storm seconds] [--log file]
  Breaks a studio of real processes in the way the seed says, and looks at what must hold.`;

/** Ends with 1 when anything did not hold. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      minutes: { type: 'string', default: '5' },
      storm: { type: 'string', default: '45' },
      people: { type: 'string', default: '5' },
      log: { type: 'string' },
    },
  });
  const number = (name: 'seed' | 'minutes' | 'storm' | 'people') => {
    const value = Number(values[name]);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new AppError({
      code: 'BadArguments',
      status: 400,
      message: `--${name} must be a number.\n${usage}`,
    });
  };
  const { log } = values;
  const pending: string[] = [];
  const report = await runChaos({
    seed: number('seed'),
    lengthMs: number('minutes') * 60_000,
    stormMs: number('storm') * 1000,
    people: number('people'),
    workers: 3,
    longQuiets: true,
    tell: console.log,
    ...(log === undefined
      ? {}
      : {
          onLine(machine, line) {
            pending.push(JSON.stringify({ at: new Date().toISOString(), machine, ...line }));
            if (pending.length > 200) void appendFile(log, `${pending.splice(0).join('\n')}\n`);
          },
        }),
  });
  if (log !== undefined) await appendFile(log, `${pending.join('\n')}\n`);
  console.log(summary(report));
  return report.violations.length === 0 ? 0 : 1;
});

function summary(report: ChaosReport): string {
  const table = (counts: Record<string, number>) =>
    Object.entries(counts)
      .map(([name, count]) => `  ${String(count).padStart(7)}  ${name}`)
      .join('\n');
  const checks = Object.entries(report.checks).map(
    ([name, { looks, things }]) => `  ${String(looks).padStart(7)}  ${name} (${things} things)`,
  );
  const violations = report.violations.map(
    ({ invariant, what, storm, at }) => `  ${invariant}: ${what} (storm ${storm}, ${at})`,
  );
  return [
    `\nseed ${report.seed}, ${report.seconds.toFixed(0)} s, ${report.storms} storms`,
    `blows:\n${table(report.blows)}`,
    `S3: ${report.s3Requests} requests, ${report.s3Faults} of them failed on purpose`,
    `uploads acknowledged: ${report.uploadsAcknowledged}; takes at the end: ${report.takes}; failed starts: ${report.failedStarts}`,
    `jobs at the end:\n${table(report.jobs)}`,
    `answers:\n${table(report.answers)}`,
    `checks:\n${checks.join('\n')}`,
    `violations: ${report.violations.length}\n${violations.join('\n')}`,
  ].join('\n');
}
