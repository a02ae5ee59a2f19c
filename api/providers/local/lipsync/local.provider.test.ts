import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertJoinable } from '../../../media/mezzanine';
import { mezzanineVideoArguments } from '../../../media/mezzanine.arguments';
import { normaliseClip } from '../../../media/normalise';
import type { LipsyncRequest } from '../../lipsync/lipsync.types';
import type { LocalRunContext } from '../../process/process.run';
import { createLocalLipsyncProvider, LOCAL_MODEL } from './local.provider';
import { createTestKit, encodeArguments, log, type TestKit } from './test/test.clips';

const LIMIT = 120_000;
let kit: TestKit;
let request: LipsyncRequest;

beforeAll(async () => {
  kit = await createTestKit();
  const { options, width, height, fps } = kit.job({});
  request = {
    jobId: 'test',
    options,
    width,
    height,
    fps,
    frames: 20,
    videoPath: await kit.face('face.mp4', 20),
    audioPath: await kit.voice('voice.wav', 1),
    outputPath: join(kit.folder, 'out.mp4'),
    workDirectory: kit.folder,
  };
}, LIMIT);
afterAll(async () => {
  await rm(kit.folder, { recursive: true, force: true });
});

const provider = (workerPath?: string) =>
  createLocalLipsyncProvider({
    ffmpegPath: kit.ffmpegPath,
    videoEncodeArguments: () => encodeArguments,
    ...(workerPath === undefined ? {} : { workerPath }),
  });
const context = (change: Partial<LocalRunContext> = {}): LocalRunContext => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  log,
  ...change,
});
async function worker(name: string, code: string): Promise<string> {
  const path = join(kit.folder, name);
  await Bun.write(path, code);
  return path;
}

describe('local lip-sync provider', () => {
  test(
    'runs the engine in a process of its own and reports',
    async () => {
      const seen: string[] = [];
      const result = await provider().run(request, context({ progress: (stage) => seen.push(stage) }));
      expect(result).toMatchObject({
        model: LOCAL_MODEL,
        ignoredOptions: [],
        report: { frames: 20, shots: 1 },
      });
      expect(new Set(seen)).toEqual(new Set(['tracking', 'rendering']));
      expect((await kit.probe(request.outputPath))[0]).toMatchObject({ nb_frames: '20' });
    },
    LIMIT,
  );

  test(
    'the result is a take: it joins its source without being encoded again',
    async () => {
      const format = { width: 360, height: 640, fps: 25 } as const;
      const tools = { ffmpegPath: kit.ffmpegPath, ffprobePath: kit.ffprobePath, log };
      const videoPath = join(kit.folder, 'take.mp4');
      await normaliseClip(tools, { sourcePath: request.videoPath, format, outputPath: videoPath });
      const outputPath = join(kit.folder, 'sung-take.mp4');
      const local = createLocalLipsyncProvider({
        ffmpegPath: kit.ffmpegPath,
        videoEncodeArguments: () => mezzanineVideoArguments(format, 2),
      });
      await local.run({ ...request, videoPath, outputPath }, context());
      const joined = await assertJoinable([videoPath, outputPath], format);
      expect(joined.map(({ frames }) => frames)).toEqual([20, 20]);
    },
    LIMIT,
  );

  test(
    'typed errors of the engine come back as they were',
    async () => {
      const videoPath = await kit.noFace('none.mp4', 5);
      const run = provider().run({ ...request, videoPath, frames: 5 }, context());
      await expect(run).rejects.toMatchObject({ code: 'NoFaceFound', status: 422 });
      await expect(run).rejects.toThrow('looks towards the camera');
    },
    LIMIT,
  );

  test(
    'a cancel ends everything within a second and leaves nothing behind',
    async () => {
      const outputPath = join(kit.folder, 'canceled.mp4');
      const stop = new AbortController();
      let canceledAt = 0;
      const run = provider().run(
        { ...request, outputPath },
        context({
          signal: stop.signal,
          progress: (stage) => {
            if (stage !== 'rendering' || canceledAt > 0) return;
            canceledAt = performance.now();
            stop.abort();
          },
        }),
      );
      await expect(run).rejects.toMatchObject({ name: 'AbortError' });
      expect(performance.now() - canceledAt).toBeLessThan(1000);
      expect(existsSync(outputPath)).toBe(false);
      expect(existsSync(join(kit.folder, 'lipsynced.mp4.part'))).toBe(false);
    },
    LIMIT,
  );

  test('an engine that ignores the polite stop is killed within a second', async () => {
    const stubborn = await worker(
      'stubborn.ts',
      `process.on('SIGTERM', () => undefined);
       console.log(JSON.stringify({ type: 'progress', stage: 'tracking', fraction: 0 }));
       setInterval(() => undefined, 1000);`,
    );
    const stop = new AbortController();
    let canceledAt = 0;
    const run = provider(stubborn).run(
      request,
      context({
        signal: stop.signal,
        progress: () => {
          canceledAt = performance.now();
          stop.abort();
        },
      }),
    );
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
    expect(performance.now() - canceledAt).toBeLessThan(1000);
  });

  test('an engine that dies is told with its last words, and may be tried again', async () => {
    const dying = await worker(
      'dying.ts',
      `console.log('chatter'); console.error('out of breath'); process.exit(9);`,
    );
    const run = provider(dying).run(request, context());
    await expect(run).rejects.toMatchObject({
      code: 'LipsyncEngineDied',
      retryable: true,
      details: { lastOutput: 'out of breath' },
    });
  });

  test('nothing is started for a job that is canceled already', async () => {
    const run = provider().run(request, context({ signal: AbortSignal.abort() }));
    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });

  test(
    'the engine ends when whoever started it is gone',
    async () => {
      const { videoPath, audioPath } = request;
      const job = kit.job({ videoPath, audioPath, outputPath: join(kit.folder, 'orphan.mp4') });
      const child = Bun.spawn([process.execPath, join(import.meta.dir, 'local.worker.ts')], {
        stdin: 'pipe',
        stdout: 'pipe',
        stderr: 'ignore',
      });
      child.stdin.write(`${JSON.stringify(job)}\n`);
      await child.stdin.end();
      expect(await child.exited).toBe(143);
      expect(existsSync(join(kit.folder, 'orphan.mp4'))).toBe(false);
    },
    LIMIT,
  );
});
