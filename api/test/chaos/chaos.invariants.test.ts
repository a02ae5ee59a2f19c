import { expect, test } from 'bun:test';
import { createRandom } from '../../shared/random';
import {
  deletedFilesAreStored,
  filesStayUntilConfirmed,
  memoryIsFlat,
  nothingIsStuck,
  quietInvariants,
} from './chaos.invariants';
import { blowKinds, planStorm } from './chaos.plan';
import type { ActiveJob, MemorySample, QuietFacts, TakeFact } from './chaos.types';

const take = (own: Partial<TakeFact>): TakeFact => ({
  id: 'original',
  sceneId: 'scene',
  kind: 'original',
  parentId: null,
  key: 'take.mp4',
  sha256: 'a',
  frames: 10,
  trimIn: null,
  trimOut: null,
  speed: null,
  sourceFrames: null,
  audioStart: null,
  audioEnd: null,
  ...own,
});

const trimmed = (own: Partial<TakeFact>) =>
  take({ id: 'trim', kind: 'trimmed', parentId: 'original', trimIn: 0, ...own });

/** A studio in which one clip was uploaded and lip-synced, and all is well. */
const good = (): QuietFacts => ({
  acknowledged: [
    { jobId: 'job', projectId: 'project', sceneId: 'scene', kind: 'upload_clip', sha256: 's', at: 'then' },
  ],
  jobs: [
    {
      id: 'job',
      kind: 'upload_clip',
      state: 'succeeded',
      projectId: 'project',
      sceneId: 'scene',
      stage: 'done',
      attempt: 1,
      provider: null,
      errorCode: null,
      errorMessage: null,
      sourceKey: 'source.mp4',
    },
  ],
  stored: [
    {
      what: 'take',
      id: 'original',
      projectId: 'project',
      sceneId: 'scene',
      jobId: 'job',
      key: 'take.mp4',
      sha256: 'a',
    },
  ],
  objects: new Map([
    ['take.mp4', 'a'],
    ['source.mp4', 's'],
    ['synced.mp4', 'b'],
  ]),
  takes: [
    take({}),
    take({ id: 'synced', kind: 'lipsynced', parentId: 'original', key: 'synced.mp4', sha256: 'b' }),
  ],
  takesBefore: [take({})],
  scenes: [
    {
      id: 'scene',
      projectId: 'project',
      sequence: 1,
      startFrame: 0,
      frames: 10,
      currentTakeId: 'synced',
      originalTakeId: 'original',
    },
  ],
  compositions: [{ id: 'video', key: 'final.mp4', frames: 10, timeline: [{ takeId: 'synced', frames: 10 }] }],
  framesInFile: new Map([
    ['take.mp4', 10],
    ['final.mp4', 10],
  ]),
  originals: new Map([['original', { sha256: 'a' }]]),
  deletionAsked: new Set(),
  filesLeft: [],
  processesLeft: [],
  activeJobs: [],
  unknownObjects: [],
  paidCreates: [{ provider: 'sync', id: 'remote', charged: true }],
  ledger: [
    { id: 'call', jobId: 'paid', provider: 'sync', remoteId: 'remote', number: 1, state: 'succeeded' },
  ],
  leaks: [],
  retried: [],
});

const broken = (facts: Partial<QuietFacts>): string[] =>
  Object.entries(quietInvariants).flatMap(([name, check]) =>
    check({ ...good(), ...facts }).length > 0 ? [name] : [],
  );

const active: ActiveJob = {
  id: 'job',
  kind: 'trim',
  state: 'running',
  idleSeconds: 5,
  entryState: 'active',
  wasQueued: true,
  heartbeatSeconds: 2,
  waitsForFiles: false,
};

test('nothing is wrong with a studio in which all is well', () => {
  expect(broken({})).toEqual([]);
});

test('a trimmed take may show less of its clip than it is long: slowed, or held where the clip ends', () => {
  const { takes } = good();
  for (const fitted of [
    trimmed({ trimOut: 10 }),
    trimmed({ trimOut: 5, speed: 0.5 }),
    trimmed({ trimIn: 7, trimOut: 10 }),
  ]) {
    expect(broken({ takes: [...takes, fitted] })).toEqual([]);
  }
});

test('each invariant says so when it does not hold, and no other does', () => {
  const { jobs, takes, scenes, compositions, acknowledged, ledger } = good();
  const cases: [string, Partial<QuietFacts>][] = [
    ['acknowledged-uploads-are-kept', { jobs: [] }],
    ['acknowledged-uploads-are-kept', { acknowledged: acknowledged.map((one) => ({ ...one, sha256: 'x' })) }],
    [
      'acknowledged-uploads-are-kept',
      { jobs: jobs.map((job) => ({ ...job, state: 'failed', errorCode: 'UploadLost' })) },
    ],
    ['takes-never-vanish', { takesBefore: [take({ id: 'gone' })] }],
    ['takes-never-vanish', { takesBefore: [take({ key: 'other.mp4' })] }],
    ['originals-are-reachable', { originals: new Map([['original', { error: '404' }]]) }],
    ['originals-are-reachable', { originals: new Map([['original', { sha256: 'x' }]]) }],
    ['originals-are-reachable', { scenes: scenes.map((scene) => ({ ...scene, originalTakeId: 'other' })) }],
    ['frames-add-up', { scenes: scenes.map((scene) => ({ ...scene, startFrame: 1 })) }],
    ['frames-add-up', { framesInFile: new Map([['take.mp4', 9]]) }],
    ['frames-add-up', { compositions: compositions.map((video) => ({ ...video, frames: 9 })) }],
    ['frames-add-up', { takes: [...takes, trimmed({ trimOut: 9 })] }],
    ['frames-add-up', { takes: [...takes, trimmed({ trimOut: 10, speed: 0.5 })] }],
    ['frames-add-up', { takes: [...takes, trimmed({ trimIn: 5, trimOut: 9 })] }],
    ['every-job-ends', { activeJobs: [active] }],
    ['no-file-is-left', { filesLeft: [{ machine: 'api', path: 'uploads/x', reason: null }] }],
    ['no-process-is-left', { processesLeft: ['ffmpeg'] }],
    ['every-object-is-known', { unknownObjects: ['videos/x.mp4'] }],
    ['secrets-stay-home', { leaks: ['/output'] }],
    [
      'one-create-per-paid-job',
      { paidCreates: [...good().paidCreates, { provider: 'sync', id: 'second', charged: true }] },
    ],
    [
      'one-create-per-paid-job',
      { ledger: [...ledger, ...ledger.map((call) => ({ ...call, remoteId: 'second', number: 2 }))] },
    ],
    [
      'retries-succeed',
      { retried: [{ jobId: 'job', kind: 'trim', firstError: 'x', state: 'failed', error: 'x' }] },
    ],
  ];
  for (const [name, facts] of cases) expect([name, broken(facts)]).toEqual([name, [name]]);
  // An object that is missing or other than its row says is missed by more than one.
  expect(broken({ objects: new Map() })).toContain('takes-are-stored');
  const objects = new Map(good().objects).set('take.mp4', 'x');
  expect(broken({ objects })).toEqual(['takes-are-stored']);
});

test('what people deleted, canceled or were told of is no violation', () => {
  expect(broken({ jobs: [], deletionAsked: new Set(['project']) })).toEqual([]);
  expect(
    broken({ jobs: good().jobs.map((job) => ({ ...job, state: 'canceled' })), objects: good().objects }),
  ).toEqual([]);
  expect(broken({ filesLeft: [{ machine: 'api', path: 'x', reason: 'given up' }] })).toEqual([]);
  const lost = { id: 'lost', jobId: 'other', provider: 'sync', remoteId: null, number: 1, state: 'unknown' };
  expect(
    broken({
      paidCreates: [...good().paidCreates, { provider: 'sync', id: 'second', charged: true }],
      ledger: [...good().ledger, lost],
    }),
  ).toEqual([]);
});

test('while all breaks: files, deleted files and dead workers', () => {
  const upload = { id: 'u', state: 'pending', path: 'jobs/x', machine: 'api', fileExists: true };
  expect(filesStayUntilConfirmed([upload, { ...upload, state: 'confirmed', fileExists: false }])).toEqual([]);
  expect(filesStayUntilConfirmed([{ ...upload, fileExists: false }])).toHaveLength(1);
  const file = { machine: 'api', path: 'x', key: 'k', bytes: 1, stored: 'same' as const };
  expect(deletedFilesAreStored([file])).toEqual([]);
  expect(deletedFilesAreStored([{ ...file, stored: 'missing' }])).toHaveLength(1);

  expect(nothingIsStuck([active], 600)).toEqual([]);
  expect(nothingIsStuck([{ ...active, heartbeatSeconds: 60 }], 600)).toHaveLength(1);
  // The database came back a moment ago: nobody could have seen to it.
  expect(nothingIsStuck([{ ...active, heartbeatSeconds: 60 }], 5)).toEqual([]);
  const orphan = { ...active, state: 'queued', entryState: null, heartbeatSeconds: null, idleSeconds: 400 };
  expect(nothingIsStuck([orphan], 600)).toHaveLength(1);
  expect(nothingIsStuck([{ ...orphan, waitsForFiles: true }], 600)).toEqual([]);
  // One that was queued is queued again soon; one that never was is given up after two minutes.
  expect(nothingIsStuck([{ ...orphan, idleSeconds: 100 }], 600)).toHaveLength(1);
  expect(nothingIsStuck([{ ...orphan, idleSeconds: 100, wasQueued: false }], 600)).toEqual([]);
});

test('memory that goes up and down is flat, memory that only goes up is not', () => {
  const life = (mebibytes: (second: number) => number): MemorySample[] =>
    Array.from({ length: 100 }, (_, index) => ({
      process: 'api',
      pid: 1,
      ageSeconds: index * 4,
      mebibytes: mebibytes(index * 4),
    }));
  expect(memoryIsFlat(life((second) => 200 + (second % 60)))).toEqual([]);
  expect(memoryIsFlat(life((second) => 200 + second))).toHaveLength(1);
  expect(memoryIsFlat(life((second) => (second === 200 ? 2000 : 200)))).toHaveLength(1);
});

test('the same seed plans the same storm', () => {
  const plan = (seed: number) =>
    planStorm(createRandom(seed), {
      lengthMs: 60_000,
      processes: ['api', 'worker-1', 'worker-2'],
      workers: ['worker-1', 'worker-2'],
      spared: 'api',
    });
  expect(plan(1)).toEqual(plan(1));
  expect(plan(1)).not.toEqual(plan(2));
  const kinds = new Set([1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => plan(seed).map((blow) => blow.kind)));
  expect([...kinds].sort()).toEqual([...blowKinds].sort());
  expect(plan(1).some((blow) => blow.kind === 'kill' && blow.target === 'api')).toBe(false);
});
