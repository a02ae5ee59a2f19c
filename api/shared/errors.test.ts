import { expect, test } from 'bun:test';
import { answeredErrors } from '../contract/error.catalogue';
import type { ErrorEntry } from '../contract/error.entry';
import { AppError, type AppErrorOptions, errorMessage, hasCode, isAbort, RelayedError } from './errors';
import { JobCanceled, JobInterrupted, JobLost } from './job-stops';

test('words of others in an error can be stored: its message, its details and the text of what was thrown', () => {
  const details = { provider: 'sync', charged: 'no', reason: 'a\0b\ud83d' } as const;
  const error = new AppError({ code: 'ProviderFailed', message: 'No \0face\ud83d.', details });
  expect(error.message).toBe('No face\ufffd.');
  expect(error.details).toEqual({ provider: 'sync', charged: 'no', reason: 'ab\ufffd' });
  expect(new AppError({ code: 'NoSound', message: 'x' }).details).toBeUndefined();
  expect(errorMessage(new Error('x\0'))).toBe('x');
  expect(errorMessage('\udc00')).toBe('\ufffd');
});

test('status and retryability follow from the code; only where they don’t, the place says them', () => {
  const facts = ({ status, retryable, name }: AppError) => ({ status, retryable, name });
  expect(facts(new AppError({ code: 'TooManyRequests', message: 'x' }))).toEqual({
    status: 429,
    retryable: true,
    name: 'TooManyRequests',
  });
  expect(facts(new AppError({ code: 'SceneBusy', message: 'x', details: { jobId: '1' } }))).toMatchObject({
    status: 409,
    retryable: false,
  });
  for (const [status, retryable] of [
    [502, true],
    [500, false],
  ] as const) {
    const failed = new AppError({ code: 'UploadFailed', message: 'x', status, retryable });
    expect(facts(failed)).toMatchObject({ status, retryable });
  }
});

test('what an error of a code needs does not compile without', () => {
  type Needs<Code extends AppErrorOptions['code'], Field> = Field extends keyof AppErrorOptions<Code>
    ? true
    : false;
  const needs: [
    Needs<'SceneBusy', 'details'>,
    Needs<'SceneBusy', 'status'>,
    Needs<'UploadFailed', 'status'>,
    Needs<'NoSound', 'details'>,
  ] = [true, false, true, false];
  expect(needs).toHaveLength(4);
});

test('what was told or stored stays as it was; a code of another version is none of ours', () => {
  const told = { code: 'SceneBusy', status: 418, message: 'x', details: { of: 'old' }, retryable: true };
  expect(new RelayedError(told)).toMatchObject({ ...told, name: 'SceneBusy' });
  expect(new RelayedError({ ...told, code: 'Gone' })).toMatchObject({ code: 'InternalError', status: 418 });
  expect(hasCode(new RelayedError(told), 'SceneBusy')).toBe(true);
  expect(hasCode(new Error('SceneBusy'), 'SceneBusy')).toBe(false);
});

test('every answered code has statuses that HTTP answers', () => {
  const entries: [string, ErrorEntry][] = Object.entries(answeredErrors);
  const odd = entries.filter(
    ([, { status }]) => status !== 'any' && ![status].flat().every((one) => one >= 400 && one < 600),
  );
  expect(odd).toEqual([]);
});

test('each reason that stops a run is an abort', () => {
  for (const reason of [new JobCanceled(), new JobInterrupted(), new JobLost()])
    expect(isAbort(reason)).toBe(true);
  const named = new Error('x');
  named.name = 'JobCanceled';
  expect(isAbort(named)).toBe(false);
});
