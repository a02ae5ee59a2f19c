import { expect, test } from 'bun:test';
import { roughTime, secondsLeft, timecode } from './time';

test('lengths of work are said in whole seconds, then minutes', () => {
  expect([0.2, 42.4, 89, 91, 600].map((seconds) => roughTime(seconds, 'en'))).toEqual([
    '1 sec',
    '42 sec',
    '89 sec',
    '2 min',
    '10 min',
  ]);
});

test('time left follows from what is done, once there is enough of it', () => {
  expect(secondsLeft(0, 10_000, 0.25)).toBe(30);
  expect(secondsLeft(0, 10_000, 0.01)).toBeNull();
  expect(secondsLeft(0, 500, 0.5)).toBeNull();
  expect(secondsLeft(0, 10_000, 1)).toBeNull();
});

test('places and lengths read m:ss.f', () => {
  expect([0, 0.04, 1.25, 59.96, 180, 4500.5, -1].map(timecode)).toEqual([
    '0:00.0',
    '0:00.0',
    '0:01.3',
    '1:00.0',
    '3:00.0',
    '75:00.5',
    '0:00.0',
  ]);
});
