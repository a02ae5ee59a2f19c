import type { Random } from '../../shared/random';
import type { Fault, Rule } from '../doubles/fault-proxy/fault-proxy.double';

/** What is done to the studio, and when: milliseconds from the beginning of a storm. */
export type Blow = { atMs: number } & (
  | { kind: 'kill'; target: string; downMs: number }
  | { kind: 'terminate'; target: string; downMs: number }
  | { kind: 'stop'; target: string; forMs: number }
  /** The machine never comes back with what it had on its disk. */
  | { kind: 'lose-disk'; target: string }
  | { kind: 'kill-program' }
  | { kind: 'postgres'; how: 'restart' | 'crash' }
  | { kind: 'kill-store' }
  | { kind: 's3-fault'; rule: Rule }
  | { kind: 's3-outage'; forMs: number }
  | { kind: 'provider-fault' }
);

export const blowKinds = [
  'kill',
  'terminate',
  'stop',
  'lose-disk',
  'kill-program',
  'postgres',
  'kill-store',
  's3-fault',
  's3-outage',
  'provider-fault',
] as const satisfies Blow['kind'][];

/** Blows in one minute of storm. 300 kills and 2,000 faults in half an hour are reached with room. */
const perMinute: Record<Blow['kind'], number> = {
  kill: 24,
  terminate: 1,
  stop: 5,
  'lose-disk': 0.15,
  'kill-program': 2,
  postgres: 1,
  'kill-store': 0.7,
  's3-fault': 140,
  's3-outage': 1.2,
  'provider-fault': 60,
};

/** What is down or stopped comes back with the end of the storm. */
const within = (ms: number, atMs: number, lengthMs: number) => Math.max(50, Math.min(ms, lengthMs - atMs));

/** Most often a moment, sometimes longer than a heartbeat (10 s), so that a job has two workers. */
const stopMs = (random: Random) =>
  random.chance(0.3) ? random.between(11_000, 16_000) : random.between(50, 4000);

const s3Faults: [Fault, ...Fault[]] = [
  { kind: 'status', status: 500, code: 'InternalError' },
  { kind: 'status', status: 503, code: 'SlowDown' },
  { kind: 'reset', afterBytes: 0 },
  { kind: 'reset', afterBytes: 700 },
  { kind: 'slow', milliseconds: 400 },
  { kind: 'slow', milliseconds: 2500 },
];
const putFaults: [Fault, ...Fault[]] = [
  { kind: 'cut', bytes: 0 },
  { kind: 'cut', bytes: 1000 },
  { kind: 'etag', etag: null },
];
const headFaults: [Fault, ...Fault[]] = [
  { kind: 'size', bytes: 1 },
  { kind: 'etag', etag: '"00000000000000000000000000000000"' },
  { kind: 'etag', etag: null },
];

function s3Rule(random: Random): Rule {
  const method = random.pick(['PUT', 'PUT', 'HEAD', 'GET', 'DELETE']);
  const own = method === 'PUT' ? putFaults : method === 'HEAD' ? headFaults : null;
  const fault = own !== null && random.chance(0.4) ? random.pick(own) : random.pick(s3Faults);
  return { fault, method, includes: '/songreel/', times: Math.ceil(random.between(0, 3)) };
}

/**
 * The blows of one storm. The same random numbers give the same storm. One process is spared for the
 * whole storm, so that some live long enough for their memory to be judged.
 */
export function planStorm(
  random: Random,
  storm: {
    lengthMs: number;
    processes: [string, ...string[]];
    workers: [string, ...string[]];
    spared: string;
  },
): Blow[] {
  const { lengthMs } = storm;
  const notSpared = storm.processes.filter((name) => name !== storm.spared);
  const [first = storm.processes[0], ...others] = notSpared;
  // Most of the kills go to one of them: the others get something done.
  const victim = random.pick([first, ...others]);
  const target = () => (random.chance(0.5) ? victim : random.pick([first, ...others]));
  const make: Record<Blow['kind'], (atMs: number) => Blow> = {
    kill: (atMs) => {
      const downMs = random.chance(0.85) ? 0 : random.between(200, 5000);
      return { atMs, kind: 'kill', target: target(), downMs: within(downMs, atMs, lengthMs) };
    },
    terminate: (atMs) => ({ atMs, kind: 'terminate', target: target(), downMs: random.between(0, 1000) }),
    stop: (atMs) => ({
      atMs,
      kind: 'stop',
      target: target(),
      forMs: within(stopMs(random), atMs, lengthMs),
    }),
    'lose-disk': (atMs) => ({ atMs, kind: 'lose-disk', target: random.pick(storm.workers) }),
    'kill-program': (atMs) => ({ atMs, kind: 'kill-program' }),
    postgres: (atMs) => ({ atMs, kind: 'postgres', how: random.chance(0.5) ? 'restart' : 'crash' }),
    'kill-store': (atMs) => ({ atMs, kind: 'kill-store' }),
    's3-fault': (atMs) => ({ atMs, kind: 's3-fault', rule: s3Rule(random) }),
    's3-outage': (atMs) => ({
      atMs,
      kind: 's3-outage',
      forMs: within(random.between(300, 5000), atMs, lengthMs),
    }),
    'provider-fault': (atMs) => ({ atMs, kind: 'provider-fault' }),
  };
  const blows = blowKinds.flatMap((kind) => {
    const expected = (perMinute[kind] * lengthMs) / 60_000;
    const drawn = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0);
    // A short storm has a little of everything but what takes the disk of one that has just begun.
    const count = kind === 'lose-disk' ? drawn : Math.max(1, drawn);
    return Array.from({ length: count }, () => make[kind](Math.floor(random.between(0, lengthMs))));
  });
  return blows.sort((a, b) => a.atMs - b.atMs);
}
