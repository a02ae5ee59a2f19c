import { expect, test } from 'bun:test';
import * as v from 'valibot';
import { registerWork } from '../composition/work.services';
import type { Job } from '../contract/job.schema';
import type { JobContext } from '../jobs/jobs.types';
import { createLog } from '../shared/log';
import type { StoreFilesRequest } from '../storage/storage.types';
import { defineJob } from './define-job';

const cutJob = defineJob({
  kind: 'upload_image',
  pool: 'ffmpeg',
  options: v.object({ frames: v.number(), note: v.optional(v.string(), 'none') }),
  result: v.object({ takeId: v.string() }),
  completions: { 'cut.made': v.object({ takeId: v.string(), note: v.optional(v.string(), 'none') }) },
});

const files = [{ path: 'jobs/a.mp4', key: 'a.mp4', contentType: 'video/mp4' }];
const job: Job = {
  id: 'job-1',
  projectId: null,
  sceneId: null,
  kind: 'upload_image',
  state: 'running',
  stage: 'starting',
  progress: 0,
  attempt: 1,
  options: { frames: 25 },
  result: { takeId: 'take-1', more: 'of another version' },
  provider: null,
  model: null,
  error: null,
  costUsd: null,
  charged: null,
  cancelRequested: false,
  createdAt: '',
  startedAt: null,
  finishedAt: null,
  updatedAt: '',
};
const context: JobContext = {
  signal: new AbortController().signal,
  progress: () => undefined,
  log: createLog('silent'),
  attempt: 1,
  providerJobId: null,
};

test('a run gets its options by the schema, and stores under its job with a completion of its own', async () => {
  const seen: unknown[] = [];
  const stored: StoreFilesRequest[] = [];
  const worker = cutJob.by({
    complete: { 'cut.made': async () => undefined },
    async run({ options, store }) {
      seen.push(options);
      await store({ files, completion: 'cut.made', arguments: { takeId: 'take-1' } });
    },
  });
  const handler = worker.handlerIn({
    async storeFiles(request) {
      stored.push(request);
      return [];
    },
  });
  await handler(job, context);
  expect(seen).toEqual([{ frames: 25, note: 'none' }]);
  expect(stored).toEqual([
    {
      files,
      jobId: 'job-1',
      completion: 'cut.made',
      arguments: { takeId: 'take-1' },
      signal: context.signal,
    },
  ]);
});

test('a completion reads the arguments that the outbox kept, also those of an earlier version', async () => {
  const seen: unknown[] = [];
  const { completions } = cutJob.by({
    complete: {
      async 'cut.made'(_tx, _files, made) {
        seen.push(made);
      },
    },
    run: async () => undefined,
  });
  expect(Object.keys(completions)).toEqual(['cut.made']);
  const tx = Object.create(null);
  await completions['cut.made']?.(tx, [], { takeId: 'take-1', dropped: true });
  expect(seen).toEqual([{ takeId: 'take-1', note: 'none' }]);
  await expect(completions['cut.made']?.(tx, [], {})).rejects.toThrow('takeId');
});

test('options and results of rows are read by their schemas, new jobs carry their kind', () => {
  expect(cutJob.optionsOf(job)).toEqual({ frames: 25, note: 'none' });
  expect(cutJob.resultOf(job)).toEqual({ takeId: 'take-1' });
  const asked = { projectId: 'p', sceneId: 's', options: { frames: 3 }, enqueue: true };
  expect(cutJob.newJob(asked)).toEqual({ ...asked, kind: 'upload_image' });
});

test('what is forgotten does not compile', () => {
  const forgotten = [
    // @ts-expect-error a completion that is defined and never made
    () => cutJob.by({ complete: {}, run: async () => undefined }),
    () =>
      cutJob.by({
        complete: { 'cut.made': async () => undefined },
        async run({ store }) {
          // @ts-expect-error a completion that the job doesn't define
          await store({ files, completion: 'cut.done', arguments: { takeId: 'take-1' } });
          // @ts-expect-error arguments that the completion doesn't take
          await store({ files, completion: 'cut.made', arguments: { take: 'take-1' } });
        },
      }),
    () =>
      defineJob({
        // @ts-expect-error a kind that the contract doesn't know
        kind: 'cut',
        pool: 'ffmpeg',
        options: v.object({}),
        result: v.object({}),
        completions: {},
      }),
    (of: Parameters<typeof registerWork>[1]) => {
      const jobs = [
        cutJob.by({ complete: { 'cut.made': async () => undefined }, run: async () => undefined }),
      ];
      // @ts-expect-error kinds of the contract that no feature runs
      registerWork({ jobs, completions: {} }, of);
    },
  ];
  expect(forgotten).toHaveLength(4);
});
