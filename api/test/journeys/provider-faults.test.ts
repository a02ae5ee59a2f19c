import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { Ledger } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { DoubleOutput } from '../doubles/http/output';
import { type Expected, faultRows } from '../provider-faults/fault.rows';
import { type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { type FaultLine, faultTable } from '../provider-faults/fault.table';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

const root = join(import.meta.dir, '..', '..', '..');
const respondAsync = { Prefer: 'respond-async' };
type Name = 'replicate' | 'sync';
const labels = { replicate: 'Replicate', sync: 'sync.so' } as const;
/** Each provider has a scene of its own, so that both are tried at once. */
const sceneOf = { replicate: 1, sync: 2 } as const;

let studio: FaultStudio;
let projectId: string;
let good: DoubleOutput;
let short: DoubleOutput;
const lines: FaultLine[] = [];

beforeAll(async () => {
  studio = await startFaultStudio();
  const clip = await plainClip('faults-25.mp4', { size: '128x128', rate: '25', seconds: 1 });
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
}): Promise<void> {
  const { fault, name, job, before, expected } = of;
  const { currentTake, lastError } = await scene(name);
  const { body: ledger } = await studio.ask<Ledger>('GET', `/projects/${projectId}/ledger`);
  const calls = ledger.entries.filter(({ jobId }) => jobId === job.id);
  const charged = chargedSince(name, before.creates);
  expect({ fault, name, code: job.error?.code ?? null, charged, call: calls.at(-1)?.state }).toEqual({
    ...{ fault, name },
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
    sees: seen(job, { received: job.result?.['receivedFrames'], needed: 25 }),
    charged,
    after: `job ${job.state}, call ${calls.at(-1)?.state}, take ${currentTake?.id === before.takeId ? 'unchanged' : 'new'}`,
  });
}

async function before(name: Name) {
  return { takeId: (await scene(name)).currentTake?.id, creates: double(name).ledger.length };
}

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
