import { expect, test } from 'bun:test';
import { RelayedError } from '../shared/errors';
import { outageOf } from './jobs.services';

const failure = (code: string, retryable: boolean) =>
  new RelayedError({ code, status: 503, message: `It is ${code}.`, retryable });

test('a run that failed because the store or the database was away waits, whatever else fails', () => {
  expect(outageOf(failure('UploadFailed', true))?.code).toBe('UploadWaiting');
  expect(outageOf(failure('StorageUnavailable', true))).toEqual({
    code: 'StorageWaiting',
    message: 'It is StorageUnavailable.',
  });
  expect(outageOf(failure('StorageTimeout', true))?.code).toBe('StorageWaiting');
  expect(outageOf(Object.assign(new Error('closed'), { code: 'CONNECTION_CLOSED' }))?.code).toBe(
    'DatabaseWaiting',
  );
});

test('a store that refuses for good, damage and unknown errors end or count', () => {
  expect(outageOf(failure('StorageRefused', false))).toBeNull();
  expect(outageOf(failure('DownloadDamaged', true))).toBeNull();
  expect(outageOf(new Error('boom'))).toBeNull();
});
