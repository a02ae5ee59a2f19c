import { type Blow, blowKinds } from './chaos.plan';
import type { Violation } from './chaos.types';

/** What a run did and found. */
export type ChaosReport = {
  seed: number;
  seconds: number;
  storms: number;
  /** Seconds of storm; the rest was healing and looking. */
  stormSeconds: number;
  /** Blows that met something. */
  blows: Record<Blow['kind'], number>;
  /** Requests to S3 that were failed, and requests in all. */
  s3Faults: number;
  s3Requests: number;
  /** Calls to vendors and downloads of results that were failed. */
  providerFaults: number;
  /** Jobs at the end by kind, state and error. */
  jobs: Record<string, number>;
  /** Jobs that had succeeded when a storm ended, before anything was healed. */
  succeededInStorms: number;
  uploadsAcknowledged: number;
  takes: number;
  /** How often each invariant was looked at, over how many things. */
  checks: Record<string, { looks: number; things: number }>;
  violations: (Violation & { storm: number; at: string })[];
  /** Starts that failed because the database or the store was away. */
  failedStarts: number;
  answers: Record<string, number>;
};

export const newReport = (seed: number): ChaosReport => ({
  seed,
  seconds: 0,
  storms: 0,
  stormSeconds: 0,
  blows: {
    kill: 0,
    terminate: 0,
    stop: 0,
    'lose-disk': 0,
    'kill-program': 0,
    postgres: 0,
    'kill-store': 0,
    's3-fault': 0,
    's3-outage': 0,
    'provider-fault': 0,
  },
  s3Faults: 0,
  s3Requests: 0,
  providerFaults: 0,
  jobs: {},
  succeededInStorms: 0,
  uploadsAcknowledged: 0,
  takes: 0,
  checks: {},
  violations: [],
  failedStarts: 0,
  answers: {},
});

/** `kill -9` of the studio's own processes, also of those that were just starting. */
export const killsOf = ({ blows }: ChaosReport): number => blows.kill + blows['lose-disk'];

/** Everything that failed on purpose and was no kill of a studio's process, by what it was. */
export const faultsOf = (report: ChaosReport): Record<string, number> => ({
  'requests to S3 failed': report.s3Faults,
  'outages of S3': report.blows['s3-outage'],
  'kills of the store': report.blows['kill-store'],
  'calls to vendors failed': report.providerFaults,
  'restarts and crashes of PostgreSQL': report.blows.postgres,
  'processes stopped for a while': report.blows.stop,
  'processes told to end': report.blows.terminate,
  'programs of jobs killed': report.blows['kill-program'],
});

export const totalFaults = (report: ChaosReport): number =>
  Object.values(faultsOf(report)).reduce((sum, count) => sum + count, 0);

/** One line about a run so far. */
export const progressLine = (report: ChaosReport): string =>
  `storm ${report.storms}: ${killsOf(report)} kills, ${totalFaults(report)} faults, ` +
  `${report.uploadsAcknowledged} uploads, ${report.takes} takes, ` +
  `${report.succeededInStorms} jobs done in storms, ${report.violations.length} violations`;

/** The whole report, to be read. */
export function summary(report: ChaosReport): string {
  const rows = (counts: Record<string, number>) =>
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
    `\nseed ${report.seed}, ${report.seconds.toFixed(0)} s, ${report.storms} storms of ${report.stormSeconds.toFixed(0)} s in all`,
    `kills (-9) of processes: ${killsOf(report)}`,
    `faults: ${totalFaults(report)}\n${rows(faultsOf(report))}`,
    `S3: ${report.s3Requests} requests, ${report.s3Faults} of them failed on purpose`,
    `blows planned by the seed that met something:\n${rows(Object.fromEntries(blowKinds.map((kind) => [kind, report.blows[kind]])))}`,
    `uploads acknowledged: ${report.uploadsAcknowledged}; takes at the end: ${report.takes}; failed starts: ${report.failedStarts}`,
    `jobs that succeeded while things broke: ${report.succeededInStorms}`,
    `jobs at the end:\n${rows(report.jobs)}`,
    `answers:\n${rows(report.answers)}`,
    `checks:\n${checks.join('\n')}`,
    `violations: ${report.violations.length}\n${violations.join('\n')}`,
  ].join('\n');
}
