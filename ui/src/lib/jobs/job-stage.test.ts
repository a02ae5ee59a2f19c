import { expect, test } from 'bun:test';
import { en } from '#lib/text/en.ts';
import { stageText } from './job-stage.ts';

const of = (state: 'queued' | 'running', stage: string, cancelRequested = false) =>
  stageText({ state, stage, cancelRequested }, en);

test('a stage is told in words: the studio’s queue is not the provider’s', () => {
  expect(of('queued', 'queued')).toBe('Waiting to start');
  expect(of('running', 'queued-at-provider')).toBe('Waiting for the provider');
  expect(of('running', 'rendering')).toBe('Syncing the lips');
  expect(of('running', 'rendering', true)).toBe('Canceling …');
});

test('rows of earlier versions are shown in the same words', () => {
  expect(of('running', 'queued')).toBe('Waiting for the provider');
  expect(of('running', 'waiting for the provider')).toBe('Waiting for the provider');
  expect(of('running', 'looking for the call')).toBe('Checking with the provider');
  expect(of('running', 'fetched')).toBe('Downloading the file');
});

test('a stage without a text is not shown under its inner name', () => {
  expect(of('running', 'defragmenting')).toBe('');
});
