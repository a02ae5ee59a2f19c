import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { FaultProxy } from '../doubles/fault-proxy/fault-proxy.double';
import {
  createStage,
  type Stage,
  type StudioProcess,
  sha256,
  until,
  untilNoFilesLeft,
} from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';

// Starting a studio takes seconds on a busy machine.
setDefaultTimeout(180_000);

let stage: Stage;
let proxy: FaultProxy;
let settings: Record<string, string>;
let studio: StudioProcess;
let projectId: string;
let clip: { path: string; sha256: string };

beforeAll(async () => {
  stage = await createStage();
  ({ proxy, settings } = await stage.startS3BehindProxy());
  const path = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  clip = { path, sha256: sha256(await Bun.file(path).bytes()) };
  studio = await stage.start('start', settings);
  projectId = (await studio.api.createProject({ format: { width: 320, height: 180, fps: 25 } })).id;
});
beforeEach(async () => {
  if (!studio.isRunning()) studio = await stage.start('start', settings);
});
afterEach(() => proxy.heal());
afterAll(() => stage.stop());

const mediaRoot = () => join(stage.directory, 'data', 'outputs');

/** Sends a clip; the answer comes when it is stored or waits to be, so a crash may come first. */
async function sendClip(sequence: number): Promise<Job> {
  const init = await studio.api.form(clip.path, 'clip.mp4');
  const path = `/projects/${projectId}/scenes/${sequence}/upload_video`;
  const answer = await studio.api.call<Job>('POST', path, { ...init, headers: { Prefer: 'respond-async' } });
  return expectStatus(answer, 202);
}

const addScene = async () => (await studio.api.addScene(projectId)).sequence;

async function onlyJobOf(sequence: number): Promise<Job> {
  const { jobs } = (await studio.api.call<{ jobs: Job[] }>('GET', `/projects/${projectId}/jobs`)).body;
  const scene = (await studio.api.project(projectId)).scenes[sequence - 1];
  const [job, ...others] = jobs.filter((one) => one.sceneId === scene?.id);
  if (job === undefined || others.length > 0) throw new Error('The scene should have exactly one job.');
  return job;
}

const openUploads = () =>
  stage.sql<{ state: string; path: string; lastError: string | null }[]>`
    select state, path, last_error from uploads where state <> 'deleted'`;

async function expectGoodEnd(jobId: string): Promise<Job> {
  const job = await until('the job ends', async () => {
    const now = await studio.api.job(jobId);
    return now.state === 'queued' || now.state === 'running' ? null : now;
  });
  expect([job.state, job.error]).toEqual(['succeeded', null]);
  const takes = await stage.sql<{ s3Key: string; sha256: string; sourceKey: string; sourceSha256: string }[]>`
    select s3_key, sha256, source_key, source_sha256 from takes where job_id = ${jobId}`;
  expect(takes.map((take) => take.sourceSha256)).toEqual([clip.sha256]);
  const s3 = join(stage.directory, 's3');
  for (const take of takes) {
    expect(await stage.objectSha256(take.s3Key, s3)).toBe(take.sha256);
    expect(await stage.objectSha256(take.sourceKey, s3)).toBe(take.sourceSha256);
  }
  // Made after the job's end; the next test's kill must not come in between.
  await until('its pictures are made', async () => {
    const missing = await stage.sql`select 1 from takes where job_id = ${jobId} and poster_key is null`;
    return missing.length === 0;
  });
  await untilNoFilesLeft(mediaRoot());
  // The row is marked just after the file is gone.
  await until('no upload is open', async () => (await openUploads()).length === 0);
  return job;
}

describe('kill -9 of the whole studio during an upload to S3', () => {
  test('of the file that a person sent', async () => {
    const sequence = await addScene();
    await proxy.inject({ method: 'PUT', includes: '/sources/', fault: { kind: 'stall' } });
    const sending = sendClip(sequence).catch((error: unknown) => error);
    const put = await proxy.seen((entry) => entry.fault === 'stall' && entry.answeredAt === null);
    await studio.kill();
    expect(await sending).toBeInstanceOf(Error);
    const [upload] = await openUploads();
    expect(upload?.state).toBe('pending');
    expect(await Bun.file(join(mediaRoot(), upload?.path ?? '')).exists()).toBe(true);
    expect(put.url).toContain('/sources/');
    await proxy.heal();
    studio = await stage.start('start', settings);
    await expectGoodEnd((await onlyJobOf(sequence)).id);
  });

  test('of a take that was made of it: it is not made again', async () => {
    const sequence = await addScene();
    await proxy.inject({ method: 'PUT', includes: '/scenes/', fault: { kind: 'stall' } });
    const job = await sendClip(sequence);
    const put = await proxy.seen((entry) => entry.url.includes('/scenes/') && entry.fault === 'stall');
    await studio.kill();
    const [upload] = await openUploads();
    expect(upload?.state).toBe('pending');
    await proxy.heal();
    studio = await stage.start('start', settings);
    await expectGoodEnd(job.id);
    const puts = proxy.log.filter((entry) => entry.method === 'PUT' && entry.url.startsWith(put.url));
    expect(puts.map((entry) => entry.status)).toEqual([null, 200]);
  });

  test('and S3 stays away: the job waits, however long, and ends well once the file is stored', async () => {
    const sequence = await addScene();
    const slowDown = { kind: 'status', status: 503, code: 'SlowDown' } as const;
    await proxy.inject({ method: 'PUT', includes: '/sources/', fault: slowDown });
    const job = await sendClip(sequence);
    expect([job.state, job.stage, job.error?.code]).toEqual(['queued', 'storing', 'UploadFailed']);
    await studio.kill();
    // Nobody has said for an hour that this job is being looked after.
    await stage.sql`update jobs set updated_at = now() - interval '1 hour' where id = ${job.id}`;
    studio = await stage.start('start', settings);
    await studio.logged('worker_started');
    expect(await studio.api.job(job.id)).toMatchObject({ state: 'queued', stage: 'storing' });
    await proxy.heal();
    const { report } = await stage.sweep(settings);
    expect(report).toMatchObject({ batchesCompleted: 1, filesDeleted: 1, problems: [] });
    await expectGoodEnd(job.id);
  });

  test('and the waiting file is lost: the job fails and says what to do', async () => {
    const sequence = await addScene();
    await proxy.inject({ method: 'PUT', fault: { kind: 'status', status: 503, code: 'SlowDown' } });
    const job = await sendClip(sequence);
    await studio.kill();
    const [upload] = await openUploads();
    await Bun.file(join(mediaRoot(), upload?.path ?? '')).delete();
    await proxy.heal();
    const { report } = await stage.sweep(settings);
    expect(report).toMatchObject({ batchesFailed: 1, filesDeleted: 0 });
    studio = await stage.start('start', settings);
    const ended = await until('the job ends', async () => {
      const now = await studio.api.job(job.id);
      return now.state === 'failed' && now;
    });
    expect(ended.error?.code).toBe('UploadLost');
    expect(ended.error?.message).toMatch(/deleted by someone else before S3 had it\. Upload it again\.$/);
    const scene = (await studio.api.project(projectId)).scenes[sequence - 1];
    expect([scene?.activeJob, scene?.lastError?.code]).toEqual([null, 'UploadLost']);
  });
});
