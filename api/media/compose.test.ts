import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, truncate } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { composeVideo } from './compose';
import type { MediaTools } from './media.types';
import { normaliseClip } from './normalise';
import { type PreparedSong, prepareSong } from './song';
import { planSongEnding } from './song-ending';
import { makeNumberedClip, type NumberedClip, readFrameNumbers, setRotation } from './testing/numbered-clip';
import { decodeSound, encodeSound, findLag, makeSong, readSamples } from './testing/sound';
import { ffmpeg, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);
const format: Format = { width: 320, height: 180, fps: 24 };
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
let song: PreparedSong;
let original: Float32Array;
const takes: { path: string; numbers: number[] }[] = [];

/** Scenes of every size, rate, codec and turn, none a round number of seconds long. */
const scenes: (Partial<NumberedClip> & { turned?: 90 | 180 })[] = [
  { frames: 61 },
  { frames: 47, fps: '30000/1001', soundSeconds: 9, flags: ['-c:a', 'aac'] },
  { frames: 53, width: 160, height: 90, codec: ['-c:v', 'libx264', '-bf', '3', '-preset', 'veryfast'] },
  { frames: 71, fps: 60, soundSeconds: 0.4, flags: ['-c:a', 'aac'] },
  { frames: 1 },
  { frames: 33, fps: 10 },
  { frames: 40, turned: 180 },
  { frames: 59, codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'] },
  { frames: 37, codec: ['-c:v', 'mpeg4', '-q:v', '3'], width: 640, height: 360 },
  { frames: 43, fps: '24000/1001', pixelFormat: 'yuv444p' },
];

beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await mkdir(folder.path('work'));
  await makeSong(folder.path('song.wav'), 30);
  original = await readSamples(folder.path('song.wav'));
  song = await prepareSong(tools, {
    sourcePath: folder.path('song.wav'),
    wavPath: folder.path('master.wav'),
    aacPath: folder.path('master.m4a'),
  });
  for (const [index, { turned, ...scene }] of scenes.entries()) {
    const sourcePath = folder.path(`scene-${index}.mp4`);
    await makeNumberedClip(tools, sourcePath, {
      width: 320,
      height: 180,
      fps: 25,
      frames: 50,
      firstNumber: index * 300,
      ...scene,
    });
    if (turned) await setRotation(sourcePath, turned);
    const path = folder.path(`take-${index}.mp4`);
    await normaliseClip(tools, { sourcePath, format, outputPath: path });
    takes.push({ path, numbers: await readFrameNumbers(tools, path, { turned: turned ?? 0 }) });
  }
});
afterAll(() => folder.remove());

const compose = (name: string, request: Partial<Parameters<typeof composeVideo>[1]> = {}) =>
  composeVideo(tools, {
    takePaths: takes.map((take) => take.path),
    song: { masterPath: song.wavPath, aacPath: song.aacPath },
    format,
    outputPath: folder.path(name),
    workDirectory: folder.path('work'),
    ...request,
  });

const loudness = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / Math.max(1, samples.length));

describe('composeVideo', () => {
  test('every scene starts on its exact frame, and the song lies under it', async () => {
    const made = await compose('cut.mp4');
    const expected = takes.flatMap((take) => take.numbers);
    expect(made).toMatchObject({ frames: expected.length, ending: 'cut', soundCopied: true });
    const shown = await readFrameNumbers(tools, made.path);
    let start = 0;
    for (const [index, { numbers }] of takes.entries()) {
      // The upside-down scene is read upside down here; its own numbers are told in its place.
      if (scenes[index]?.turned === undefined) {
        expect([index, shown.slice(start, start + numbers.length)]).toEqual([index, numbers]);
      }
      start += numbers.length;
    }
    expect(shown).toHaveLength(start);
    const heard = await decodeSound(tools, made.path);
    const lastCut = Math.round(((expected.length - (takes.at(-1)?.numbers.length ?? 0)) * 48_000) / 24);
    for (const at of [0, 100_000, lastCut - 48_000]) {
      const { lag, correlation } = findLag(original, heard, at, 12_000, 1300);
      // 25 ms is the promise; 1 ms by construction is 48 samples.
      expect([at, Math.abs(lag) <= 4, correlation > 0.9]).toEqual([at, true, true]);
    }
    const end = (expected.length * 48_000) / 24;
    expect(Math.abs(heard.length - end)).toBeLessThanOrEqual(1024);
    expect(loudness(heard.subarray(heard.length - 2048))).toBeLessThan(0.01);
  });

  test('the seam of the encoded end cannot be heard', async () => {
    const made = await compose('seam.mp4');
    const [heard, whole] = [await decodeSound(tools, made.path), await decodeSound(tools, song.aacPath)];
    const plan = planSongEnding(
      (made.frames * 48_000) / 24,
      song.samples,
      Math.ceil(song.samples / 1024) + 1,
    );
    if (plan.kind !== 'cut') throw new Error(`planned ${plan.kind}`);
    const seam = plan.seam * 1024;
    const fade = plan.fromSample + plan.fadeFrom;
    const difference = (from: number, to: number) =>
      heard
        .subarray(from, to)
        .reduce((most, value, at) => Math.max(most, Math.abs(value - (whole[from + at] ?? 0))), 0);
    expect(difference(0, seam - 2048)).toBeLessThan(0.0001);
    // Coding noise of this encoder is about 0.05 of full scale on these bursts; a click is 0.3 and more.
    expect(difference(seam - 2048, fade)).toBeLessThan(0.05);
  });

  test('a song that is too short ends with silence', async () => {
    await makeSong(folder.path('short.wav'), 8.3);
    const short = await prepareSong(tools, {
      sourcePath: folder.path('short.wav'),
      wavPath: folder.path('short-master.wav'),
      aacPath: folder.path('short-master.m4a'),
    });
    const made = await compose('silence.mp4', {
      song: { masterPath: short.wavPath, aacPath: short.aacPath },
    });
    expect(made).toMatchObject({ ending: 'silence', soundCopied: true });
    const heard = await decodeSound(tools, made.path);
    expect(Math.abs(heard.length - (made.frames * 48_000) / 24)).toBeLessThanOrEqual(1024);
    expect(loudness(heard.subarray(8 * 48_000, 8.3 * 48_000))).toBeGreaterThan(0.02);
    expect(loudness(heard.subarray(8.35 * 48_000))).toBeLessThan(0.0005);
    expect(Math.abs(findLag(original, heard, 7 * 48_000, 12_000, 1300).lag)).toBeLessThanOrEqual(4);
  });

  test('a song of exactly the length is copied as it is', async () => {
    const frames = takes.reduce((sum, take) => sum + take.numbers.length, 0);
    await makeSong(folder.path('equal.wav'), frames / 24);
    const equal = await prepareSong(tools, {
      sourcePath: folder.path('equal.wav'),
      wavPath: folder.path('equal-master.wav'),
      aacPath: folder.path('equal-master.m4a'),
    });
    const made = await compose('equal.mp4', { song: { masterPath: equal.wavPath, aacPath: equal.aacPath } });
    expect(made).toMatchObject({ frames, ending: 'as-is', soundCopied: true });
  });

  test('one short take, a missing AAC or one that is not ours: the song is encoded', async () => {
    const first = takes[0]?.path ?? '';
    expect(await compose('one.mp4', { takePaths: [first] })).toMatchObject({
      ending: 'cut',
      soundCopied: true,
    });
    const flash = takes[4]?.path ?? '';
    expect(await compose('flash.mp4', { takePaths: [flash] })).toMatchObject({ soundCopied: false });
    const none = await compose('none.mp4', { song: { masterPath: song.wavPath, aacPath: null } });
    expect(none.soundCopied).toBe(false);
    const heard = await decodeSound(tools, none.path);
    expect(Math.abs(findLag(original, heard, 300_000, 12_000, 1300).lag)).toBeLessThanOrEqual(4);
    await encodeSound(tools, folder.path('song.wav'), folder.path('cd.m4a'), ['-ar', '44100', '-c:a', 'aac']);
    const other = await compose('other.mp4', {
      song: { masterPath: song.wavPath, aacPath: folder.path('cd.m4a') },
    });
    expect(other.soundCopied).toBe(false);
    const wrong = { masterPath: song.wavPath, aacPath: folder.path('short-master.m4a') };
    expect((await compose('wrong.mp4', { song: wrong })).soundCopied).toBe(false);
  });

  test('the index stands in front, and no temporary file is left', async () => {
    const made = await compose('front.mp4');
    const head = Buffer.from(await Bun.file(made.path).slice(0, 64).arrayBuffer()).toString('latin1');
    expect(head.indexOf('moov')).toBeGreaterThan(0);
    expect(readdirSync(folder.path('work'))).toEqual([]);
    expect(existsSync(`${made.path}.part`)).toBe(false);
  });

  test('reports progress up to 1', async () => {
    const seen: number[] = [];
    await composeVideo(
      tools,
      {
        takePaths: takes.map((take) => take.path),
        song: { masterPath: song.wavPath, aacPath: song.aacPath },
        format,
        outputPath: folder.path('progress.mp4'),
        workDirectory: folder.path('work'),
      },
      { onProgress: (fraction) => seen.push(fraction) },
    );
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test('refuses nothing, misfits and missing songs, and cleans up', async () => {
    const outputPath = folder.path('refused.mp4');
    await expect(compose('refused.mp4', { takePaths: [] })).rejects.toMatchObject({
      code: 'NothingToCompose',
    });
    const misfits = { takePaths: [takes[0]?.path ?? '', folder.path('scene-1.mp4')] };
    await expect(compose('refused.mp4', misfits)).rejects.toMatchObject({ details: { positions: [2] } });
    await Bun.write(folder.path('noise.wav'), 'no wav at all, but long enough to hold a header of WAV');
    const noSong = { song: { masterPath: folder.path('noise.wav'), aacPath: null } };
    await expect(compose('refused.mp4', noSong)).rejects.toMatchObject({ code: 'NotWav' });
    await expect(compose('no-folder/x.mp4')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(existsSync(outputPath)).toBe(false);
    expect(readdirSync(folder.path('work'))).toEqual([]);
  });

  test('a take that lost frames on the way is noticed', async () => {
    // The index in front of it is whole, the file is not: a disk that was full, a download cut off.
    const torn = folder.path('torn.mp4');
    await ffmpeg(tools, ['-i', takes[0]?.path ?? '', '-c', 'copy', '-movflags', '+faststart', torn]);
    await truncate(torn, Math.round(Bun.file(torn).size * 0.6));
    const lossy = compose('lossy.mp4', { takePaths: [torn, torn] });
    await expect(lossy).rejects.toMatchObject({ code: 'ComposeIncomplete' });
    expect(existsSync(folder.path('lossy.mp4'))).toBe(false);
    expect(readdirSync(folder.path('work'))).toEqual([]);
  });

  test('a song as long as the video needs no program', async () => {
    const frames = takes.reduce((sum, take) => sum + take.numbers.length, 0);
    await makeSong(folder.path('alone.wav'), frames / 24);
    const alone = await prepareSong(tools, {
      sourcePath: folder.path('alone.wav'),
      wavPath: folder.path('alone-master.wav'),
      aacPath: folder.path('alone-master.m4a'),
    });
    const none = { ...tools, ffmpegPath: '/no/ffmpeg', ffprobePath: '/no/ffprobe' };
    const made = await composeVideo(none, {
      takePaths: takes.map((take) => take.path),
      song: { masterPath: alone.wavPath, aacPath: alone.aacPath },
      format,
      outputPath: folder.path('alone.mp4'),
      workDirectory: folder.path('work'),
    });
    expect(made).toMatchObject({ frames, ending: 'as-is' });
  });
});

describe('planSongEnding', () => {
  test('seams lie before anything that changes, after a second of run-in', () => {
    for (const [video, music] of [
      [480_000, 1_440_000],
      [1_440_000, 480_000],
      [481_025, 481_026 + 5000],
    ] as const) {
      const plan = planSongEnding(video, music, Math.ceil(music / 1024) + 1);
      if (plan.kind !== 'cut' && plan.kind !== 'silence') throw new Error(plan.kind);
      expect(plan.fromSample).toBe((plan.seam - plan.skip) * 1024);
      expect(plan.seam * 1024).toBeLessThanOrEqual(
        plan.kind === 'cut' ? plan.fromSample + plan.fadeFrom : music,
      );
      expect(plan.packets).toBe(Math.floor(video / 1024) + 1);
    }
  });

  test('equal lengths are copied, short ones encoded', () => {
    expect(planSongEnding(480_000, 480_000, 470)).toEqual({ kind: 'as-is', packets: 469 });
    expect(planSongEnding(48_000, 480_000, 470)).toEqual({ kind: 'encode' });
  });
});
