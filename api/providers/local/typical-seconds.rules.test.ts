import { expect, test } from 'bun:test';
import { localSeconds } from './typical-seconds.rules';

test('a lip-sync of a minute on this machine takes 0.3 to 0.55 of a minute, after a start', () => {
  expect(localSeconds('lipsync', 60)).toEqual({ from: 19, to: 37 });
});

test('an image has no length', () => {
  expect(localSeconds('image', null)).toEqual({ from: 1, to: 4 });
});
