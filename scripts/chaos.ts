import { appendFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AppError } from '../api/shared/errors';
import { listenToStopSignals } from '../api/shared/stop-signals';
import { summary } from '../api/test/chaos/chaos.report';
import { runChaos } from '../api/test/chaos/chaos.run';
import { runCommand } from './lib/command-line';

const usage = `bun run test:chaos -- [--seed N] [--minutes M] [--storm seconds] [--quiet seconds] [--people N] [--workers N]
    [--long-quiets no] [--log file]
  Breaks a studio of real processes in the way the seed says, and looks at what must hold. Everything must have ended
  --quiet seconds after a storm; --long-quiets no does not wait for jobs that are given up after two minutes.`;

/** Ends with 1 when anything did not hold. */
await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      minutes: { type: 'string', default: '5' },
      storm: { type: 'string', default: '60' },
      people: { type: 'string', default: '5' },
      workers: { type: 'string', default: '3' },
      quiet: { type: 'string', default: '120' },
      'long-quiets': { type: 'string', default: 'yes' },
      log: { type: 'string' },
    },
  });
  const number = (name: 'seed' | 'minutes' | 'storm' | 'people' | 'workers' | 'quiet') => {
    const value = Number(values[name]);
    if (Number.isFinite(value) && value >= 0) return value;
    throw new AppError({
      code: 'BadArguments',
      message: `--${name} must be a number.\n${usage}`,
    });
  };
  const { log } = values;
  const stopped = new AbortController();
  listenToStopSignals({
    names: ['SIGINT', 'SIGTERM', 'SIGHUP'],
    onStop: (name) => stopped.abort(new Error(`Stopped by ${name}.`)),
  });
  const pending: string[] = [];
  const report = await runChaos({
    seed: number('seed'),
    lengthMs: number('minutes') * 60_000,
    stormMs: number('storm') * 1000,
    people: number('people'),
    workers: number('workers'),
    longQuiets: values['long-quiets'] !== 'no',
    quietWithinMs: number('quiet') * 1000,
    tell: console.log,
    signal: stopped.signal,
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
  if (stopped.signal.aborted) console.log('Stopped before its time.');
  // What a storm still waits for, and connections to processes that are gone, would keep it for minutes.
  process.exit(stopped.signal.aborted ? 130 : report.violations.length === 0 ? 0 : 1);
});
