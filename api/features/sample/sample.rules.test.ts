import { expect, test } from 'bun:test';
import { nextStep } from './sample.rules';

test('a sample is filled, synced and composed in this order, each once', () => {
  const filled = { activeJobId: null, hasSong: true, clips: ['original', 'original'], isComposed: false };
  const kind = (state: typeof filled | { clips: (string | null)[] }, ...tried: string[]) =>
    nextStep({ ...filled, ...state }, new Set(tried)).kind;
  expect(nextStep({ ...filled, activeJobId: 'a' }, new Set())).toEqual({ kind: 'wait', jobId: 'a' });
  expect(kind({ clips: [] })).toBe('incomplete');
  expect(kind({ clips: ['original', null] })).toBe('incomplete');
  expect(kind({ ...filled, hasSong: false })).toBe('incomplete');
  expect(kind(filled)).toBe('lipsync');
  // It failed: the video is composed without it.
  expect(kind(filled, 'lipsync')).toBe('compose');
  expect(kind({ clips: ['original', 'lipsynced'] })).toBe('compose');
  expect(kind({ clips: ['original', 'lipsynced'] }, 'compose')).toBe('done');
  expect(kind({ ...filled, isComposed: true }, 'lipsync')).toBe('done');
});
