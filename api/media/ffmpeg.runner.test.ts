import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { AppError } from '../shared/errors';
import { createProgressReader } from './ffmpeg.progress';
import { runFfmpeg, runFfprobe, withoutPaths } from './ffmpeg.runner';
import type { MediaTools } from './media.types';
import { testFolder, testTools } from './testing/tools';

setDefaultTimeout(60_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

const endless = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=25'];
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (thrown: unknown) => thrown,
  );

describe('runFfmpeg', () => {
  test('reports frames and seconds, and the last report is the whole', async () => {
    const seen: number[] = [];
    const result = await runFfmpeg(tools, {
      step: 'Make a test clip',
      args: ['-f', 'lavfi', '-i', 'testsrc2=size=64x64:rate=25:duration=2', folder.path('a.mp4')],
      timeLimitSeconds: 30,
      onProgress: (progress) => seen.push(progress.frames),
    });
    expect(result.frames).toBe(50);
    expect(result.seconds).toBeGreaterThan(1.8);
    expect(seen.at(-1)).toBe(50);
  });

  test('ends within a second of an abort and throws the reason', async () => {
    const controller = new AbortController();
    const canceled = new DOMException('stopped', 'AbortError');
    let abortedAt = 0;
    const run = runFfmpeg(tools, {
      step: 'Run for ever',
      args: [...endless, folder.path('endless.mp4')],
      timeLimitSeconds: 60,
      signal: controller.signal,
      onProgress: () => {
        abortedAt ||= performance.now();
        controller.abort(canceled);
      },
    });
    expect(await failure(run)).toBe(canceled);
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  test('kills a program that ignores SIGTERM', async () => {
    const stubborn = { ...tools, ffmpegPath: folder.path('stubborn') };
    await Bun.write(
      stubborn.ffmpegPath,
      '#!/bin/sh\ntrap "" TERM\necho progress=continue\nwhile :; do :; done\n',
    );
    await Bun.spawn(['chmod', '+x', stubborn.ffmpegPath]).exited;
    const controller = new AbortController();
    let abortedAt = 0;
    const run = runFfmpeg(stubborn, {
      step: 'Be stubborn',
      args: [],
      timeLimitSeconds: 60,
      signal: controller.signal,
      onProgress: () => {
        abortedAt = performance.now();
        controller.abort();
      },
    });
    expect(await failure(run)).toHaveProperty('name', 'AbortError');
    expect(performance.now() - abortedAt).toBeLessThan(1000);
  });

  test('does not start when aborted before', async () => {
    const run = runFfmpeg(tools, {
      step: 'Never',
      args: [...endless, folder.path('never.mp4')],
      timeLimitSeconds: 5,
      signal: AbortSignal.abort(),
    });
    expect(await failure(run)).toHaveProperty('name', 'AbortError');
    expect(existsSync(folder.path('never.mp4'))).toBe(false);
  });

  test('stops at the time limit', async () => {
    const run = runFfmpeg(tools, {
      step: 'Run for ever',
      args: [...endless, folder.path('late.mp4')],
      timeLimitSeconds: 0.3,
    });
    expect(await failure(run)).toMatchObject({ code: 'MediaStepTimedOut', status: 503, retryable: true });
  });

  test('stops when the output grows past its limit', async () => {
    const run = runFfmpeg(tools, {
      step: 'Fill the disk',
      args: [
        '-f',
        'lavfi',
        '-i',
        'nullsrc=size=640x480:duration=600',
        '-c:v',
        'rawvideo',
        folder.path('big.avi'),
      ],
      timeLimitSeconds: 60,
      maxOutputBytes: 5_000_000,
    });
    expect(await failure(run)).toMatchObject({ code: 'MediaOutputTooLarge', status: 422 });
  });

  test('tells the last words of ffmpeg without the folders of the server', async () => {
    const missing = folder.path('not-there.mp4');
    const thrown = await failure(
      runFfmpeg(tools, {
        step: 'Read a file',
        args: ['-i', missing, folder.path('x.mp4')],
        timeLimitSeconds: 5,
      }),
    );
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'MediaStepFailed', details: { program: 'ffmpeg', exitCode: 1 } });
    const text = JSON.stringify([thrown instanceof AppError && [thrown.message, thrown.details]]);
    expect(text).toContain('No such file');
    expect(text).toContain('not-there.mp4');
    expect(text).not.toContain(missing);
  });

  test('a program that somebody else ended says nothing of the file, and may run again', async () => {
    let killed = false;
    const run = runFfmpeg(tools, {
      step: 'Run for ever',
      args: [...endless, folder.path('killed.mp4')],
      timeLimitSeconds: 60,
      onProgress: () => {
        if (killed) return;
        killed = true;
        Bun.spawnSync(['pkill', '-KILL', '-f', folder.path('killed.mp4')]);
      },
    });
    expect(await failure(run)).toMatchObject({
      code: 'MediaProgramKilled',
      retryable: true,
      details: { signal: 'SIGKILL' },
    });
  });

  test('says so when the program itself is missing', async () => {
    const run = runFfprobe(
      { ...tools, ffprobePath: '/no/such/program' },
      { step: 'Look', args: [], timeLimitSeconds: 5 },
    );
    expect(await failure(run)).toMatchObject({ code: 'MediaStepFailed' });
  });

  test('leaves no process behind when the progress callback throws', async () => {
    const run = runFfmpeg(tools, {
      step: 'Run for ever',
      args: [...endless, folder.path('thrown.mp4')],
      timeLimitSeconds: 60,
      onProgress: () => {
        throw new Error('callback');
      },
    });
    expect(await failure(run)).toHaveProperty('message', 'callback');
  });
});

test('progress is read across torn chunks and N/A values', () => {
  const seen: unknown[] = [];
  const read = createProgressReader((progress) => seen.push(progress));
  read('frame=1');
  read('2\nout_time_us=N/A\ntotal_size=48\nprog');
  read('ress=continue\nframe=24\nout_time_us=1000000\nprogress=end\n');
  expect(seen).toEqual([
    { frames: 12, seconds: 0, bytes: 48 },
    { frames: 24, seconds: 1, bytes: 48 },
  ]);
});

test('paths and addresses are taken out of a line', () => {
  expect(withoutPaths('[mov,mp4 @ 0x55d] /srv/data/a b/clip.mp4: moov atom not found')).not.toContain('/srv');
  expect(withoutPaths('file:/srv/x/clip.mp4: Invalid data')).toBe('clip.mp4: Invalid data');
});
