import { describe, expect, test } from 'bun:test';
import { AppError } from '../shared/errors';
import { jobsHarness, until } from './test/jobs.harness';
import { startStudio } from './test/studio';

const on = jobsHarness();

describe('failure', () => {
  test('an error that is not retryable fails the job at once, with its status and details', async () => {
    on.handler = async () => {
      throw new AppError({
        code: 'NotMedia',
        message: 'Not a video.',
        details: { mimeType: 'text/plain' },
      });
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    expect(await on.ended(job.id)).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'NotMedia', status: 415, message: 'Not a video.', details: { mimeType: 'text/plain' } },
    });
  });

  test('a retryable one is shown while the job waits, runs again after a pause and can succeed', async () => {
    const runs: { attempt: number; providerJobId: string | null; at: number }[] = [];
    on.handler = async (job, { attempt, providerJobId }) => {
      runs.push({ attempt, providerJobId, at: performance.now() });
      if (attempt === 1) {
        await on.studio.jobs.record(job.id, { providerJobId: 'paid' });
        throw new AppError({ code: 'DownloadDamaged', message: 'Busy.' });
      }
      await on.finish(job, {});
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    const waiting = await until(async () => {
      const now = await on.studio.jobs.get(job.id);
      return now?.state === 'queued' && now.error ? now : null;
    });
    expect(waiting.error).toMatchObject({ code: 'DownloadDamaged', status: 502 });
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 2, error: null });
    expect(runs.map((run) => run.providerJobId)).toEqual([null, 'paid']);
    expect((runs[1]?.at ?? 0) - (runs[0]?.at ?? 0)).toBeGreaterThan(1900);
  });

  test('an unknown error tells nothing of the inside and fails after the last attempt', async () => {
    await on.studio.end();
    on.studio = await startStudio(on.databaseUrl, () => Promise.reject(new Error('/secret/path')), {
      maxAttempts: 1,
    });
    await on.studio.jobs.startWorker();
    const job = await on.create();
    const failed = await on.ended(job.id);
    expect(failed).toMatchObject({
      state: 'failed',
      attempt: 1,
      error: { code: 'InternalError', status: 500 },
    });
    expect(failed.error?.message).not.toContain('secret');
  });

  test('a handler that returns without a result has failed', async () => {
    on.handler = async () => {};
    await on.studio.jobs.startWorker();
    const job = await on.create();
    expect(await on.ended(job.id)).toMatchObject({ state: 'failed', error: { code: 'JobLeftOpen' } });
  });

  test('an error after the result is written changes nothing', async () => {
    on.handler = async (job) => {
      await on.finish(job, { kept: true });
      throw new Error('while cleaning up');
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await on.ended(job.id);
    await until(async () => (await on.entries()).every((entry) => entry.state === 'completed'));
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded', result: { kept: true } });
  });

  test('fail ends a job from outside and frees its scene', async () => {
    const job = await on.create({ kind: 'upload_clip', enqueue: false });
    const cut = new AppError({ code: 'UploadBroken', message: 'Cut.' });
    expect(await on.studio.jobs.fail(job.id, cut)).toBe(true);
    expect(await on.studio.jobs.fail(job.id, cut)).toBe(false);
    await on.create();
  });
});

describe('cancel', () => {
  test('a queued job is canceled at once and leaves the queue', async () => {
    const job = await on.create();
    expect(await on.studio.jobs.cancel(job.id)).toMatchObject({ state: 'canceled', cancelRequested: true });
    expect(await on.entries()).toHaveLength(0);
    await expect(on.studio.jobs.cancel(job.id)).rejects.toMatchObject({
      code: 'JobAlreadyEnded',
      status: 409,
    });
    await expect(on.studio.jobs.cancel(crypto.randomUUID())).rejects.toMatchObject({
      code: 'JobNotFound',
      status: 404,
    });
  });

  test('a running job is stopped in whichever process runs it', async () => {
    const hang = on.hanging();
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await hang.started;
    const other = await startStudio(on.databaseUrl, () => Promise.resolve());
    const started = performance.now();
    expect(await other.jobs.cancel(job.id)).toMatchObject({ state: 'running', cancelRequested: true });
    expect(await hang.reason).toMatchObject({ name: 'JobCanceled' });
    expect(await other.jobs.wait(job.id, { timeoutMs: 5000 })).toMatchObject({ state: 'canceled' });
    expect(performance.now() - started).toBeLessThan(1500);
    await other.end();
  });

  test('a result that comes after the cancellation is refused', async () => {
    const refused = Promise.withResolvers<boolean>();
    on.handler = async (job, { signal }) => {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      refused.resolve(await on.sql.begin((tx) => on.studio.jobs.succeed(tx, job.id, { result: {} })));
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await until(async () => (await on.studio.jobs.get(job.id))?.state === 'running');
    await on.studio.jobs.cancel(job.id);
    expect(await refused.promise).toBe(false);
    expect(await on.ended(job.id)).toMatchObject({ state: 'canceled', result: null });
  });
});

describe('retry', () => {
  test('runs a failed job again in the same row, its attempts counted anew', async () => {
    on.handler = async () => {
      throw new AppError({ code: 'NoSound', message: 'No.' });
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await on.ended(job.id);
    on.handler = (one) => on.finish(one, { again: true });
    expect(await on.studio.jobs.retry(job.id)).toMatchObject({
      id: job.id,
      state: 'queued',
      attempt: 0,
      error: null,
    });
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1, result: { again: true } });
    await expect(on.studio.jobs.retry(job.id)).rejects.toMatchObject({
      code: 'JobNotRetryable',
      status: 409,
    });
    await expect(on.studio.jobs.retry(crypto.randomUUID())).rejects.toMatchObject({ code: 'JobNotFound' });
  });

  test('a canceled job can be retried; not while its scene has another', async () => {
    const job = await on.create();
    await on.studio.jobs.cancel(job.id);
    const other = await on.create();
    await expect(on.studio.jobs.retry(job.id)).rejects.toMatchObject({
      code: 'SceneBusy',
      details: { jobId: other.id },
    });
    await on.studio.jobs.cancel(other.id);
    expect(await on.studio.jobs.retry(job.id)).toMatchObject({ state: 'queued', cancelRequested: false });
    await on.studio.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded' });
  });
});
