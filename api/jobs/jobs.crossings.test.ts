import { describe, expect, test } from 'bun:test';
import { AppError } from '../shared/errors';
import { jobsHarness, until } from './test/jobs.harness';

const on = jobsHarness();

describe('crossings', () => {
  test('a result written while the job waits for its next run ends it, without that run', async () => {
    let runs = 0;
    on.handler = async () => {
      runs++;
      throw new AppError({ code: 'DownloadDamaged', message: 'Busy.' });
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await until(async () => (await on.studio.jobs.get(job.id))?.error);
    expect(await on.sql.begin((tx) => on.studio.jobs.succeed(tx, job.id, { result: { late: true } }))).toBe(
      true,
    );
    expect((await on.entries()).filter((entry) => entry.state === 'created')).toHaveLength(0);
    await Bun.sleep(3500);
    expect(runs).toBe(1);
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded', result: { late: true } });
  });

  test('succeed is refused once the job has ended', async () => {
    const job = await on.create();
    await on.studio.jobs.cancel(job.id);
    expect(await on.sql.begin((tx) => on.studio.jobs.succeed(tx, job.id, { result: {} }))).toBe(false);
  });

  test('a stale delivery of an ended job is ignored', async () => {
    let runs = 0;
    on.handler = async (job) => {
      runs++;
      await on.finish(job, {});
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await on.ended(job.id);
    await until(async () => (await on.entries()).every((entry) => entry.state === 'completed'));
    await on.sql`update pgboss.job set state = 'created', completed_on = null`;
    await until(async () => (await on.entries()).every((entry) => entry.state === 'completed'));
    expect(runs).toBe(1);
  });

  test('deleting the project stops its running job', async () => {
    const hang = on.hanging();
    await on.studio.jobs.startWorker();
    await on.create();
    const { context } = await hang.started;
    await on.sql`delete from projects where id = ${on.project}`;
    context.progress('storing', 0.5);
    expect(await hang.reason).toMatchObject({ name: 'AbortError' });
    await until(async () => (await on.entries()).every((entry) => entry.state === 'completed'));
  });
});

describe('wait', () => {
  test('answers with the state at its time limit, and stops on abort', async () => {
    const job = await on.create();
    const started = performance.now();
    expect(await on.studio.jobs.wait(job.id, { timeoutMs: 100 })).toMatchObject({ state: 'queued' });
    expect(performance.now() - started).toBeLessThan(1000);
    const stop = new AbortController();
    const waiting = on.studio.jobs.wait(job.id, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(on.studio.jobs.wait(crypto.randomUUID(), { timeoutMs: 10 })).rejects.toMatchObject({
      code: 'JobNotFound',
    });
  });
});

describe('nothing is stuck', () => {
  test('a worker that starts queues jobs again whose entries are gone', async () => {
    const queued = await on.create();
    const lost = await on.create({ kind: 'compose', sceneId: null });
    await on.sql`update jobs set state = 'running', attempt = 1, run_id = gen_random_uuid() where id = ${lost.id}`;
    await on.sql`delete from pgboss.job`;
    await on.studio.jobs.startWorker();
    expect(await on.ended(queued.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(await on.ended(lost.id)).toMatchObject({ state: 'succeeded', attempt: 2 });
  });

  test('a job that has killed its worker too often fails with that reason', async () => {
    const job = await on.create();
    const canceled = await on.create({ kind: 'compose', sceneId: null });
    await on.sql`update jobs set state = 'running', attempt = 5 where id = ${job.id}`;
    await on.sql`update jobs set state = 'running', cancel_requested_at = now() where id = ${canceled.id}`;
    await on.sql`delete from pgboss.job`;
    await on.studio.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'WorkerLost' } });
    expect(await on.ended(canceled.id)).toMatchObject({ state: 'canceled' });
  });

  test('the same for one that is delivered again, and for one whose cancellation nobody could hear', async () => {
    const job = await on.create();
    const canceled = await on.create({ kind: 'compose', sceneId: null });
    await on.sql`update jobs set state = 'running', attempt = 5 where id = ${job.id}`;
    await on.sql`update jobs set state = 'running', cancel_requested_at = now() where id = ${canceled.id}`;
    await on.studio.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'WorkerLost' } });
    expect(await on.ended(canceled.id)).toMatchObject({ state: 'canceled' });
  });

  test('a job whose creator stopped before it was queued fails; one that is being prepared does not', async () => {
    const old = await on.create({ kind: 'upload_clip', enqueue: false });
    const fresh = await on.create({ kind: 'upload_clip', sceneId: null, enqueue: false });
    await on.sql`update jobs set updated_at = now() - interval '3 minutes' where id = ${old.id}`;
    await on.studio.jobs.startWorker();
    expect(await on.studio.jobs.get(old.id)).toMatchObject({
      state: 'failed',
      error: { code: 'JobAbandoned' },
    });
    expect(await on.studio.jobs.get(fresh.id)).toMatchObject({ state: 'queued' });
    // What it needs never arrived: there is nothing to run again.
    await expect(on.studio.jobs.retry(old.id)).rejects.toMatchObject({
      code: 'JobNotRetryable',
      status: 409,
    });
  });
});
