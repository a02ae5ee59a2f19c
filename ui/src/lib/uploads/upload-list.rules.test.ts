import { expect, test } from 'bun:test';
import {
  canTryAgain,
  isSameFile,
  nextToSend,
  readSavedUploads,
  type SavedUpload,
  stateAfterReload,
  type UploadState,
} from './upload-list.rules';

const entries = (...states: UploadState[]) => states.map((state, index) => ({ state, index }));

test('three are sent at a time, in order; what is prepared or failed takes no place', () => {
  const next = (...states: UploadState[]) => nextToSend(entries(...states)).map(({ index }) => index);
  expect(next('waiting', 'waiting', 'waiting', 'waiting')).toEqual([0, 1, 2]);
  expect(next('uploading', 'preparing', 'failed', 'waiting', 'uploading', 'waiting')).toEqual([3]);
  expect(next('uploading', 'uploading', 'uploading', 'waiting')).toEqual([]);
});

test('after a reload what has its file goes on, what has not asks for it, the rest stays as it was', () => {
  expect(stateAfterReload('uploading', true)).toBe('waiting');
  expect(stateAfterReload('waiting', false)).toBe('interrupted');
  expect(stateAfterReload('preparing', false)).toBe('preparing');
  expect(stateAfterReload('failed', false)).toBe('failed');
});

test('trying again is offered only where the same file can succeed', () => {
  const problem = (status: number) => ({ code: 'X', status, message: '' });
  expect([0, 409, 429, 500, 507].every((status) => canTryAgain(problem(status)))).toBe(true);
  expect([400, 413, 415, 422].some((status) => canTryAgain(problem(status)))).toBe(false);
});

test('a file is known by its name and size', () => {
  expect(isSameFile({ name: 'a.mp4', size: 5 }, { name: 'a.mp4', size: 5 })).toBe(true);
  expect(isSameFile({ name: 'a.mp4', size: 6 }, { name: 'a.mp4', size: 5 })).toBe(false);
});

test('what another version or another hand has saved is left out', () => {
  const saved: SavedUpload = {
    id: '1',
    name: 'a.mp4',
    size: 5,
    lastModified: 1,
    kind: 'clip',
    sceneId: 's',
    toMedia: false,
    state: 'waiting',
    jobId: null,
    problem: null,
  };
  expect(readSavedUploads(JSON.stringify([saved, { id: 2 }, null]))).toEqual([saved]);
  expect(readSavedUploads('{"a"')).toEqual([]);
  expect(readSavedUploads('{}')).toEqual([]);
  expect(readSavedUploads(null)).toEqual([]);
});
