import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MediaTools } from '../api/media/media.types';
import { makeNumberedClip, readFrameNumbers } from '../api/media/testing/numbered-clip';
import { makeSong } from '../api/media/testing/sound';
import { testFolder, testTools } from '../api/media/testing/tools';
import { runScript } from './lib/script.process';

setDefaultTimeout(60_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await makeNumberedClip(tools, folder.path('a.mp4'), { width: 320, height: 180, fps: 25, frames: 40 });
  await makeNumberedClip(tools, folder.path('b.mp4'), {
    width: 160,
    height: 90,
    fps: 30,
    frames: 60,
    firstNumber: 100,
  });
  await makeSong(folder.path('song.wav'), 5);
});
afterAll(() => folder.remove());

const compose = (...args: string[]) => runScript('compose.ts', args, folder.path(''));

test('puts clips and song together', async () => {
  const { code, out } = await compose('--out', 'final.mp4', '--audio', 'song.wav', 'a.mp4', 'b.mp4');
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^final\.mp4: 90 frames, 3\.600 s.*2 of 2 clips normalised; song cut/),
  ]);
  const numbers = await readFrameNumbers(tools, folder.path('final.mp4'));
  expect(numbers.slice(38, 42)).toEqual([38, 39, 100, 101]);
});

test('takes the size and rate that are asked for', async () => {
  const { out, words } = await compose(
    ...['--out', 'tall.mp4', '--audio', 'song.wav', '--size', '180x320', '--fps', '30', 'a.mp4'],
  );
  expect(words).toContain('180x320, 30 fps');
  expect(out).toContain('48 frames');
});

test('says what is wrong with the call', async () => {
  const cases: [string[], string][] = [
    [[], 'bun run compose -- --out'],
    [['--out', 'x.mp4', '--audio', 'song.wav'], 'bun run compose -- --out'],
    [['--out', 'x.mp4', '--audio', 'none.wav', 'a.mp4'], 'There is no file none.wav'],
    [['--out', 'a.mp4', '--audio', 'song.wav', 'a.mp4'], '--out must not be one of the inputs'],
    [['--out', 'x.mp4', '--audio', 'song.wav', '--size', 'big', 'a.mp4'], '--size big is no size'],
    [['--out', 'x.mp4', '--audio', 'song.wav', '--fps', '26', 'a.mp4'], 'fps must be 24, 25 or 30'],
    [['--nonsense'], 'nonsense'],
    [['--out', 'x.mp4', '--audio', 'a.mp4', 'a.mp4'], 'NoSound'],
    [['--out', 'x.mp4', '--audio', 'song.wav', 'song.wav'], 'NoVideo'],
  ];
  for (const [args, message] of cases) {
    const { code, words } = await compose(...args);
    expect([args.join(' '), code]).toEqual([args.join(' '), 1]);
    expect(words).toContain(message);
  }
  expect(existsSync(resolve(folder.path('x.mp4')))).toBe(false);
});
