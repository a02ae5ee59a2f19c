import { describe, expect, test } from 'bun:test';
import { connect } from '../../db/connect';
import type { JobHandler } from './jobs.types';
import { jobsHarness, until } from './test/jobs.harness';
import { startStudio } from './test/studio';

const on = jobsHarness();

describe('workers', () => {
  test('stopping lets a job finish within the grace time', async () => {
    const started = Promise.withResolvers<void>();
    on.handler = async (job) => {
      started.resolve();
      await Bun.sleep(200);
      await on.finish(job, {});
    };
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await started.promise;
    await on.studio.jobs.stopWorker({ graceMs: 5000 });
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'succeeded' });
  });

  test('after the grace time the job is handed back, its attempt not counted, and another worker runs it', async () => {
    const hang = on.hanging();
    await on.studio.jobs.startWorker();
    const job = await on.create();
    await hang.started;
    await on.studio.jobs.stopWorker({ graceMs: 20 });
    expect(await hang.reason).toMatchObject({ name: 'AbortError' });
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: null });
    const other = await startStudio(on.databaseUrl, (one) => on.finish(one, {}));
    await other.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    await other.end();
  });

  test('a job that nobody waits for is handed back at once', async () => {
    const hang = on.hanging();
    await on.studio.jobs.startWorker();
    const job = await on.create({ kind: 'make_sample', sceneId: null });
    await hang.started;
    await on.studio.jobs.stopWorker({ graceMs: 60_000 });
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0, error: null });
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
        await on.finish(job, { name });
      };
    await on.studio.end();
    on.studio = await startStudio(on.databaseUrl, run('one'), { concurrency: 1 });
    const other = await startStudio(on.databaseUrl, run('two'), { concurrency: 1 });
    await on.studio.jobs.startWorker();
    await other.jobs.startWorker();
    const jobs = await Promise.all([0, 1, 2, 3].map(() => on.create({ projectId: null, sceneId: null })));
    for (const job of jobs) expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(new Set(seen)).toEqual(new Set(['one', 'two']));
    await other.end();
  });

  test('the job of a worker that is killed is run by another', async () => {
    const worker = spawnWorker('hang');
    await worker.says('ready');
    const job = await on.create();
    await worker.says(`run ${job.id} 1`);
    worker.process.kill('SIGKILL');
    await worker.process.exited;
    const killed = performance.now();
    const second = spawnWorker('finish');
    await second.says(`run ${job.id} 2`);
    expect(await on.ended(job.id)).toMatchObject({
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
    const job = await on.create();
    await worker.says(`run ${job.id} 1`);
    worker.process.kill('SIGTERM');
    await worker.says('stopped');
    expect(await on.studio.jobs.get(job.id)).toMatchObject({ state: 'queued', attempt: 0 });
    expect(await worker.process.exited).toBe(0);
    await on.studio.jobs.startWorker();
    expect(await on.ended(job.id)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });
});

function spawnWorker(mode: 'hang' | 'finish') {
  const child = Bun.spawn(
    [process.execPath, `${import.meta.dir}/test/worker.process.ts`, on.databaseUrl, mode],
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
  const other = connect(on.databaseUrl, { max: 1 });
  await on.studio.end();
  const rows = await until(async () => {
    const open = await other`
      select application_name from pg_stat_activity
      where datname = current_database() and application_name like 'songreel%'`;
    return open.length === 0 ? [open] : null;
  });
  expect(rows).toHaveLength(1);
  await other.end();
});
