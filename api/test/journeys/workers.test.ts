import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { Scene } from '../../contract/scene.schema';
import { mediaFilesLeft } from '../../storage/media-files';
import { type EventReader, openEvents, type ReceivedEvent } from '../event-stream.reader';
import {
  createStage,
  processesAbout,
  type Stage,
  type StudioProcess,
  until,
  untilNoFilesLeft,
} from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';

// Processes start in seconds, and a stopped worker has ten of them for its running jobs.
setDefaultTimeout(180_000);

let stage: Stage;
let api: StudioProcess;
let projectId: string;
let clip: string;
let workers: StudioProcess[] = [];
const readers: EventReader[] = [];

beforeAll(async () => {
  stage = await createStage();
  clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  api = await stage.start('start', { ROLE: 'api' });
  projectId = (await api.api.createProject({ format: { width: 320, height: 180, fps: 25 } })).id;
});
/** Each test has its own workers. */
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
  await Promise.all(workers.filter((worker) => worker.isRunning()).map((worker) => worker.kill()));
  workers = [];
});
afterAll(() => stage.stop());

async function startWorker(settings: Record<string, string> = {}): Promise<StudioProcess> {
  const worker = await stage.start('worker', settings);
  workers.push(worker);
  return worker;
}

async function follow(server: StudioProcess, lastEventId?: number): Promise<EventReader> {
  const reader = await openEvents(server.api.base, projectId, lastEventId);
  readers.push(reader);
  return reader;
}

/** A worker on a machine of its own: no disk in common, the same database and store. */
async function startWorkerElsewhere(name: string, settings: Record<string, string> = {}) {
  const directory = await stage.otherDataDirectory(name);
  const own = { DATA_DIR: directory, ...(await stage.embeddedS3Settings()) };
  const worker = await startWorker({ ...own, ...settings });
  return { worker, mediaRoot: join(directory, 'outputs') };
}

const mediaRoot = () => join(stage.directory, 'data', 'outputs');
const path = (sequence: number, rest: string) => `/projects/${projectId}/scenes/${sequence}${rest}`;
const respondAsync = { Prefer: 'respond-async' };

async function startUpload(sequence: number, file = clip): Promise<Job> {
  const init = await api.api.form(file, 'clip.mp4');
  const answer = await api.api.call<Job>('POST', path(sequence, '/upload_video'), {
    ...init,
    headers: respondAsync,
  });
  return expectStatus(answer, 202);
}

async function startTrim(sequence: number, trim: Record<string, number>): Promise<Job> {
  const init = api.api.json(trim, respondAsync);
  return expectStatus(await api.api.call<Job>('POST', path(sequence, '/trim'), init), 202);
}

const addScene = async () => (await api.api.addScene(projectId)).sequence;
const sceneAt = async (sequence: number): Promise<Scene | undefined> =>
  (await api.api.project(projectId)).scenes[sequence - 1];

function ended(jobId: string): Promise<Job> {
  return until('the job ends', async () => {
    const job = await api.api.job(jobId);
    return job.state === 'queued' || job.state === 'running' ? null : job;
  });
}

const runs = (process: StudioProcess, jobId: string) =>
  process.lines.filter((line) => line.event === 'job_run_started' && line['jobId'] === jobId).length;

/** The ffmpeg that works in a job's folder, wherever that is. */
const ffmpegOf = (jobId: string) =>
  until('ffmpeg runs', async () => {
    const [pid] = (await processesAbout(join('jobs', jobId))).keys();
    return pid;
  });

const states = (events: ReceivedEvent[], jobId: string) =>
  events.flatMap(({ event, data }) => {
    if (event !== 'job' || typeof data !== 'object' || data === null) return [];
    return 'id' in data && data.id === jobId && 'state' in data ? [String(data.state)] : [];
  });

test('a worker process does what the API is asked for, and the API tells its progress', async () => {
  const events = await follow(api);
  const sequence = await addScene();
  const job = await startUpload(sequence);
  expect(job.state).toBe('queued');
  const worker = await startWorker();
  expect(await ended(job.id)).toMatchObject({ state: 'succeeded', error: null });
  expect([runs(api, job.id), runs(worker, job.id)]).toEqual([0, 1]);
  expect((await sceneAt(sequence))?.currentTake?.frames).toBe(50);
  await until('the stream tells that the scene changed', () =>
    events.received.some(({ event, data }) => event === 'project.changed' && isReason(data, 'clip.uploaded')),
  );
  const told = states(events.received, job.id);
  expect([...new Set(told)]).toEqual(['queued', 'running', 'succeeded']);
  await untilNoFilesLeft(mediaRoot());
});

const isReason = (data: unknown, reason: string) =>
  typeof data === 'object' && data !== null && 'reason' in data && data.reason === reason;

test('a worker with a disk of its own does it just as well', async () => {
  const sequence = await addScene();
  const job = await startUpload(sequence);
  const { worker, mediaRoot: elsewhere } = await startWorkerElsewhere('machine-b');
  expect(await ended(job.id)).toMatchObject({ state: 'succeeded', error: null });
  expect(runs(worker, job.id)).toBe(1);
  const take = (await sceneAt(sequence))?.currentTake;
  const [row] = await stage.sql<
    { sha256: string }[]
  >`select sha256 from takes where id = ${take?.id ?? null}`;
  expect(await stage.objectSha256(take?.s3Key ?? '')).toBe(row?.sha256 ?? '');
  await untilNoFilesLeft(elsewhere);
  await untilNoFilesLeft(mediaRoot());
});

test('canceling through the API stops ffmpeg in the worker at once and changes nothing', async () => {
  await startWorker();
  const sequence = await addScene();
  const long = await plainClip('longer-25.mp4', { size: '640x360', rate: '25', seconds: 60 });
  const upload = await startUpload(sequence, long);
  expect((await ended(upload.id)).state).toBe('succeeded');
  const before = (await sceneAt(sequence))?.currentTake?.id;
  const job = await startTrim(sequence, { inFrame: 10, outFrame: 1490 });
  const pid = await ffmpegOf(job.id);
  const asked = performance.now();
  const answer = await api.api.call<Job>('POST', `/jobs/${job.id}/cancel`);
  expect([answer.status, answer.body.cancelRequested]).toEqual([200, true]);
  await until('ffmpeg is gone', async () => !(await processesAbout(join('jobs', job.id))).has(pid));
  const took = performance.now() - asked;
  expect((await ended(job.id)).state).toBe('canceled');
  const scene = await sceneAt(sequence);
  expect([scene?.currentTake?.id, scene?.activeJob]).toEqual([before, null]);
  await untilNoFilesLeft(mediaRoot());
  expect(took).toBeLessThan(2000);
});

test('a worker that is told to stop hands its job back, and another one finishes it', async () => {
  // A stopped ffmpeg is one that takes longer than the ten seconds that a worker waits for its jobs.
  const first = await startWorker(await stage.heldFfmpegSettings());
  const sequence = await addScene();
  const job = await startUpload(sequence);
  await ffmpegOf(job.id);
  expect(await first.terminate()).toBe(0);
  expect((await processesAbout(join('jobs', job.id))).size).toBe(0);
  expect(await api.api.job(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: null });
  await untilNoFilesLeft(mediaRoot());
  const second = await startWorker();
  expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  expect(runs(second, job.id)).toBe(1);
  expect((await sceneAt(sequence))?.currentTake?.frames).toBe(50);
});

test('a worker killed on another machine: its job is taken over here, and its files go when it is back', async () => {
  const held = await stage.heldFfmpegSettings();
  const { worker, mediaRoot: elsewhere } = await startWorkerElsewhere('machine-c', held);
  const sequence = await addScene();
  const job = await startUpload(sequence);
  await ffmpegOf(job.id);
  await worker.kill();
  expect(await mediaFilesLeft(elsewhere, 0)).not.toEqual([]);
  await startWorker();
  expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  await startWorkerElsewhere('machine-c');
  await untilNoFilesLeft(elsewhere);
  expect((await stage.sql`select 1 from takes where job_id = ${job.id}`).length).toBe(1);
});

test('after reconnecting, to another process even, events come without gap or repetition', async () => {
  const [last] = await stage.sql<{ position: number }[]>`
    select max(position) as position from events where project_id = ${projectId}`;
  const before = last?.position ?? 0;
  const live = await follow(api, before);
  await startWorker();
  const sequence = await addScene();
  const upload = await startUpload(sequence);
  await until('the upload runs', () => states(live.received, upload.id).includes('running'));
  await live.close();
  const seen = [...live.received];
  // All this happens while nobody listens.
  await ended(upload.id);
  await ended((await startTrim(sequence, { inFrame: 5, outFrame: 30 })).id);
  const otherApi = await stage.start('start', { ROLE: 'api' });
  const again = await follow(otherApi, seen.at(-1)?.id ?? 0);
  const trim = await startTrim(sequence, { inFrame: 0, outFrame: 40 });
  await ended(trim.id);
  const written = await stage.sql<{ id: number }[]>`
    select position as id from events
    where project_id = ${projectId} and position > ${before} order by position`;
  const lastWritten = written.at(-1)?.id;
  await until('the last event came', () => again.received.at(-1)?.id === lastWritten);
  expect([...seen, ...again.received].map(({ id }) => id)).toEqual(written.map(({ id }) => id));
  expect(again.received.length).toBeGreaterThan(10);
  await again.close();
  expect(await otherApi.terminate()).toBe(0);
});
