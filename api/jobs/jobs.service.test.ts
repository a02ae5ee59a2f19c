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
import { connect, type Database } from '../../db/connect';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import type { Job } from '../contract/job.schema';
import { AppError } from '../shared/errors';
import type { JobContext, JobHandler, NewJob } from './jobs.types';
import { type Studio, startStudio } from './test/studio';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

let database: TestDatabase;
let sql: Database;
let project: string;
let scene: string;
let studio: Studio;
let handler: JobHandler;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = database.sql;
});
afterAll(() => database.drop());

beforeEach(async () => {
  project = crypto.randomUUID();
  scene = crypto.randomUUID();
  await sql`insert into projects ${sql({ id: project, title: 't', mode: 'music-video', width: 128, height: 128, fps: 25 })}`;
  await sql`insert into scenes ${sql({ id: scene, projectId: project, sequence: 1 })}`;
  handler = (job) => finish(job, {});
  studio = await startStudio(database.url, (job, context) => handler(job, context));
});
afterEach(async () => {
  await studio.end();
  await sql`delete from jobs`;
  await sql`delete from pgboss.job`;
});

const finish = async (job: Job, result: Record<string, unknown>) => {
  await sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result }));
};
const create = (job: Partial<NewJob> = {}) =>
  sql.begin((tx) =>
    studio.jobs.create(tx, {
      kind: 'trim',
      projectId: project,
      sceneId: scene,
      options: {},
      enqueue: true,
      ...job,
    }),
  );
const ended = (jobId: string) => studio.jobs.wait(jobId, { timeoutMs: 20_000 });
const entries = () =>
  sql<{ state: string }[]>`select state::text from pgboss.job where name in ('ffmpeg', 'lipsync', 'compose')`;
const states = () =>
  studio.published.map((event) => (event.type === 'job' ? event.payload.state : event.type));

async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await Bun.sleep(10);
  }
}

/** A handler that hangs until it is aborted, and what it saw. */
function hanging() {
  const started = Promise.withResolvers<{ job: Job; context: JobContext }>();
  const reason = Promise.withResolvers<unknown>();
  handler = (job, context) => {
    started.resolve({ job, context });
    return new Promise((_, reject) => {
      context.signal.addEventListener('abort', () => {
        reason.resolve(context.signal.reason);
        reject(context.signal.reason);
      });
    });
  };
  return { started: started.promise, reason: reason.promise };
}

describe('create', () => {
  test('runs the job and keeps its result, cost and events', async () => {
    handler = async (job, context) => {
      context.progress('cutting', 0.5);
      await studio.jobs.record(job.id, {
        provider: 'local',
        providerJobId: 'p1',
        costUsd: 0.25,
        options: { a_b: 1 },
      });
      await finish(job, { takeId: 'x' });
    };
    const job = await create({ options: { trim_in: 3 } });
    expect(job).toMatchObject({
      state: 'queued',
      stage: 'queued',
      progress: 0,
      attempt: 0,
      options: { trim_in: 3 },
    });
    await studio.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({
      state: 'succeeded',
      progress: 1,
      attempt: 1,
      result: { takeId: 'x' },
      provider: 'local',
      costUsd: 0.25,
      options: { a_b: 1 },
      error: null,
      finishedAt: expect.any(String),
    });
    expect(states()[0]).toBe('queued');
    expect(states().at(-1)).toBe('succeeded');
    expect(await studio.jobs.counts()).toContainEqual({ kind: 'trim', state: 'succeeded', count: 1 });
    expect(await studio.jobs.list({ projectId: project, states: ['succeeded'], limit: 10 })).toHaveLength(1);
    expect(await studio.jobs.list({ sceneId: scene, states: ['queued'], limit: 10 })).toHaveLength(0);
  });

  test('a transaction that is rolled back leaves neither row nor queue entry', async () => {
    const rolledBack = sql.begin(async (tx) => {
      await studio.jobs.create(tx, {
        kind: 'trim',
        projectId: project,
        sceneId: scene,
        options: {},
        enqueue: true,
      });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await sql`select 1 from jobs`).toHaveLength(0);
    expect(await entries()).toHaveLength(0);
  });

  test('a second active job of a scene is refused with the id of the first, and the transaction lives on', async () => {
    const first = await create();
    const seen = await sql.begin(async (tx) => {
      const refused = await studio.jobs
        .create(tx, { kind: 'lipsync', projectId: project, sceneId: scene, options: {}, enqueue: true })
        .catch((error: unknown) => error);
      const [row] = await tx`select 1 as alive`;
      return { refused, row };
    });
    expect(seen.refused).toMatchObject({ code: 'SceneBusy', status: 409, details: { jobId: first.id } });
    expect(seen.row).toEqual({ alive: 1 });
  });

  test('of two at once for one scene exactly one is made', async () => {
    const results = await Promise.allSettled([create(), create()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a project has one active job of each of its own kinds', async () => {
    const first = await create({ kind: 'compose', sceneId: null });
    await expect(create({ kind: 'compose', sceneId: null })).rejects.toMatchObject({
      code: 'ProjectBusy',
      details: { jobId: first.id },
    });
    await create();
  });

  test('a job that is not enqueued waits until it is', async () => {
    await studio.jobs.startWorker();
    const job = await create({ kind: 'upload_clip', enqueue: false, stage: 'receiving' });
    expect(job.stage).toBe('receiving');
    expect(await entries()).toHaveLength(0);
    expect(await sql.begin((tx) => studio.jobs.enqueue(tx, job.id))).toBe(true);
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded' });
    expect(await sql.begin((tx) => studio.jobs.enqueue(tx, job.id))).toBe(false);
  });

  test('an id that is used already is an error of ours', async () => {
    const job = await create({ projectId: null, sceneId: null });
    await expect(create({ id: job.id, projectId: null, sceneId: null })).rejects.toThrow(
      'already a job with the id',
    );
  });
});

describe('progress', () => {
  test('is written rarely, never backwards, and stages at once', async () => {
    handler = async (job, { progress }) => {
      for (let step = 0; step <= 300; step++) {
        progress('cutting', step / 600);
        progress('cutting', step / 1200);
        progress('cutting', Number.NaN);
        await Bun.sleep(1);
      }
      progress('uploading', 0.9);
      await until(async () => (await studio.jobs.get(job.id))?.stage === 'uploading');
      await finish(job, {});
    };
    await studio.jobs.startWorker();
    const job = await create();
    await ended(job.id);
    const seen = studio.published.flatMap((event) => (event.type === 'job' ? [event.payload] : []));
    const cutting = seen.filter((one) => one.stage === 'cutting').map((one) => one.progress);
    expect(cutting.length).toBeGreaterThanOrEqual(2);
    expect(cutting.length).toBeLessThanOrEqual(4);
    expect(cutting).toEqual([...cutting].sort((a, b) => a - b));
    expect(seen.filter((one) => one.stage === 'uploading')).toHaveLength(1);
  });
});

describe('failure', () => {
  test('an error that is not retryable fails the job at once, with its status and details', async () => {
    handler = async () => {
      throw new AppError({
        code: 'NotMedia',
        status: 400,
        message: 'Not a video.',
        details: { name: 'a.txt' },
      });
    };
    await studio.jobs.startWorker();
    const job = await create();
    expect(await ended(job.id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'NotMedia', status: 400, message: 'Not a video.', details: { name: 'a.txt' } },
    });
  });

  test('a retryable one is shown while the job waits, runs again after a pause and can succeed', async () => {
    const runs: { attempt: number; providerJobId: string | null; at: number }[] = [];
    handler = async (job, { attempt, providerJobId }) => {
      runs.push({ attempt, providerJobId, at: performance.now() });
      if (attempt === 1) {
        await studio.jobs.record(job.id, { providerJobId: 'paid' });
        throw new AppError({ code: 'Busy', status: 502, message: 'Busy.', retryable: true });
      }
      await finish(job, {});
    };
    await studio.jobs.startWorker();
    const job = await create();
    const waiting = await until(async () => {
      const now = await studio.jobs.get(job.id);
      return now?.state === 'queued' && now.error ? now : null;
    });
    expect(waiting.error).toMatchObject({ code: 'Busy', status: 502 });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
    expect(runs.map((run) => run.providerJobId)).toEqual([null, 'paid']);
    expect((runs[1]?.at ?? 0) - (runs[0]?.at ?? 0)).toBeGreaterThan(1900);
  });

  test('an unknown error tells nothing of the inside and fails after the last attempt', async () => {
    await studio.end();
    studio = await startStudio(database.url, () => Promise.reject(new Error('/secret/path')), {
      maxAttempts: 1,
    });
    await studio.jobs.startWorker();
    const job = await create();
    const failed = await ended(job.id);
    expect(failed).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'InternalError', status: 500 },
    });
    expect(failed.error?.message).not.toContain('secret');
  });

  test('a handler that returns without a result has failed', async () => {
    handler = async () => {};
    await studio.jobs.startWorker();
    const job = await create();
    expect(await ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'JobLeftOpen' } });
  });

  test('an error after the result is written changes nothing', async () => {
    handler = async (job) => {
      await finish(job, { kept: true });
      throw new Error('while cleaning up');
    };
    await studio.jobs.startWorker();
    const job = await create();
    await ended(job.id);
    await until(async () => (await entries()).every((entry) => entry.state === 'completed'));
    expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded', result: { kept: true } });
  });

  test('fail ends a job from outside and frees its scene', async () => {
    const job = await create({ kind: 'upload_clip', enqueue: false });
    const cut = new AppError({ code: 'UploadCut', status: 400, message: 'Cut.' });
    expect(await studio.jobs.fail(job.id, cut)).toBe(true);
    expect(await studio.jobs.fail(job.id, cut)).toBe(false);
    await create();
  });
});

describe('cancel', () => {
  test('a queued job is canceled at once and leaves the queue', async () => {
    const job = await create();
    expect(await studio.jobs.cancel(job.id)).toMatchObject({ state: 'canceled', cancelRequested: true });
    expect(await entries()).toHaveLength(0);
    await expect(studio.jobs.cancel(job.id)).rejects.toMatchObject({ code: 'JobAlreadyEnded', status: 409 });
    await expect(studio.jobs.cancel(crypto.randomUUID())).rejects.toMatchObject({
      code: 'JobNotFound',
      status: 404,
    });
  });

  test('a running job is stopped in whichever process runs it', async () => {
    const hang = hanging();
    await studio.jobs.startWorker();
    const job = await create();
    await hang.started;
    const other = await startStudio(database.url, () => Promise.resolve());
    const started = performance.now();
    expect(await other.jobs.cancel(job.id)).toMatchObject({ state: 'running', cancelRequested: true });
    expect(await hang.reason).toMatchObject({ name: 'JobCanceled' });
    expect(await other.jobs.wait(job.id, { timeoutMs: 5000 })).toMatchObject({ state: 'canceled' });
    expect(performance.now() - started).toBeLessThan(1500);
    await other.end();
  });

  test('a result that comes after the cancellation is refused', async () => {
    const refused = Promise.withResolvers<boolean>();
    handler = async (job, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      refused.resolve(await sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result: {} })));
    };
    await studio.jobs.startWorker();
    const job = await create();
    await until(async () => (await studio.jobs.get(job.id))?.state === 'running');
    await studio.jobs.cancel(job.id);
    expect(await refused.promise).toBe(false);
    expect(await ended(job.id)).toMatchObject({ state: 'canceled', result: null });
  });
});

describe('retry', () => {
  test('runs a failed job again in the same row, its attempts counted anew', async () => {
    handler = async () => {
      throw new AppError({ code: 'No', status: 400, message: 'No.' });
    };
    await studio.jobs.startWorker();
    const job = await create();
    await ended(job.id);
    handler = (one) => finish(one, { again: true });
    expect(await studio.jobs.retry(job.id)).toMatchObject({
      id: job.id,
      state: 'queued',
      attempt: 0,
      error: null,
    });
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1, result: { again: true } });
    await expect(studio.jobs.retry(job.id)).rejects.toMatchObject({ code: 'JobNotRetryable', status: 409 });
    await expect(studio.jobs.retry(crypto.randomUUID())).rejects.toMatchObject({ code: 'JobNotFound' });
  });

  test('a canceled job can be retried; not while its scene has another', async () => {
    const job = await create();
    await studio.jobs.cancel(job.id);
    const other = await create();
    await expect(studio.jobs.retry(job.id)).rejects.toMatchObject({
      code: 'SceneBusy',
      details: { jobId: other.id },
    });
    await studio.jobs.cancel(other.id);
    expect(await studio.jobs.retry(job.id)).toMatchObject({ state: 'queued', cancelRequested: false });
    await studio.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded' });
  });
});

describe('crossings', () => {
  test('a result written while the job waits for its next run ends it, without that run', async () => {
    let runs = 0;
    handler = async () => {
      runs++;
      throw new AppError({ code: 'Busy', status: 502, message: 'Busy.', retryable: true });
    };
    await studio.jobs.startWorker();
    const job = await create();
    await until(async () => (await studio.jobs.get(job.id))?.error);
    expect(await sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result: { late: true } }))).toBe(true);
    expect((await entries()).filter((entry) => entry.state === 'created')).toHaveLength(0);
    await Bun.sleep(3500);
    expect(runs).toBe(1);
    expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded', result: { late: true } });
  });

  test('succeed is refused once the job has ended', async () => {
    const job = await create();
    await studio.jobs.cancel(job.id);
    expect(await sql.begin((tx) => studio.jobs.succeed(tx, job.id, { result: {} }))).toBe(false);
  });

  test('a stale delivery of an ended job is ignored', async () => {
    let runs = 0;
    handler = async (job) => {
      runs++;
      await finish(job, {});
    };
    await studio.jobs.startWorker();
    const job = await create();
    await ended(job.id);
    await until(async () => (await entries()).every((entry) => entry.state === 'completed'));
    await sql`update pgboss.job set state = 'created', completed_on = null`;
    await until(async () => (await entries()).every((entry) => entry.state === 'completed'));
    expect(runs).toBe(1);
  });

  test('deleting the project stops its running job', async () => {
    const hang = hanging();
    await studio.jobs.startWorker();
    await create();
    const { context } = await hang.started;
    await sql`delete from projects where id = ${project}`;
    context.progress('next', 0.5);
    expect(await hang.reason).toMatchObject({ name: 'AbortError' });
    await until(async () => (await entries()).every((entry) => entry.state === 'completed'));
  });
});

describe('wait', () => {
  test('answers with the state at its time limit, and stops on abort', async () => {
    const job = await create();
    const started = performance.now();
    expect(await studio.jobs.wait(job.id, { timeoutMs: 100 })).toMatchObject({ state: 'queued' });
    expect(performance.now() - started).toBeLessThan(1000);
    const stop = new AbortController();
    const waiting = studio.jobs.wait(job.id, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(studio.jobs.wait(crypto.randomUUID(), { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'JobNotFound',
    });
  });
});

describe('nothing is stuck', () => {
  test('a worker that starts queues jobs again whose entries are gone', async () => {
    const queued = await create();
    const lost = await create({ kind: 'compose', sceneId: null });
    await sql`update jobs set state = 'running', attempt = 1, run_id = gen_random_uuid() where id = ${lost.id}`;
    await sql`delete from pgboss.job`;
    await studio.jobs.startWorker();
    expect(await ended(queued.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await ended(lost.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('a job that has killed its worker too often fails with that reason', async () => {
    const job = await create();
    const canceled = await create({ kind: 'compose', sceneId: null });
    await sql`update jobs set state = 'running', attempt = 5 where id = ${job.id}`;
    await sql`update jobs set state = 'running', cancel_requested_at = now() where id = ${canceled.id}`;
    await sql`delete from pgboss.job`;
    await studio.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'WorkerLost' } });
    expect(await ended(canceled.id)).toMatchObject({ state: 'canceled' });
  });

  test('the same for one that is delivered again, and for one whose cancellation nobody could hear', async () => {
    const job = await create();
    const canceled = await create({ kind: 'compose', sceneId: null });
    await sql`update jobs set state = 'running', attempt = 5 where id = ${job.id}`;
    await sql`update jobs set state = 'running', cancel_requested_at = now() where id = ${canceled.id}`;
    await studio.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'WorkerLost' } });
    expect(await ended(canceled.id)).toMatchObject({ state: 'canceled' });
  });

  test('a job whose maker stopped before it was queued fails; one that is being prepared does not', async () => {
    const old = await create({ kind: 'upload_clip', enqueue: false });
    const fresh = await create({ kind: 'upload_clip', sceneId: null, enqueue: false });
    await sql`update jobs set updated_at = now() - interval '3 minutes' where id = ${old.id}`;
    await studio.jobs.startWorker();
    expect(await studio.jobs.get(old.id)).toMatchObject({ state: 'failed', error: { code: 'JobAbandoned' } });
    expect(await studio.jobs.get(fresh.id)).toMatchObject({ state: 'queued' });
    // What it needs never arrived: there is nothing to run again.
    await expect(studio.jobs.retry(old.id)).rejects.toMatchObject({ code: 'JobNotRetryable', status: 409 });
  });
});

describe('workers', () => {
  test('stopping lets a job finish within the grace time', async () => {
    const started = Promise.withResolvers<void>();
    handler = async (job) => {
      started.resolve();
      await Bun.sleep(200);
      await finish(job, {});
    };
    await studio.jobs.startWorker();
    const job = await create();
    await started.promise;
    await studio.jobs.stopWorker({ graceMs: 5000 });
    expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded' });
  });

  test('after the grace time the job is handed back, its attempt not counted, and another worker runs it', async () => {
    const hang = hanging();
    await studio.jobs.startWorker();
    const job = await create();
    await hang.started;
    await studio.jobs.stopWorker({ graceMs: 20 });
    expect(await hang.reason).toMatchObject({ name: 'AbortError' });
    expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: null });
    const other = await startStudio(database.url, (one) => finish(one, {}));
    await other.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    await other.end();
  });

  test('two workers share the jobs, each within its pool', async () => {
    const seen: string[] = [];
    const both = Promise.withResolvers<void>();
    const run =
      (name: string): JobHandler =>
      async (job) => {
        seen.push(name);
        if (new Set(seen).size === 2) both.resolve();
        await both.promise;
        await finish(job, { name });
      };
    await studio.end();
    studio = await startStudio(database.url, run('one'), { concurrency: 1 });
    const other = await startStudio(database.url, run('two'), { concurrency: 1 });
    await studio.jobs.startWorker();
    await other.jobs.startWorker();
    const jobs = await Promise.all([0, 1, 2, 3].map(() => create({ projectId: null, sceneId: null })));
    for (const job of jobs) expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(new Set(seen)).toEqual(new Set(['one', 'two']));
    await other.end();
  });

  test('the job of a worker that is killed is run by another', async () => {
    const worker = spawnWorker('hang');
    await worker.says('ready');
    const job = await create();
    await worker.says(`run ${job.id} 1`);
    worker.process.kill('SIGKILL');
    await worker.process.exited;
    const killed = performance.now();
    const second = spawnWorker('finish');
    await second.says(`run ${job.id} 2`);
    expect(await ended(job.id)).toMatchObject({
      state: 'succeeded',
      attempt: 2,
      result: { pid: second.process.pid },
    });
    // Heartbeat 10 s, looked for every 3 s, taken within 1 s; the rest is for a busy machine.
    expect(performance.now() - killed).toBeLessThan(20_000);
    second.process.kill('SIGTERM');
    await second.says('stopped');
    expect(await second.process.exited).toBe(0);
  });

  test('a worker process that is told to stop hands its job back', async () => {
    const worker = spawnWorker('hang');
    await worker.says('ready');
    const job = await create();
    await worker.says(`run ${job.id} 1`);
    worker.process.kill('SIGTERM');
    await worker.says('stopped');
    expect(await studio.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0 });
    expect(await worker.process.exited).toBe(0);
    await studio.jobs.startWorker();
    expect(await ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});

function spawnWorker(mode: 'hang' | 'finish') {
  const child = Bun.spawn(
    [process.execPath, `${import.meta.dir}/test/worker.process.ts`, database.url, mode],
    {
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  let output = '';
  const reading = (async () => {
    for await (const chunk of child.stdout) output += new TextDecoder().decode(chunk);
  })();
  return {
    process: child,
    says: (line: string) =>
      until(async () => {
        if (output.split('\n').includes(line)) return true;
        if (child.exitCode !== null) {
          await reading;
          if (!output.split('\n').includes(line))
            throw new Error(`The worker ended before it said "${line}".`);
        }
        return false;
      }),
  };
}

test('uses its own connections only while it is started', async () => {
  const other = connect(database.url, { max: 1 });
  await studio.end();
  const rows = await until(async () => {
    const open = await other`
      select application_name from pg_stat_activity
      where datname = current_database() and application_name like 'songreel%'`;
    return open.length === 0 ? [open] : null;
  });
  expect(rows).toHaveLength(1);
  await other.end();
});
