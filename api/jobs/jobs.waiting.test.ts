import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import type { Job } from '../contract/job.schema';
import { AppError } from '../shared/errors';
import { JobDeferred } from './jobs.errors';
import type { AwaitedFiles, JobHandler } from './jobs.types';
import { type Studio, startStudio } from './test/studio';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

let database: TestDatabase;
let studio: Studio;
let project: string;
let handler: JobHandler;
let awaited: Map<string, AwaitedFiles>;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  const { sql } = database;
  project = crypto.randomUUID();
  await sql`insert into projects ${sql({ id: project, title: 't', mode: 'music-video', width: 128, height: 128, fps: 25 })}`;
  awaited = new Map();
  studio = await startStudio(database.url, (job, context) => handler(job, context), {
    awaitedFiles: async (jobId) => awaited.get(jobId) ?? null,
    maxAttempts: 2,
  });
});
afterEach(async () => {
  await studio.end();
  await database.sql`delete from jobs`;
});

const create = (kind: 'upload_clip' | 'upload_image', enqueue: boolean): Promise<Job> =>
  database.sql.begin((tx) =>
    studio.jobs.create(tx, {
      kind,
      projectId: project,
      sceneId: null,
      options: {},
      enqueue,
      stage: 'storing',
    }),
  );
/** The process that made the job has not been heard of for longer than a job is waited for. */
const forget = (job: Job) =>
  database.sql`update jobs set updated_at = now() - interval '1 hour' where id = ${job.id}`;
const notStored = new AppError({
  code: 'UploadFailed',
  status: 503,
  message: 'S3 is away.',
  retryable: true,
});

test('a job whose file still waits to be stored is never given up', async () => {
  const job = await create('upload_clip', false);
  awaited.set(job.id, { state: 'pending' });
  await forget(job);
  await studio.jobs.startWorker();
  expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'queued', stage: 'storing' });
  handler = (one) =>
    database.sql.begin(async (tx) => {
      await studio.jobs.succeed(tx, one.id, { result: {} });
    });
  expect(await database.sql.begin((tx) => studio.jobs.enqueue(tx, job.id))).toBe(true);
  expect(await studio.jobs.wait(job.id, { timeoutMs: 20_000 })).toMatchObject({ state: 'succeeded' });
});

test('a job whose file can never be stored fails at once and says why', async () => {
  const job = await create('upload_clip', false);
  awaited.set(job.id, { state: 'failed', reason: 'its file was deleted by someone else before S3 had it' });
  await studio.jobs.startWorker();
  expect(await studio.jobs.get(job.id)).toMatchObject({
    state: 'failed',
    error: {
      code: 'UploadLost',
      message:
        'The uploaded file cannot be stored: its file was deleted by someone else before S3 had it. Upload it again.',
    },
  });
});

test('a waiting job shows why, until it is enqueued', async () => {
  const job = await create('upload_clip', false);
  await studio.jobs.explain(job.id, notStored);
  expect(await studio.jobs.get(job.id)).toMatchObject({
    state: 'queued',
    stage: 'storing',
    error: { code: 'UploadFailed', message: 'S3 is away.' },
  });
  await database.sql.begin((tx) => studio.jobs.enqueue(tx, job.id));
  expect(await studio.jobs.get(job.id)).toMatchObject({ stage: 'queued', error: null });
  // Too late to matter: the reason is gone for good.
  await studio.jobs.explain(job.id, notStored);
  expect(await studio.jobs.get(job.id)).toMatchObject({ error: null });
});

test('a job that waits runs again as often as needed, without using up its attempts', async () => {
  let runs = 0;
  handler = async (job) => {
    runs += 1;
    if (runs <= 4) {
      throw new JobDeferred({
        error: new AppError({ code: 'UploadWaiting', message: 'It waits.' }),
        delaySeconds: 0,
      });
    }
    await database.sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result: {} }));
  };
  await studio.jobs.startWorker();
  const job = await create('upload_image', true);
  expect(await studio.jobs.wait(job.id, { timeoutMs: 20_000 })).toMatchObject({
    state: 'succeeded',
    attempt: 1,
    error: null,
  });
  expect(runs).toBe(5);
});
