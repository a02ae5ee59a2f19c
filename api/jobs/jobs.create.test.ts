import { describe, expect, test } from 'bun:test';
import { jobsHarness, until } from './test/jobs.harness';

const on = jobsHarness();

describe('create', () => {
  test('runs the job and keeps its result, cost and events', async () => {
    on.handler = async (job, context) => {
      context.progress('trimming', 0.5);
      await on.studio.jobs.record(job.id, {
        provider: 'local',
        providerJobId: 'p1',
        costUsd: 0.25,
        options: { a_b: 1 },
      });
      await on.finish(job, { takeId: 'x' });
    };
    const job = await on.create({ options: { trim_in: 3 } });
    expect(job).toMatchObject({
      state: 'queued',
      stage: 'queued',
      progress: 0,
      attempt: 0,
      options: { trim_in: 3 },
    });
    await on.studio.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({
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
    expect(on.states()[0]).toBe('queued');
    expect(on.states().at(-1)).toBe('succeeded');
    expect(await on.studio.jobs.counts()).toContainEqual({
      kind: 'upload_image',
      state: 'succeeded',
      count: 1,
    });
    expect(
      await on.studio.jobs.list({ projectId: on.project, states: ['succeeded'], limit: 10 }),
    ).toHaveLength(1);
    expect(await on.studio.jobs.list({ sceneId: on.scene, states: ['queued'], limit: 10 })).toHaveLength(0);
  });

  test('a transaction that is rolled back leaves neither row nor queue entry', async () => {
    const rolledBack = on.sql.begin(async (tx) => {
      await on.studio.jobs.create(tx, {
        kind: 'upload_image',
        projectId: on.project,
        sceneId: on.scene,
        options: {},
        enqueue: true,
      });
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    expect(await on.sql`select 1 from jobs`).toHaveLength(0);
    expect(await on.entries()).toHaveLength(0);
  });

  test('a second active job of a scene is refused with the id of the first, and the transaction lives on', async () => {
    const first = await on.create();
    const seen = await on.sql.begin(async (tx) => {
      const refused = await on.studio.jobs
        .create(tx, { kind: 'lipsync', projectId: on.project, sceneId: on.scene, options: {}, enqueue: true })
        .catch((error: unknown) => error);
      const [row] = await tx`select 1 as alive`;
      return { refused, row };
    });
    expect(seen.refused).toMatchObject({ code: 'SceneBusy', status: 409, details: { jobId: first.id } });
    expect(seen.row).toEqual({ alive: 1 });
  });

  test('of two at once for one scene exactly one is made', async () => {
    const results = await Promise.allSettled([on.create(), on.create()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a project has one active job of each of its own kinds', async () => {
    const first = await on.create({ kind: 'compose', sceneId: null });
    await expect(on.create({ kind: 'compose', sceneId: null })).rejects.toMatchObject({
      code: 'ProjectBusy',
      // As projects.errors.ts says it, too.
      details: { jobIds: [first.id] },
    });
    await on.create();
  });

  test('a job that is not enqueued waits until it is', async () => {
    await on.studio.jobs.startWorker();
    const job = await on.create({ kind: 'upload_clip', enqueue: false, stage: 'storing' });
    expect(job.stage).toBe('storing');
    expect(await on.entries()).toHaveLength(0);
    expect(await on.sql.begin((tx) => on.studio.jobs.enqueue(tx, job.id))).toBe(true);
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded' });
    expect(await on.sql.begin((tx) => on.studio.jobs.enqueue(tx, job.id))).toBe(false);
  });

  test('an id that is used already is an error of ours', async () => {
    const job = await on.create({ projectId: null, sceneId: null });
    await expect(on.create({ id: job.id, projectId: null, sceneId: null })).rejects.toThrow(
      'already a job with the id',
    );
  });
});

describe('progress', () => {
  test('is written rarely, never backwards, and stages at once', async () => {
    on.handler = async (job, { progress }) => {
      for (let step = 0; step <= 300; step++) {
        progress('trimming', step / 600);
        progress('trimming', step / 1200);
        progress('trimming', Number.NaN);
        await Bun.sleep(1);
      }
      progress('uploading', 0.9);
      await until(async () => (await on.studio.jobs.get(job.id))?.stage === 'uploading');
      await on.finish(job, {});
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await on.ended(job.id);
    const seen = on.studio.published.flatMap((event) => (event.type === 'job' ? [event.payload] : []));
    const cutting = seen.filter((one) => one.stage === 'trimming').map((one) => one.progress);
    expect(cutting.length).toBeGreaterThanOrEqual(2);
    expect(cutting.length).toBeLessThanOrEqual(4);
    expect(cutting).toEqual([...cutting].sort((a, b) => a - b));
    expect(seen.filter((one) => one.stage === 'uploading')).toHaveLength(1);
  });
});
