import { expect, test } from 'bun:test';
import { EventEmitter } from 'node:events';
import { listenToStopSignals } from './stop-signals';

test('a signal that comes twice at once stops once; one a second later asks again', () => {
  const source = new EventEmitter();
  const heard: string[] = [];
  let time = 5000;
  listenToStopSignals({
    source,
    now: () => time,
    onStop: (name) => heard.push(name),
    onAgain: () => heard.push('again'),
  });
  source.emit('SIGINT');
  source.emit('SIGINT');
  time += 400;
  source.emit('SIGTERM');
  expect(heard).toEqual(['SIGINT']);
  time += 600;
  source.emit('SIGINT');
  expect(heard).toEqual(['SIGINT', 'again']);
});

test('only the named signals are listened to, and asking again may mean nothing', () => {
  const source = new EventEmitter();
  const heard: string[] = [];
  let time = 0;
  listenToStopSignals({ source, now: () => time, names: ['SIGHUP'], onStop: (name) => heard.push(name) });
  expect(source.eventNames()).toEqual(['SIGHUP']);
  source.emit('SIGHUP');
  time = 9000;
  source.emit('SIGHUP');
  expect(heard).toEqual(['SIGHUP']);
});
