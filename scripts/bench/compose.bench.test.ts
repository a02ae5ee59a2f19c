import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { testFolder } from '../../api/media/testing/tools';
import { runScript } from '../lib/script.process';

setDefaultTimeout(120_000);
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  folder = await testFolder();
});
afterAll(() => folder.remove());

const bench = (...args: string[]) => runScript('bench/index.ts', ['compose', ...args], folder.path(''));

test('--cold 0 leaves the cold comparison out', async () => {
  const { code, out, words } = await bench('--exact', '0', '--scenes', '1', '--repeat', '1', '--cold', '0');
  expect([code, words]).toEqual([0, '']);
  expect(out).toContain('1 takes ready');
  expect(out).not.toContain('cold,');
});

test('a number that is none is named', async () => {
  for (const [option, value] of [
    ['cold', 'many'],
    ['scenes', '1.5'],
    ['exact', '-1'],
    ['repeat', '0'],
  ] as const) {
    const { code, words } = await bench(`--${option}=${value}`);
    expect([code, words]).toEqual([1, expect.stringContaining(`--${option} ${value} is no `)]);
    expect(words.trim().split('\n')).toHaveLength(1);
  }
});
