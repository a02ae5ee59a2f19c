import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runEngine } from './engine';
import type { EngineContext } from './engine.job';
import { decodeFrames } from './pictures/frame.decoder';
import { createTestKit, type TestKit } from './test/test.clips';

/** Loading the models and walking through a clip twice takes seconds on a busy machine. */
const LIMIT = 120_000;
const context: EngineContext = {
  signal: new AbortController().signal,
  progress: () => undefined,
  now: () => performance.now(),
};
let kit: TestKit;
let voice: string;

beforeAll(async () => {
  kit = await createTestKit();
  voice = await kit.voice('voice.wav', 2);
}, LIMIT);
afterAll(async () => {
  await rm(kit.folder, { recursive: true, force: true });
});

/** The most that any 16x16 block between two heights (0..1) and columns differs, per frame, in luma steps. */
async function differences(
  a: string,
  b: string,
  frames: number,
  top: number,
  bottom: number,
  { width = 360, left = 0, right = width }: { width?: number; left?: number; right?: number } = {},
): Promise<number[]> {
  const size = { width, height: 640, frames };
  const second = decodeFrames(kit.ffmpegPath, { path: b, ...size }, context.signal);
  const result: number[] = [];
  for await (const frame of decodeFrames(kit.ffmpegPath, { path: a, ...size }, context.signal)) {
    const other = (await second.next()).value;
    let most = 0;
    for (let y = Math.round(top * 640); y + 16 <= bottom * 640; y += 16) {
      for (let x = left; x + 16 <= right; x += 16) {
        let sum = 0;
        for (let i = 0; i < 256; i++) {
          const at = (y + (i >> 4)) * width + x + (i & 15);
          sum += Math.abs((frame.y[at] ?? 0) - (other?.y[at] ?? 0));
        }
        most = Math.max(most, sum / 256);
      }
    }
    result.push(most);
  }
  await second.return(undefined);
  return result;
}

describe('runEngine', () => {
  test(
    'moves the mouth, keeps frames, size and sound length, leaves the rest alone',
    async () => {
      const videoPath = await kit.face('face.mp4', 30);
      const outputPath = join(kit.folder, 'sung.mp4');
      const stages = new Set<string>();
      const report = await runEngine(kit.job({ videoPath, audioPath: voice, vocalPath: voice, outputPath }), {
        ...context,
        progress: (stage) => stages.add(stage),
      });
      expect(report).toMatchObject({ frames: 30, framesWithFace: 30, shots: 1, driver: { source: 'vocal' } });
      expect(report.target).toHaveLength(30);
      expect([...stages]).toEqual(['tracking', 'rendering']);
      const [picture, sound] = await kit.probe(outputPath);
      expect(picture).toMatchObject({ codec_name: 'h264', width: '360', height: '640', nb_frames: '30' });
      expect(sound).toMatchObject({ codec_name: 'aac', sample_rate: '48000', duration_ts: '57600' });
      const face = await differences(videoPath, outputPath, 30, 0.1, 0.6);
      const below = await differences(videoPath, outputPath, 30, 0.75, 1);
      expect(Math.max(...face)).toBeGreaterThan(15);
      expect(Math.max(...below)).toBeLessThan(6);
      expect(await readdir(kit.folder)).not.toContain('lipsynced.mp4.part');
    },
    LIMIT,
  );

  test(
    'without a face nothing is encoded',
    async () => {
      const videoPath = await kit.noFace('no-face.mp4', 10);
      const outputPath = join(kit.folder, 'no-face-out.mp4');
      const run = runEngine(kit.job({ videoPath, audioPath: voice, outputPath, frames: 10 }), context);
      await expect(run).rejects.toMatchObject({ code: 'NoFaceFound', status: 422 });
      expect(existsSync(outputPath)).toBe(false);
    },
    LIMIT,
  );

  test(
    'what cannot be decoded is said',
    async () => {
      const text = join(kit.folder, 'text.mp4');
      await Bun.write(text, 'this is no video');
      const unreadable = runEngine(kit.job({ videoPath: text, audioPath: voice }), context);
      await expect(unreadable).rejects.toMatchObject({ code: 'UnreadableVideo', status: 422 });
      const empty = join(kit.folder, 'empty.wav');
      await kit.ffmpeg('-f', 'lavfi', '-i', 'anullsrc=r=48000', '-t', '0', empty);
      const videoPath = await kit.face('short.mp4', 5);
      const silent = runEngine(kit.job({ videoPath, audioPath: empty, frames: 5 }), context);
      await expect(silent).rejects.toMatchObject({ code: 'UnreadableAudio', status: 422 });
    },
    LIMIT,
  );

  test(
    'sound shorter than the clip leaves the rest closed; a hard cut makes two shots',
    async () => {
      const face = await kit.face('first.mp4', 15);
      const gone = await kit.noFace('second.mp4', 10);
      const videoPath = join(kit.folder, 'cut.mp4');
      await kit.ffmpeg(
        '-i',
        face,
        '-i',
        gone,
        '-filter_complex',
        '[0:v][1:v]concat=n=2',
        '-bf',
        '0',
        videoPath,
      );
      const audioPath = join(kit.folder, 'short.wav');
      await kit.ffmpeg('-i', voice, '-t', '0.3', '-ar', '8000', '-ac', '1', audioPath);
      const outputPath = join(kit.folder, 'cut-out.mp4');
      const job = kit.job({ videoPath, audioPath, vocalPath: audioPath, outputPath, frames: 25 });
      const report = await runEngine(job, context);
      expect(report).toMatchObject({ shots: 2, framesWithFace: 15, passedThrough: { noFace: 10 } });
      expect(Math.max(...report.target.slice(12))).toBeLessThan(0.02);
      expect((await kit.probe(outputPath))[1]).toMatchObject({ duration_ts: '48000' });
    },
    LIMIT,
  );

  test(
    'takes sound of any rate and length, and says when there is none',
    async () => {
      const videoPath = await kit.face('sounds.mp4', 6);
      const run = async (name: string, ...args: string[]): Promise<void> => {
        const audioPath = join(kit.folder, `${name}.wav`);
        await kit.ffmpeg('-i', voice, ...args, audioPath);
        const outputPath = join(kit.folder, `${name}-out.mp4`);
        const report = await runEngine(kit.job({ videoPath, audioPath, outputPath, frames: 6 }), context);
        expect(report.framesWithFace).toBe(6);
        const [picture, sound] = await kit.probe(outputPath);
        expect(picture).toMatchObject({ nb_frames: '6' });
        expect(sound).toMatchObject({ sample_rate: '48000', duration_ts: '11520' });
      };
      await run('longer-96k-mono', '-ar', '96000', '-ac', '1');
      await run('8k-stereo', '-ar', '8000', '-ac', '2', '-t', '0.1');
      await expect(run('empty', '-t', '0')).rejects.toMatchObject({ code: 'UnreadableAudio', status: 422 });
      expect(existsSync(join(kit.folder, 'empty-out.mp4'))).toBe(false);
    },
    LIMIT,
  );

  test(
    'a clip that ends early keeps its last picture, drawn anew in every frame',
    async () => {
      const videoPath = await kit.face('early.mp4', 8);
      const outputPath = join(kit.folder, 'early-out.mp4');
      const job = kit.job({ videoPath, audioPath: voice, vocalPath: voice, outputPath, frames: 16 });
      expect(await runEngine(job, context)).toMatchObject({ frames: 16, framesWithFace: 16, shots: 1 });
      expect((await kit.probe(outputPath))[0]).toMatchObject({ nb_frames: '16' });
      // Below the face nothing was ever drawn, so nothing may have been drawn twice.
      const below = await differences(videoPath, outputPath, 16, 0.75, 1);
      expect(Math.max(...below)).toBeLessThan(6);
    },
    LIMIT,
  );

  test(
    'a temperature opens the mouth further, step by step',
    async () => {
      const videoPath = await kit.face('temperature.mp4', 12);
      const largest: number[] = [];
      for (const temperature of [0, 0.5, 1]) {
        const job = kit.job({ videoPath, audioPath: voice, vocalPath: voice, frames: 12 });
        const report = await runEngine({ ...job, options: { ...job.options, temperature } }, context);
        largest.push(Math.max(...report.target));
      }
      const [low = 0, middle = 0, high = 0] = largest;
      expect(low).toBeGreaterThan(0.02);
      expect(middle).toBeGreaterThan(low * 1.2);
      expect(high).toBeGreaterThan(middle * 1.2);
    },
    LIMIT,
  );

  test(
    'of two faces the marked one sings, the other keeps its pixels',
    async () => {
      const face = await kit.face('one.mp4', 10);
      const videoPath = join(kit.folder, 'pair.mp4');
      const pair = '[0:v]split[a][b];[b]hflip[c];[a][c]hstack';
      await kit.ffmpeg('-i', face, '-filter_complex', pair, '-bf', '0', '-crf', '12', videoPath);
      const outputPath = join(kit.folder, 'pair-out.mp4');
      const job = kit.job({
        videoPath,
        audioPath: voice,
        vocalPath: voice,
        outputPath,
        width: 720,
        frames: 10,
      });
      const options = { ...job.options, speaker: { x: 0.75, y: 0.4 } };
      expect(await runEngine({ ...job, options }, context)).toMatchObject({ facesFound: 2, shots: 1 });
      const half = { width: 720, left: 0, right: 352 };
      const other = await differences(videoPath, outputPath, 10, 0.1, 0.6, half);
      const marked = await differences(videoPath, outputPath, 10, 0.1, 0.6, { width: 720, left: 368 });
      expect(Math.max(...other)).toBeLessThan(6);
      expect(Math.max(...marked)).toBeGreaterThan(12);
    },
    LIMIT,
  );

  test(
    'a covered mouth passes through when occlusion is looked for',
    async () => {
      const box = "drawbox=x=100:y=200:w=180:h=140:color=green:t=fill:enable='between(n,15,21)'";
      const videoPath = await kit.face('covered.mp4', 40, box);
      const outputPath = join(kit.folder, 'covered-out.mp4');
      const job = kit.job({ videoPath, audioPath: voice, vocalPath: voice, outputPath, frames: 40 });
      const options = { ...job.options, occlusion_detection_enabled: true };
      const report = await runEngine({ ...job, options }, context);
      expect(report.passedThrough.covered + report.passedThrough.noFace).toBeGreaterThanOrEqual(7);
      const face = await differences(videoPath, outputPath, 40, 0.1, 0.6);
      expect(Math.max(...face.slice(15, 22))).toBeLessThan(6);
      expect(Math.max(...face)).toBeGreaterThan(12);
    },
    LIMIT,
  );

  test(
    'an abort ends the work with nothing left',
    async () => {
      const videoPath = await kit.face('aborted.mp4', 30);
      const outputPath = join(kit.folder, 'aborted-out.mp4');
      const stop = new AbortController();
      const run = runEngine(kit.job({ videoPath, audioPath: voice, outputPath }), {
        ...context,
        signal: stop.signal,
        progress: (stage, fraction) => {
          if (stage === 'rendering' && fraction > 0.3) stop.abort();
        },
      });
      await expect(run).rejects.toMatchObject({ name: 'AbortError' });
      expect(existsSync(outputPath)).toBe(false);
      expect(await readdir(kit.folder)).not.toContain('lipsynced.mp4.part');
    },
    LIMIT,
  );
});
