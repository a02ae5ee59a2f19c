import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import { mediaFilesLeft } from '../../storage/media-files';
import {
  createStage,
  processesAbout,
  type Stage,
  type StudioProcess,
  sha256,
  until,
  untilNoFilesLeft,
} from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';

// A killed process's job is taken over after 10 to 20 s; starting a studio takes seconds on a busy machine.
setDefaultTimeout(180_000);

let stage: Stage;
let studio: StudioProcess;
let projectId: string;
let clip: { path: string; sha256: string };

beforeAll(async () => {
  stage = await createStage();
  const path = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  clip = { path, sha256: sha256(await Bun.file(path).bytes()) };
  studio = await stage.start('start');
  const project = await studio.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  projectId = project.id;
});
afterAll(() => stage.stop());

/** Each test kills the studio and starts it again; a test that failed halfway leaves that to the next. */
beforeEach(async () => {
  if (!studio.isRunning()) studio = await stage.start('start');
});

const mediaRoot = () => join(stage.directory, 'data', 'outputs');
const scenePath = (sequence: number) => `/projects/${projectId}/scenes/${sequence}`;

async function addScene(): Promise<number> {
  return (await studio.api.addScene(projectId, { prompt: 'A scene' })).sequence;
}

/** Starts an upload and does not wait for its job. */
async function startUpload(sequence: number, path = clip.path): Promise<Job> {
  const init = await studio.api.form(path, 'clip.mp4');
  const answer = await studio.api.call<Job>('POST', `${scenePath(sequence)}/upload_video`, {
    ...init,
    headers: { Prefer: 'respond-async' },
  });
  return expectStatus(answer, 202);
}

async function crash(): Promise<void> {
  await studio.kill();
}
async function restart(settings: Record<string, string> = {}): Promise<void> {
  studio = await stage.start('start', settings);
}

const endOf = (jobId: string): Promise<Job> =>
  until('the job ends', async () => {
    const now = await studio.api.job(jobId);
    return now.state === 'queued' || now.state === 'running' ? null : now;
  });

/** The job ends well by itself: the take is there, in S3 byte for byte, and no local file is left. */
async function expectGoodEnd(jobId: string, sequence: number, frames: number, source = clip.sha256) {
  const job = await endOf(jobId);
  expect([job.state, job.error]).toEqual(['succeeded', null]);
  const scene = (await studio.api.project(projectId)).scenes[sequence - 1];
  expect([scene?.activeJob, scene?.lastError]).toEqual([null, null]);
  expect([scene?.currentTake?.frames, scene?.currentTake?.kind]).toEqual([frames, 'original']);
  const takes = await stage.sql<{ s3Key: string; sha256: string; sourceKey: string; sourceSha256: string }[]>`
    select s3_key, sha256, source_key, source_sha256 from takes where job_id = ${jobId}`;
  expect(takes).toHaveLength(1);
  for (const take of takes) {
    expect(take.sourceSha256).toBe(source);
    expect(await stage.objectSha256(take.s3Key)).toBe(take.sha256);
    expect(await stage.objectSha256(take.sourceKey)).toBe(take.sourceSha256);
  }
  await untilNoFilesLeft(mediaRoot());
  const open = await stage.sql`select state, last_error from uploads where state <> 'deleted'`;
  expect([...open]).toEqual([]);
}

describe('kill -9 of the whole studio', () => {
  test('while it receives an upload: what had arrived goes, the scene is free, the same upload works', async () => {
    const sequence = await addScene();
    const bytes = await Bun.file(clip.path).bytes();
    const held = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(bytes.subarray(0, 40_000));
        await held.promise;
        controller.close();
      },
    });
    const sending = fetch(`${studio.api.base}${scenePath(sequence)}/upload_video?filename=clip.mp4`, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'video/mp4' },
    }).catch((error: unknown) => error);
    await until('a part has arrived', async () => (await mediaFilesLeft(mediaRoot(), 0)).length > 0);
    await crash();
    held.resolve();
    expect(await sending).toBeInstanceOf(Error);
    await restart();
    await untilNoFilesLeft(mediaRoot());
    expect((await studio.api.project(projectId)).scenes[sequence - 1]?.activeJob).toBeNull();
    await expectGoodEnd((await startUpload(sequence)).id, sequence, 50);
  });

  test('while it normalises a clip: ffmpeg goes too, and the job is taken over', async () => {
    const sequence = await addScene();
    const long = await plainClip('long-25.mp4', { size: '640x360', rate: '25', seconds: 24 });
    const job = await startUpload(sequence, long);
    const ffmpeg = await until('ffmpeg runs', async () => {
      const found = await processesAbout(join(mediaRoot(), 'jobs', job.id));
      return found.size > 0 && found;
    });
    expect([...ffmpeg.values()].join()).toContain('take.mp4');
    // So that it can't just come to its end meanwhile.
    for (const pid of ffmpeg.keys()) process.kill(pid, 'SIGSTOP');
    await crash();
    await until(
      'no ffmpeg is left',
      async () => (await processesAbout(join(mediaRoot(), 'jobs', job.id))).size === 0,
      3000,
    );
    await restart();
    await expectGoodEnd(job.id, sequence, 600, sha256(await Bun.file(long).bytes()));
    expect((await studio.api.job(job.id)).attempt).toBe(2);
  });

  test('while it lip-syncs: the engine goes too, and the job is taken over', async () => {
    // A project of its own: the song must be long enough for the place of the scene.
    const { id } = await studio.api.createProject({ format: { width: 640, height: 360, fps: 25 } });
    await studio.api.addScene(id);
    await studio.api.uploadSong(id, await songFile());
    const original = (await studio.api.uploadClip(id, 1, await singerClip())).currentTake?.id;
    const answer = await studio.api.call<Job>('POST', `/projects/${id}/lipsync/1`, {
      headers: { Prefer: 'respond-async' },
    });
    const job = expectStatus(answer, 202);
    const engine = await until('the engine runs', async () => {
      const found = await processesAbout('local.worker.ts', studio.pid);
      return found.size > 0 && found;
    });
    await crash();
    await until('the engine is gone', async () => {
      const running = await processesAbout('local.worker.ts');
      return [...engine.keys()].every((pid) => !running.has(pid));
    });
    await restart();
    const ended = await endOf(job.id);
    expect([ended.state, ended.attempt, ended.error]).toEqual(['succeeded', 2, null]);
    const [scene] = (await studio.api.project(id)).scenes;
    expect([scene?.currentTake?.kind, scene?.currentTake?.parentId]).toEqual(['lipsynced', original ?? '']);
    expect(await takesOf(job.id)).toBe(1);
    await untilNoFilesLeft(mediaRoot());
  });

  test('after the confirm, before the database change', async () => {
    const sequence = await addScene();
    const { job, lock } = await uploadUntilDatabaseChange(sequence);
    await crash();
    await lock.release();
    expect((await takeUpload(job.id))?.state).toBe('pending');
    expect(await takesOf(job.id)).toBe(0);
    await restart();
    await expectGoodEnd(job.id, sequence, 50);
  });

  test('after the database change, before the unlink', async () => {
    const sequence = await addScene();
    const { job, lock } = await uploadUntilDatabaseChange(sequence);
    // Queued behind the change's transaction and before whatever wants to read the table after it.
    const table = await hold(stage.sql, (tx) => tx`lock table uploads in access exclusive mode`);
    await lock.release();
    await table.held;
    await crash();
    await table.release();
    const upload = await takeUpload(job.id);
    expect(upload?.state).toBe('confirmed');
    expect(await takesOf(job.id)).toBe(1);
    expect(await Bun.file(join(mediaRoot(), upload?.path ?? '')).exists()).toBe(true);
    await restart();
    await expectGoodEnd(job.id, sequence, 50);
  });
});

type Held = { held: Promise<void>; release(): Promise<void> };

/** Takes a lock in a transaction of its own and keeps it until `release`. `held` resolves when it has it. */
async function hold(
  sql: Database,
  take: (tx: Parameters<Parameters<Database['begin']>[1]>[0]) => Promise<unknown>,
): Promise<Held> {
  const held = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<number>();
  const done = sql.begin(async (tx) => {
    const [me] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
    const taking = take(tx);
    waiting.resolve(me?.pid ?? 0);
    await taking;
    held.resolve();
    await released.promise;
  });
  done.catch((error: Error) => held.reject(error));
  const pid = await waiting.promise;
  await until('the lock is held or queued', async () => {
    const [row] = await sql<{ queued: boolean }[]>`
      select wait_event_type = 'Lock' or state = 'idle in transaction' as queued
      from pg_stat_activity where pid = ${pid}`;
    return row?.queued;
  });
  return {
    held: held.promise,
    async release() {
      released.resolve();
      await done;
    },
  };
}

/** An upload whose take is in S3 and confirmed, and whose database change waits for a row of the project. */
async function uploadUntilDatabaseChange(sequence: number): Promise<{ job: Job; lock: Held }> {
  const job = await startUpload(sequence);
  const lock = await hold(stage.sql, (tx) => tx`select 1 from projects where id = ${projectId} for update`);
  await lock.held;
  await until('the database change waits for the lock', async () => {
    const waiting = await stage.sql`
      select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
        and query like '%from projects where id%for update%'`;
    return waiting.length > 0;
  });
  return { job, lock };
}

async function takeUpload(jobId: string) {
  const [row] = await stage.sql<{ state: string; path: string }[]>`
    select state, path from uploads join upload_batches on upload_batches.id = batch_id
    where job_id = ${jobId}`;
  return row;
}

async function takesOf(jobId: string): Promise<number> {
  return (await stage.sql`select 1 from takes where job_id = ${jobId}`).length;
}
