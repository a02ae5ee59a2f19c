import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { Ledger } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import { quickPace } from '../../providers/test/quick.pace';
import type { DoubleOutput } from '../doubles/http/output';
import { until } from '../process.harness';
import { type Expected, faultRows, worksOnce } from '../provider-faults/fault.rows';
import { type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { type FaultLine, faultTable } from '../provider-faults/fault.table';
import { killWorkerAndFinish } from '../provider-faults/killed-worker';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

const root = join(import.meta.dir, '..', '..', '..');
const respondAsync = { Prefer: 'respond-async' };
type Name = 'replicate' | 'sync';
/** What both doubles understand. */
type WebhookChange = {
  forged?: boolean;
  duplicate?: boolean;
  timestampOffsetSeconds?: number;
  secret?: string;
};
const labels = { replicate: 'Replicate', sync: 'sync.so' } as const;
/** Each provider has a scene of its own, so that both are tried at once. */
const sceneOf = { replicate: 1, sync: 2 } as const;

let studio: FaultStudio;
let projectId: string;
let good: DoubleOutput;
let short: DoubleOutput;
const lines: FaultLine[] = [];
const clipFile = () => plainClip('faults-25.mp4', { size: '128x128', rate: '25', seconds: 1 });

beforeAll(async () => {
  studio = await startFaultStudio();
  const clip = await clipFile();
  const cut = await plainClip('faults-22.mp4', { size: '128x128', rate: '25', seconds: 0.88 });
  good = { bytes: Bun.file(clip), contentType: 'video/mp4' };
  short = { bytes: Bun.file(cut), contentType: 'video/mp4' };
  projectId = (await studio.api.createProject({ format: { width: 128, height: 128, fps: 25 } })).id;
  await studio.api.uploadSong(projectId, await songFile());
  for (const sequence of Object.values(sceneOf)) {
    await studio.api.addScene(projectId);
    await studio.api.uploadClip(projectId, sequence, clip);
  }
});
afterAll(() => studio.stop());

const scene = async (name: Name): Promise<Scene> => {
  const answer = await studio.ask<Scene>('GET', `/projects/${projectId}/scenes/${sceneOf[name]}`);
  return expectStatus(answer, 200);
};

async function start(name: Name): Promise<Job> {
  const path = `/projects/${projectId}/lipsync/${sceneOf[name]}`;
  return expectStatus(await studio.ask<Job>('POST', path, { provider: name }, respondAsync), 202);
}

const double = (name: Name) => studio[name];
const chargedSince = (name: Name, before: number) =>
  double(name)
    .ledger.slice(before)
    .filter(({ charged }) => charged).length;

/** The text of a job's end for people: its error, or what it made. Ids differ from run to run. */
function seen(job: Job, frames: { received: unknown; needed: number }): string {
  if (job.error !== null) {
    return job.error.message.replace(/\b([a-z0-9]{26}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\b/g, '(id)');
  }
  const { received, needed } = frames;
  return received === needed
    ? 'The scene is lip-synced.'
    : `The scene is lip-synced; ${received} of ${needed} frames came, the last one is held.`;
}

/** Checks a job that has ended and writes its line. */
async function conclude(of: {
  fault: string;
  name: Name;
  job: Job;
  before: { takeId: string | undefined; creates: number };
  expected: Expected;
  /** What is seen, when it is not only the job's end. */
  sees?: string;
}): Promise<void> {
  const { fault, name, job, before, expected } = of;
  const { currentTake, lastError } = await scene(name);
  const { body: ledger } = await studio.ask<Ledger>('GET', `/projects/${projectId}/ledger`);
  const calls = ledger.entries.filter(({ jobId }) => jobId === job.id);
  const charged = chargedSince(name, before.creates);
  expect({ fault, name, code: job.error?.code ?? null, charged, call: calls.at(-1)?.state }).toEqual({
    fault,
    name,
    ...expected,
  });
  expect(double(name).ledger.length - before.creates).toBeLessThanOrEqual(1);
  if (job.error === null) {
    expect(job).toMatchObject({ state: 'succeeded', charged: 'yes', provider: name });
    expect(job.costUsd).toBeGreaterThan(0);
    expect(currentTake).toMatchObject({ kind: 'lipsynced', frames: 25 });
    expect(currentTake?.id).not.toBe(before.takeId);
  } else {
    expect(job.state).toBe('failed');
    expect(currentTake?.id).toBe(before.takeId);
    expect(lastError).toMatchObject({ jobId: job.id, message: job.error.message });
    // What happened, whether it was charged, what to do.
    expect(job.error.message).toMatch(/^.+\. (Nothing|It) (was|may have been) charged\. .+\.$/);
    expect(job.error.details).toMatchObject({ provider: name, charged: job.charged ?? '' });
  }
  lines.push({
    fault,
    provider: labels[name],
    sees: of.sees ?? seen(job, { received: job.result?.['receivedFrames'], needed: 25 }),
    charged,
    after: `job ${job.state}, call ${calls.at(-1)?.state}, take ${currentTake?.id === before.takeId ? 'unchanged' : 'new'}`,
  });
}

async function before(name: Name) {
  return { takeId: (await scene(name)).currentTake?.id, creates: double(name).ledger.length };
}

const done = { replicate: 'succeeded', sync: 'COMPLETED' } as const;

/** A job that was asked after once and now waits for word or the next poll, a minute later. */
async function waiting(name: Name): Promise<{ job: Job; id: string }> {
  const nth = double(name).ledger.length + 1;
  studio[name].script({ by: 'advance', output: good });
  const job = await start(name);
  const { id } = await double(name).awaitCreate(nth);
  // The provider's own stage: it is told in the same moment as the wait begins.
  await until(
    'the job waits for word',
    async () => (await studio.job(job.id)).stage === 'queued-at-provider',
  );
  return { job, id };
}
const isRunning = async (job: Job) => (await studio.job(job.id)).state === 'running';

/** Tells a double what its next create meets and how the job goes that comes of it, if one does. */
function prepare<Script extends object, Fault>(
  at: { script(script: Script): unknown; failCreates(fault: Fault): unknown },
  { course, expected }: { course: Script & { create?: Fault }; expected: Expected },
): void {
  const { create } = course;
  if (expected.call !== 'refused' && expected.call !== 'unknown') at.script(course);
  if (create !== undefined) at.failCreates(create);
}

describe('faults of calls and results', () => {
  for (const row of faultRows(
    { bytes: new Uint8Array(), contentType: '' },
    { bytes: new Uint8Array(), contentType: '' },
  )) {
    test(row.fault, async () => {
      const real = faultRows(good, short).find(({ fault }) => fault === row.fault);
      const run = async (name: Name) => {
        const side = real?.[name];
        if (side === null || side === undefined) return;
        const state = await before(name);
        if (name === 'replicate' && real?.replicate) prepare(studio.replicate, real.replicate);
        if (name === 'sync' && real?.sync) prepare(studio.sync, real.sync);
        const job = await studio.ended((await start(name)).id);
        await conclude({ fault: row.fault, name, job, before: state, expected: side.expected });
      };
      const runs = await Promise.allSettled([run('replicate'), run('sync')]);
      for (const one of runs) if (one.status === 'rejected') throw one.reason;
    });
  }
});

describe('webhooks', () => {
  beforeAll(() => {
    // Polls come so seldom that only a webhook can have ended a job.
    Object.assign(studio.pace, { firstPoll: 60_000, slowestPoll: 60_000 });
  });
  afterAll(() => void Object.assign(studio.pace, quickPace));

  type Sent = { status: number; repeated: unknown };
  const send = async (name: Name, id: string, change: WebhookChange = {}): Promise<Sent> => {
    const response = await double(name).sendWebhook(id, change);
    const body: unknown = await response.json();
    studio.written.push(JSON.stringify(body));
    const repeated = typeof body === 'object' && body !== null && 'repeated' in body ? body.repeated : null;
    return { status: response.status, repeated };
  };
  const taken: Sent = { status: 200, repeated: false };
  const repeated: Sent = { status: 200, repeated: true };
  const refusedWebhook: Sent = { status: 401, repeated: null };
  /** What happens to a webhook, and what people see of it. */
  const rows: { fault: string; sees: string; meet(name: Name, job: Job, id: string): Promise<void> }[] = [
    {
      fault: 'webhook forged',
      sees: 'Refused with 401; nothing happens. The genuine one is taken.',
      async meet(name, job, id) {
        await studio[name].finish(id, done[name]);
        expect(await send(name, id, { forged: true })).toEqual(refusedWebhook);
        expect(await send(name, id, { secret: `whsec_${btoa('another secret')}` })).toEqual(refusedWebhook);
        expect(await isRunning(job)).toBe(true);
        expect(await send(name, id)).toEqual(taken);
      },
    },
    {
      fault: 'webhook replayed',
      sees: 'An old one (signed ten minutes ago) is refused with 401; nothing happens.',
      async meet(name, job, id) {
        await studio[name].finish(id, done[name]);
        expect(await send(name, id, { timestampOffsetSeconds: -600 })).toEqual(refusedWebhook);
        expect(await isRunning(job)).toBe(true);
        expect(await send(name, id)).toEqual(taken);
      },
    },
    {
      fault: 'webhook early',
      sees: 'Taken; the provider is asked, the job is not done there, and goes on.',
      async meet(name, job, id) {
        const asked = double(name).requests.length;
        expect(await send(name, id)).toEqual(taken);
        await double(name).awaitRequest(({ path }) => path.endsWith(id), 2);
        expect(double(name).requests.length).toBeGreaterThan(asked);
        expect(await isRunning(job)).toBe(true);
        await studio[name].finish(id, done[name]);
        expect(await send(name, id)).toEqual(taken);
      },
    },
    {
      fault: 'webhook duplicated',
      sees: 'The second is answered and does nothing.',
      async meet(name, _job, id) {
        await studio[name].finish(id, done[name]);
        expect(await send(name, id, { duplicate: true })).toEqual(repeated);
      },
    },
    {
      fault: 'webhook late',
      sees: 'Taken after the job’s end; it changes nothing.',
      async meet(name, job, id) {
        await studio[name].finish(id, done[name]);
        expect(await send(name, id)).toEqual(taken);
        const { state, updatedAt } = await studio.ended(job.id);
        await studio[name].finish(id, done[name]);
        expect((await send(name, id, { timestampOffsetSeconds: 1 })).status).toBe(200);
        expect(await studio.job(job.id)).toMatchObject({ state, updatedAt });
      },
    },
    {
      fault: 'webhook missing',
      sees: 'The next poll finds the result.',
      async meet(name, _job, id) {
        await studio[name].finish(id, done[name]);
      },
    },
  ];

  for (const { fault, sees, meet } of rows) {
    test(fault, async () => {
      if (fault === 'webhook missing') Object.assign(studio.pace, { firstPoll: 300 });
      for (const name of ['replicate', 'sync'] as const) {
        const state = await before(name);
        const { job, id } = await waiting(name);
        await meet(name, job, id);
        const ended = await studio.ended(job.id);
        await conclude({ fault, name, job: ended, before: state, expected: worksOnce, sees });
      }
    });
  }
});

describe('what a person does', () => {
  test('Retry fetches what could not be fetched, and pays nothing again', async () => {
    for (const name of ['replicate', 'sync'] as const) {
      const broken: DoubleOutput = { ...good, fault: 'server-error' };
      const state = await before(name);
      studio[name].script({ output: broken });
      const failed = await studio.ended((await start(name)).id);
      expect(failed).toMatchObject({ state: 'failed', charged: 'yes' });
      // Its server is well again.
      delete broken.fault;
      expectStatus(await studio.ask('POST', `/jobs/${failed.id}/retry`), 200);
      const job = await studio.ended(failed.id);
      await conclude({
        fault: 'Retry after an output that could not be fetched',
        name,
        job,
        before: state,
        expected: worksOnce,
      });
    }
  });
});

test('a clip that is chosen while another is lip-synced gives its place to the synced one and its original', async () => {
  const first = (await scene('sync')).originalTake;
  const second = (await studio.api.uploadClip(projectId, sceneOf.sync, await clipFile())).originalTake;
  const nth = studio.sync.ledger.length + 1;
  studio.sync.script({ by: 'advance', output: good });
  const job = await start('sync');
  const { id } = await studio.sync.awaitCreate(nth);
  const path = `/projects/${projectId}/scenes/${sceneOf.sync}/takes/${first?.id}/select`;
  expect(expectStatus(await studio.ask<Scene>('POST', path), 200).originalTake?.id).toBe(first?.id);
  await studio.sync.finish(id, done.sync);
  expect(await studio.ended(job.id)).toMatchObject({ state: 'succeeded' });
  const after = await scene('sync');
  expect(after.currentTake).toMatchObject({ kind: 'lipsynced', parentId: second?.id });
  expect(after.originalTake?.id).toBe(second?.id);
});

describe('a cancel', () => {
  beforeAll(() => void Object.assign(studio.pace, { firstPoll: 60_000, slowestPoll: 60_000 }));
  afterAll(() => void Object.assign(studio.pace, quickPace));

  async function cancel(name: Name) {
    const state = await before(name);
    const { job, id } = await waiting(name);
    const call = async () => {
      const { body } = await studio.ask<Ledger>('GET', `/projects/${projectId}/ledger`);
      return body.entries.find(({ jobId }) => jobId === job.id);
    };
    Object.assign(studio.pace, { firstPoll: 5 });
    expectStatus(await studio.ask('POST', `/jobs/${job.id}/cancel`), 200);
    const ended = await studio.ended(job.id);
    Object.assign(studio.pace, { firstPoll: 60_000 });
    expect(ended).toMatchObject({ state: 'canceled', error: null });
    expect((await scene(name)).currentTake?.id).toBe(state.takeId);
    return { state, id, call };
  }
  const line = (name: Name, fault: string, sees: string, creates: number, after: string) =>
    lines.push({ fault, provider: labels[name], sees, charged: chargedSince(name, creates), after });

  test('reaches Replicate', async () => {
    const { state, id, call } = await cancel('replicate');
    expect(studio.replicate.prediction(id).status).toBe('canceled');
    expect(await call()).toMatchObject({ state: 'canceled', charged: 'no' });
    const sees = 'The job is canceled, there too. Nothing was charged: it had not begun.';
    line(
      'replicate',
      'canceled by the user',
      sees,
      state.creates,
      'job canceled, call canceled, take unchanged',
    );
  });

  test('can’t reach sync.so, which has no such call, and says so in the ledger', async () => {
    const { state, call } = await cancel('sync');
    expect(await call()).toMatchObject({
      state: 'canceled',
      charged: 'unknown',
      message: expect.stringContaining('no means to cancel'),
    });
    const sees = 'The job is canceled here; the ledger says that it goes on there and may be charged.';
    line('sync', 'canceled by the user', sees, state.creates, 'job canceled, call canceled, take unchanged');
  });

  test('that Replicate did not get is sent later', async () => {
    studio.replicate.fail({ method: 'POST', includes: '/cancel', reply: 'reset' });
    const { state, id, call } = await cancel('replicate');
    expect(studio.replicate.prediction(id).status).toBe('starting');
    expect(await call()).toMatchObject({ state: 'accepted', charged: 'unknown' });
    await studio.studio.studio.services.orphanedCalls.settle();
    expect(studio.replicate.prediction(id).status).toBe('canceled');
    expect(await call()).toMatchObject({ state: 'canceled', charged: 'no' });
    const sees = 'The job is canceled; Replicate is told again every minute until it knows.';
    const after = 'job canceled, call canceled, take unchanged';
    line('replicate', 'canceled by the user, Replicate out of reach', sees, state.creates, after);
  });
});

describe('a worker that is killed (SIGKILL)', () => {
  test('leaves its jobs to another, which pays nothing again', async () => {
    const [clip, song] = [await clipFile(), await songFile()];
    const { survivors, words, secrets } = await killWorkerAndFinish({ clip, song, output: good });
    expect(survivors).toHaveLength(6);
    for (const { point, name, job, scene: after, calls, creates, charged } of survivors) {
      expect({ point, name, state: job.state, error: job.error, calls, creates, charged }).toEqual({
        point,
        name,
        state: 'succeeded',
        error: null,
        calls: ['succeeded'],
        creates: 1,
        charged: 1,
      });
      expect(after.currentTake).toMatchObject({ kind: 'lipsynced', frames: 25 });
      lines.push({
        fault: `worker killed, ${point}`,
        provider: labels[name],
        sees: 'The scene is lip-synced, by another worker.',
        charged,
        after: `job ${job.state}, call ${calls.join()}, take new`,
      });
    }
    expect(words.length).toBeGreaterThan(20);
    for (const secret of secrets) expect(words.filter((word) => word.includes(secret))).toEqual([]);
  });
});

test('no token is in anything that was logged, stored or answered', async () => {
  const everything = `${studio.written.join('\n')}\n${await studio.everyRow()}`;
  // It is looked for where it would be: in what was said of the calls.
  expect(everything.includes('provider_call_sent')).toBe(true);
  expect(everything.includes('lipsync-2-pro')).toBe(true);
  for (const secret of studio.secrets) expect(everything.includes(secret)).toBe(false);
  expect([...studio.replicate.leaks, ...studio.sync.leaks]).toEqual([]);
});

test('the table in the documents is what this run has shown', async () => {
  const order = new Map(lines.map(({ fault }, index) => [fault, index]));
  const sorted = [...lines].sort(
    (a, b) => (order.get(a.fault) ?? 0) - (order.get(b.fault) ?? 0) || a.provider.localeCompare(b.provider),
  );
  const table = faultTable(sorted);
  const made = join(root, '.cache', 'provider-faults.md');
  await mkdir(join(root, '.cache'), { recursive: true });
  await Bun.write(made, table);
  // When they differ for a good reason: copy .cache/provider-faults.md over it.
  expect(await Bun.file(join(root, '.devdocs', 'provider-faults.md')).text()).toBe(table);
});
