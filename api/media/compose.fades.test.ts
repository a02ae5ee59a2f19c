import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { composeVideo } from './compose';
import { createMediaService } from './media.service';
import type { MediaTools } from './media.types';
import { readMp4Samples } from './mp4.samples';
import { normaliseClip } from './normalise';
import { type PreparedSong, prepareSong } from './song';
import { makeNumberedClip, readFrameNumbers } from './testing/numbered-clip';
import { decodeSound, findLag, makeSong, readSamples } from './testing/sound';
import { ffmpeg, output, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);
const format: Format = { width: 320, height: 180, fps: 24 };
const takeFrames = 60;
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
let song: PreparedSong;
let original: Float32Array;
let take: string;

async function songOf(name: string, seconds: number): Promise<PreparedSong> {
  await makeSong(folder.path(`${name}.wav`), seconds);
  return prepareSong(tools, {
    sourcePath: folder.path(`${name}.wav`),
    wavPath: folder.path(`${name}-master.wav`),
    aacPath: folder.path(`${name}-master.m4a`),
  });
}

beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await mkdir(folder.path('work'));
  song = await songOf('song', 15);
  original = await readSamples(folder.path('song.wav'));
  take = folder.path('take.mp4');
  const sourcePath = folder.path('clip.mp4');
  await makeNumberedClip(tools, sourcePath, { width: 320, height: 180, fps: 24, frames: takeFrames });
  await normaliseClip(tools, { sourcePath, format, outputPath: take });
});
afterAll(() => folder.remove());

const compose = (name: string, request: Partial<Parameters<typeof composeVideo>[1]> = {}) =>
  composeVideo(tools, {
    takePaths: [take, take, take],
    song: { masterPath: song.wavPath, aacPath: song.aacPath },
    format,
    outputPath: folder.path(name),
    workDirectory: folder.path('work'),
    ...request,
  });

const numbers = Array.from({ length: takeFrames }, (_, frame) => frame);
const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length));

describe('fades and endings', () => {
  /** Mean luma of each frame as it is stored: 16 black, 235 white. */
  async function lumas(path: string): Promise<number[]> {
    const filter = 'signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-';
    const words = await output([
      tools.ffmpegPath,
      '-v',
      'error',
      '-i',
      path,
      '-vf',
      filter,
      '-f',
      'null',
      '-',
    ]);
    return [
      ...Buffer.from(words)
        .toString()
        .matchAll(/YAVG=([\d.]+)/g),
    ].map((match) => Number(match[1]));
  }

  test('picture and sound fade at both ends, the frames between are copied', async () => {
    const light = folder.path('light.mp4');
    const source = folder.path('light-source.mp4');
    await ffmpeg(tools, [
      '-f',
      'lavfi',
      '-i',
      'color=c=white:s=320x180:r=24:d=6',
      '-pix_fmt',
      'yuv420p',
      source,
    ]);
    await normaliseClip(tools, { sourcePath: source, format, outputPath: light });
    const takePaths = [light, light];
    const plain = await compose('plain-light.mp4', { takePaths });
    const faded = await compose('faded.mp4', { takePaths, fades: { inFrames: 12, outFrames: 70 } });
    expect(faded).toMatchObject({ frames: 288, takeFrames: 288, ending: 'cut', soundCopied: true });
    const after = await lumas(faded.path);
    expect(after).toHaveLength(plain.frames);
    const share = (frame: number) => {
      const fadeIn = Math.min(1, frame / 12);
      const fadeOut = Math.min(1, (plain.frames - 1 - frame) / 70);
      return Math.min(fadeIn, fadeOut);
    };
    for (const [frame, luma] of after.entries()) {
      const expected = 16 + 219 * share(frame);
      expect([frame, Math.abs(luma - expected) <= 2]).toEqual([frame, true]);
    }
    expect([after[0], after.at(-1)].map((luma) => (luma ?? 99) <= 17)).toEqual([true, true]);
    // Between the fades even the bytes are those of the takes (48: the first key frame after 12).
    const [own, copy] = [
      await readMp4Samples(plain.path, 'video'),
      await readMp4Samples(faded.path, 'video'),
    ];
    const sizes = (samples: typeof own) =>
      samples?.samples.slice(48, plain.frames - 70).map(({ bytes }) => bytes);
    expect(sizes(copy)).toEqual(sizes(own));
    const [heard, whole] = [await decodeSound(tools, faded.path), await decodeSound(tools, plain.path)];
    expect(loudness(heard.subarray(0, 1200))).toBeLessThan(0.2 * loudness(whole.subarray(0, 1200)));
    expect(loudness(heard.subarray(heard.length - 2400))).toBeLessThan(0.01);
    for (const at of [60_000, 300_000]) {
      const { lag, correlation } = findLag(original, heard, at, 12_000, 1300);
      expect([at, Math.abs(lag) <= 4, correlation > 0.9]).toEqual([at, true, true]);
    }
    const middle = Math.round(heard.length - (35 / 24) * 48_000);
    const level = loudness(heard.subarray(middle - 6000, middle + 6000));
    expect(level / loudness(original.subarray(middle - 6000, middle + 6000))).toBeWithin(0.35, 0.65);
  });

  test('a video that is too short is filled with its last frame, one too long is cut to the song', async () => {
    const filled = await compose('filled.mp4', { ending: 'fill' });
    expect(filled).toMatchObject({ frames: 360, takeFrames: 180, ending: 'as-is' });
    const shown = await readFrameNumbers(tools, filled.path);
    expect(shown).toHaveLength(360);
    expect(new Set(shown.slice(179))).toEqual(new Set([takeFrames - 1]));
    const brief = await songOf('brief', 5);
    const cut = await compose('cut-to-song.mp4', {
      song: { masterPath: brief.wavPath, aacPath: brief.aacPath },
      ending: 'cut-to-song',
    });
    expect(cut).toMatchObject({ frames: 120, ending: 'as-is' });
    expect(await readFrameNumbers(tools, cut.path)).toEqual([...numbers, ...numbers]);
  });

  test('a scene without a clip is black for its length', async () => {
    await mkdir(folder.path('slates'));
    const output = folder.path('rough.mp4');
    const { frames } = await createMediaService(tools).compose(
      {
        takes: [
          { path: take, frames: takeFrames },
          { path: null, frames: 31 },
          { path: take, frames: takeFrames },
        ],
        song: { master: song.wavPath, encoded: song.aacPath },
        output,
        format,
        workDirectory: folder.path('slates'),
      },
      {},
    );
    expect(frames).toBe(2 * takeFrames + 31);
    const brightness = await lumas(output);
    expect(new Set(brightness.slice(takeFrames, takeFrames + 31))).toEqual(new Set([16]));
    expect((await readFrameNumbers(tools, output)).slice(takeFrames + 31)).toEqual(numbers);
  });
});
