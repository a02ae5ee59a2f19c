import { expect, test } from 'bun:test';
import { AppError } from '../shared/errors';
import { JobCanceled, JobInterrupted, JobLost } from '../shared/job-stops';
import { JobDeferred } from './jobs.errors';
import { decideSettlement, decideStart, type JobRow, retryDelaySeconds } from './jobs.rules';

const row = (change: Partial<JobRow> = {}): JobRow => ({
  id: 'job',
  projectId: null,
  sceneId: null,
  kind: 'upload_image',
  state: 'running',
  stage: 'x',
  progress: 0,
  attempt: 1,
  options: {},
  result: null,
  provider: null,
  model: null,
  providerJobId: null,
  errorCode: null,
  errorStatus: null,
  errorMessage: null,
  errorDetails: null,
  costUsd: null,
  charged: null,
  cancelRequestedAt: null,
  entryId: 'entry',
  runId: 'run',
  createdAt: new Date(0),
  startedAt: null,
  finishedAt: null,
  updatedAt: new Date(0),
  ...change,
});
const asked = { cancelRequestedAt: new Date(0) };
const retryable = new AppError({ code: 'DownloadDamaged', message: 'Busy.' });
const final = new AppError({ code: 'NoSound', message: 'No.' });

test('a delivery runs a job only when it is the current one of an active job', () => {
  const start = (job: JobRow | null) => decideStart(job, 'entry', 5);
  expect(start(row({ state: 'queued' }))).toBe('run');
  expect(start(row())).toBe('run');
  expect(start(null)).toBe('ignore');
  expect(start(row({ entryId: 'newer' }))).toBe('ignore');
  for (const state of ['succeeded', 'failed', 'canceled'] as const)
    expect(start(row({ state }))).toBe('ignore');
  expect(start(row({ ...asked, attempt: 5 }))).toBe('cancel');
  expect(start(row({ attempt: 4 }))).toBe('run');
  expect(start(row({ attempt: 5 }))).toBe('exhausted');
});

test('what becomes of a job when a run is over', () => {
  const settle = (job: JobRow | null, error: unknown, abortReason: unknown = null) =>
    decideSettlement(job, 'run', { threw: error !== undefined, error, abortReason }, 5);
  expect(settle(null, retryable).to).toBe('unchanged');
  expect(settle(row({ runId: 'other' }), retryable).to).toBe('unchanged');
  expect(settle(row({ state: 'succeeded' }), undefined).to).toBe('unchanged');
  expect(settle(row(asked), final).to).toBe('canceled');
  expect(settle(row(), 'stopped', new JobCanceled()).to).toBe('canceled');
  expect(settle(row(), 'stopped', new JobInterrupted()).to).toBe('handed-back');
  expect(settle(row(asked), 'stopped', new JobInterrupted()).to).toBe('canceled');
  expect(settle(row(), 'stopped', new JobLost()).to).toBe('unchanged');
  expect(settle(row(), undefined)).toMatchObject({ to: 'failed', error: { code: 'JobLeftOpen' } });
  expect(settle(row(), final)).toMatchObject({ to: 'failed', error: final });
  expect(settle(row({ attempt: 2 }), retryable)).toEqual({
    to: 'again',
    error: retryable,
    delaySeconds: 8,
    counts: true,
  });
  const waits = new JobDeferred({
    error: new AppError({ code: 'StorageWaiting', message: 'Waits.' }),
    delaySeconds: 30,
  });
  expect(settle(row({ attempt: 5 }), waits)).toEqual({
    to: 'again',
    error: waits,
    delaySeconds: 30,
    counts: false,
  });
  expect(settle(row(), new TypeError('x'))).toMatchObject({ to: 'again', error: { code: 'InternalError' } });
  expect(settle(row({ attempt: 5 }), retryable)).toMatchObject({ to: 'failed', error: retryable });
});

test('the pause before the next run grows to two minutes', () => {
  expect([1, 2, 3, 4, 5].map(retryDelaySeconds)).toEqual([2, 8, 32, 120, 120]);
});
