import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { FaultProxy, Rule } from '../doubles/fault-proxy/fault-proxy.double';
import {
  createStage,
  type LogLine,
  type Stage,
  type StudioProcess,
  sha256,
  until,
  untilNoFilesLeft,
} from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';

// Each case fails three times and starts a process for its sweep: seconds on a busy machine.
setDefaultTimeout(180_000);

let stage: Stage;
let proxy: FaultProxy;
let settings: Record<string, string>;
let studio: StudioProcess;
let projectId: string;
let small: string;
let inParts: string;

beforeAll(async () => {
  stage = await createStage();
  ({ proxy, settings } = await stage.startS3BehindProxy());
  small = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  inParts = join(stage.directory, 'in-parts.mp4');
  await Bun.write(inParts, new Blob([await Bun.file(small).bytes(), freeBox(65 * 1024 * 1024)]));
  studio = await stage.start('start', settings);
  projectId = (await studio.api.createProject({ format: { width: 320, height: 180, fps: 25 } })).id;
});
afterEach(async () => {
  await proxy.heal();
  // What a failed test leaves waiting is not the next one's.
  if ((await openUploads()).length > 0) await stage.sweep(settings);
});
afterAll(() => stage.stop());

/** A box that MP4 readers pass over: it makes a clip large enough to be sent in parts (from 64 MiB on). */
function freeBox(bytes: number): Uint8Array<ArrayBuffer> {
  const box = new Uint8Array(bytes);
  new DataView(box.buffer).setUint32(0, bytes);
  box.set(new TextEncoder().encode('free'), 4);
  return box;
}

const mediaRoot = () => join(stage.directory, 'data', 'outputs');
const runsOf = (jobId: string) =>
  studio.lines.filter((line) => line.event === 'job_run_started' && line['jobId'] === jobId).length;

async function sendClip(path: string): Promise<Job> {
  const { sequence } = await studio.api.addScene(projectId);
  const init = await studio.api.form(path, 'clip.mp4');
  const url = `/projects/${projectId}/scenes/${sequence}/upload_video`;
  const answer = await studio.api.call<Job>('POST', url, { ...init, headers: { Prefer: 'respond-async' } });
  expect(answer.headers.get('location')).toBe(`/api/mv/jobs/${answer.body.id}`);
  return expectStatus(answer, 202);
}

const jobThat = (jobId: string, what: string, fits: (job: Job) => boolean) =>
  until(`the job ${what}`, async () => {
    const job = await studio.api.job(jobId);
    return fits(job) && job;
  });

type Upload = { state: string; path: string; attempts: number; lastError: string | null };
const openUploads = () =>
  stage.sql<Upload[]>`select state, path, attempts, last_error from uploads where state <> 'deleted'`;

/** The one file that waits: its row says why, and it is still on the disk, whole. */
async function expectKept(why: RegExp): Promise<Upload> {
  const [upload, ...others] = await openUploads();
  if (upload === undefined || others.length > 0) throw new Error('Exactly one file should wait.');
  expect(upload.state).toBe('pending');
  expect(upload.lastError).toMatch(why);
  expect(upload.attempts).toBeGreaterThan(0);
  expect(await Bun.file(join(mediaRoot(), upload.path)).exists()).toBe(true);
  return upload;
}

/** The job is done by one take, everything is in S3 byte for byte, and no local file is left. */
async function expectDone(jobId: string): Promise<void> {
  const job = await jobThat(jobId, 'ends', ({ state }) => state !== 'queued' && state !== 'running');
  expect([job.state, job.error]).toEqual(['succeeded', null]);
  const takes = await stage.sql<{ s3Key: string; sha256: string }[]>`
    select s3_key, sha256 from takes where job_id = ${jobId}`;
  expect(takes).toHaveLength(1);
  for (const take of takes) {
    expect(await stage.objectSha256(take.s3Key, join(stage.directory, 's3'))).toBe(take.sha256);
  }
  // Made after the job's end; they are not to be among the files that the next test counts.
  await until('its pictures are made', async () => {
    const missing = await stage.sql`select 1 from takes where job_id = ${jobId} and poster_key is null`;
    return missing.length === 0;
  });
  await untilNoFilesLeft(mediaRoot());
  // The row is marked just after the file is gone.
  await until('no upload is open', async () => (await openUploads()).length === 0);
}

/** Every file that went had its object confirmed before: by the proxy's log, an undisturbed HEAD or read-back. */
function expectNothingDeletedEarly(lines: LogLine[]): void {
  const deleted = lines.filter(
    (line) => line.event === 'local_file_deleted' && typeof line['key'] === 'string',
  );
  expect(deleted.length).toBeGreaterThan(0);
  for (const line of deleted) {
    const key = String(line['key']);
    const confirmedAt = proxy.log
      .filter((entry) => ['HEAD', 'GET'].includes(entry.method) && entry.url.includes(key))
      .filter((entry) => entry.status === 200 && entry.fault === null)
      .map((entry) => performance.timeOrigin + (entry.answeredAt ?? Number.POSITIVE_INFINITY));
    // The log counts in whole milliseconds.
    expect(Math.floor(Math.min(...confirmedAt))).toBeLessThanOrEqual(Number(line['time']));
  }
}

const status = (code: number, name: string) => ({ kind: 'status', status: code, code: name }) as const;
const put = { method: 'PUT', includes: '/sources/' };
const head = { method: 'HEAD', includes: '/sources/' };
type Case = { name: string; rule: Rule; why: RegExp; parts?: boolean };
const cases: Case[] = [
  { name: 'a refused connection', rule: { fault: { kind: 'refuse' } }, why: /no answer from S3/ },
  {
    name: 'an answer of 500',
    rule: { ...put, fault: status(500, 'InternalError') },
    why: /500 InternalError/,
  },
  { name: '503 slow down', rule: { ...put, fault: status(503, 'SlowDown') }, why: /503 SlowDown/ },
  {
    name: 'a reset in the middle of a part',
    rule: { method: 'PUT', includes: 'partNumber=3', fault: { kind: 'reset', afterBytes: 1_000_000 } },
    why: /no answer from S3/,
    parts: true,
  },
  {
    name: 'a body cut short but answered 200',
    rule: { ...put, fault: { kind: 'cut', bytes: 1000 } },
    why: /S3 has 1000 bytes of \d+/,
  },
  {
    name: 'a HEAD that tells another size',
    rule: { ...head, fault: { kind: 'size', bytes: 17 } },
    why: /S3 has 17 bytes of/,
  },
  {
    name: 'a HEAD that tells another ETag',
    rule: { ...head, fault: { kind: 'etag', etag: '"0123456789abcdef0123456789abcdef"' } },
    why: /another ETag/,
  },
  {
    name: 'a HEAD that fails',
    rule: { ...head, fault: status(500, 'InternalError') },
    why: /S3 answered 500/,
  },
];

describe('the upload of a clip fails by', () => {
  for (const { name, rule, why, parts } of cases) {
    test(`${name}: the file stays, the job waits and says why, and ends well when S3 is back`, async () => {
      await proxy.inject(rule);
      const sent = parts === true ? inParts : small;
      const job = await sendClip(sent);
      expect([job.state, job.stage, job.error?.code]).toEqual(['queued', 'storing', 'UploadFailed']);
      expect(job.error?.message).toMatch(why);
      expect(job.error?.message).toContain('It is kept on this machine and will be retried by itself.');
      const upload = await expectKept(why);
      const waiting = await Bun.file(join(mediaRoot(), upload.path)).bytes();
      expect(sha256(waiting)).toBe(sha256(await Bun.file(sent).bytes()));
      expect(runsOf(job.id)).toBe(0);

      await proxy.heal();
      const sweep = await stage.sweep(settings);
      expect(sweep.report).toMatchObject({ batchesCompleted: 1, batchesPending: 0, problems: [] });
      expectNothingDeletedEarly(sweep.lines);
      await expectDone(job.id);
    });
  }

  test('a store that is still away when the sweep comes: nothing is lost by trying', async () => {
    await proxy.inject({ ...put, fault: status(503, 'SlowDown') });
    const job = await sendClip(small);
    const first = await expectKept(/503 SlowDown/);
    const early = await stage.sweep(settings);
    expect(early.report).toMatchObject({ batchesCompleted: 0, batchesPending: 1, filesDeleted: 0 });
    expect((await expectKept(/503 SlowDown/)).attempts).toBeGreaterThan(first.attempts);
    await proxy.heal();
    await stage.sweep(settings);
    await expectDone(job.id);
  });
});

test('an upload that is canceled while it waits is taken back: no file stays, and the scene is free', async () => {
  await proxy.inject({ ...head, fault: status(500, 'InternalError') });
  const job = await sendClip(small);
  const upload = await expectKept(/500/);
  const canceled = await studio.api.call<Job>('POST', `/jobs/${job.id}/cancel`);
  expect([canceled.status, canceled.body.state]).toEqual([200, 'canceled']);
  await proxy.heal();
  const { report } = await stage.sweep(settings);
  expect(report).toMatchObject({ batchesWithdrawn: 1, batchesFailed: 0, filesDeleted: 1, keptFiles: [] });
  expect(await Bun.file(join(mediaRoot(), upload.path)).exists()).toBe(false);
  expect((await stage.sql`select 1 from uploads where path = ${upload.path}`).length).toBe(0);
  // What had reached S3 goes with it.
  const key = String(job.options['sourceKey']);
  await until('the object is deleted', async () => {
    await stage.sweep(settings);
    const left = await stage.sql`select 1 from object_deletions where s3_key = ${key}`;
    return left.length === 0;
  });
  await expect(stage.objectSha256(key, join(stage.directory, 's3'))).rejects.toThrow();
  const { scenes } = await studio.api.project(projectId);
  expect(scenes.find(({ id }) => id === job.sceneId)?.activeJob).toBeNull();
});

describe('the upload of a result fails:', () => {
  const resultFails: Rule = { method: 'PUT', includes: '/scenes/', fault: status(503, 'SlowDown') };
  const waits = (job: Job) => job.state === 'queued' && job.error?.code === 'UploadWaiting';
  const batchesOf = async (jobId: string) =>
    (await stage.sql`select 1 from upload_batches where job_id = ${jobId}`).length;

  test('a sweep stores it, and the job is done without another run', async () => {
    await proxy.inject(resultFails);
    const { id } = await sendClip(small);
    const job = await jobThat(id, 'waits for its result', waits);
    expect(job.error?.message).toMatch(/503 SlowDown.*kept on this machine/);
    await expectKept(/503 SlowDown/);
    await proxy.heal();
    const { lines } = await stage.sweep(settings);
    expectNothingDeletedEarly(lines);
    await expectDone(id);
    expect([runsOf(id), await batchesOf(id)]).toEqual([1, 1]);
  });

  test('without a sweep the next run of the job stores it, and does not make it again', async () => {
    await proxy.inject(resultFails);
    const { id } = await sendClip(small);
    await jobThat(id, 'waits for its result', waits);
    await proxy.heal();
    await expectDone(id);
    expect(await batchesOf(id)).toBe(1);
    expect(
      proxy.log.filter((one) => one.method === 'PUT' && one.url.includes('/scenes/') && one.status === 200)
        .length,
    ).toBe((await stage.sql`select 1 from takes where project_id = ${projectId}`).length);
    expectNothingDeletedEarly(studio.lines);
  });
});
