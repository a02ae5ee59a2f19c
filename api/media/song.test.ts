import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import type { MediaTools } from './media.types';
import { readMp4Tracks } from './mp4.boxes';
import { cutSlice } from './slice';
import { prepareSong } from './song';
import { decodeSound, encodeSound, findLag, makeSong, readSamples } from './testing/sound';
import { ffmpeg, testFolder, testTools } from './testing/tools';
import { readWav, wavHeader } from './wav';

setDefaultTimeout(60_000);
const seconds = 12;
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
let original: Float32Array;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await makeSong(folder.path('song.wav'), seconds);
  original = await readSamples(folder.path('song.wav'));
  await makeSong(folder.path('song-44k.wav'), seconds, 44_100);
});
afterAll(() => folder.remove());

const prepare = async (name: string) => {
  const [wavPath, aacPath] = [folder.path(`${name}.master.wav`), folder.path(`${name}.master.m4a`)];
  return prepareSong(tools, { sourcePath: folder.path(name), wavPath, aacPath });
};

/** Kinds of songs; `tail` is how many samples a kind adds at its end because it cannot say where the song ends. */
const kinds: { name: string; args?: string[]; tail?: number }[] = [
  { name: 'copy.wav' },
  { name: 'flac.flac' },
  { name: 'lame.mp3', args: ['-c:a', 'libmp3lame', '-b:a', '192k'] },
  { name: 'vbr.mp3', args: ['-c:a', 'libmp3lame', '-q:a', '4'] },
  { name: 'aac.m4a', args: ['-c:a', 'aac', '-b:a', '192k'], tail: 1024 },
  { name: 'opus.webm', args: ['-c:a', 'libopus', '-b:a', '128k'], tail: 1024 },
  { name: 'vorbis.ogg', args: ['-c:a', 'libvorbis', '-q:a', '6'], tail: 1024 },
  { name: 'deep.wav', args: ['-c:a', 'pcm_s24le'] },
  { name: 'stereo.flac', args: ['-ac', '2'] },
  { name: 'surround.wav', args: ['-ac', '6'] },
];

describe('a slice is the song, whatever the song came as', () => {
  for (const { name, args, tail } of kinds) {
    test(name, async () => {
      await encodeSound(tools, folder.path('song.wav'), folder.path(name), args);
      const song = await prepare(name);
      expect(song.sampleRate).toBe(48_000);
      expect(song.channels).toBe(name.startsWith('stereo') || name.startsWith('surround') ? 2 : 1);
      expect(song.samples - seconds * 48_000).toBeWithin(0, (tail ?? 0) + 1);
      for (const start of [0, 1, 71_999, 240_123, 500_001]) {
        const path = folder.path(`slice-${start}.wav`);
        const slice = await cutSlice({
          masterPath: song.wavPath,
          startSample: start,
          endSample: start + 48_000,
          outputPath: path,
        });
        expect(slice.samples).toBe(48_000);
        const copy = await readSamples(path);
        expect(copy).toHaveLength(48_000);
        // 0.1 ms is 4.8 samples.
        const { lag, correlation } = findLag(original.subarray(start), copy, 3000, 12_000, 1500);
        expect([start, Math.abs(lag) <= 4, correlation > 0.9]).toEqual([start, true, true]);
      }
    });
  }

  test('44.1 kHz: the resampled song is where it was', async () => {
    for (const name of ['cd.wav', 'cd.mp3']) {
      await encodeSound(tools, folder.path('song-44k.wav'), folder.path(name));
      const song = await prepare(name);
      expect(Math.abs(song.samples - seconds * 48_000)).toBeLessThanOrEqual(2);
      const heard = await decodeSound(tools, folder.path('song-44k.wav'));
      const { lag } = findLag(heard, await readSamples(song.wavPath), 200_000, 12_000, 1500);
      expect(Math.abs(lag)).toBeLessThanOrEqual(4);
    }
  });

  test('the same samples, bit for bit, from WAV', async () => {
    await encodeSound(tools, folder.path('song.wav'), folder.path('exact.wav'), ['-c', 'copy']);
    const song = await prepare('exact.wav');
    expect(await readSamples(song.wavPath)).toEqual(original);
  });

  test('the sound of a video, which begins later than its picture', async () => {
    await ffmpeg(tools, [
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=size=64x64:rate=25:duration=12',
        '-itsoffset',
        '0.5',
        '-i',
        folder.path('song.wav'),
      ],
      ...['-c:a', 'aac', '-b:a', '192k', folder.path('late.mp4')],
    ]);
    const song = await prepare('late.mp4');
    const { lag } = findLag(
      original,
      (await readSamples(song.wavPath)).subarray(24_000),
      100_000,
      12_000,
      1500,
    );
    // An MP4 tells a track's start in milliseconds.
    expect(Math.abs(lag)).toBeLessThanOrEqual(48);
  });

  test('the AAC copy lies on the master', async () => {
    const song = await prepare('song.wav');
    const tracks = await readMp4Tracks(song.aacPath);
    expect(tracks).toMatchObject([{ kind: 'audio', timescale: 48_000, editStart: 1024 }]);
    const heard = await decodeSound(tools, song.aacPath);
    const { lag, correlation } = findLag(original, heard, 300_000, 12_000, 1500);
    expect([lag, correlation > 0.95]).toEqual([0, true]);
  });
});

describe('refusals', () => {
  const masterPath = () => folder.path('song.wav');
  const outputPath = () => folder.path('never.wav');

  test('a slice is cut at the end of the song and refused beyond it', async () => {
    const total = seconds * 48_000;
    const cut = await cutSlice({
      masterPath: masterPath(),
      startSample: total - 10,
      endSample: total + 90,
      outputPath: folder.path('end.wav'),
    });
    expect(cut).toMatchObject({ samples: 10, endSample: total });
    const beyond = {
      masterPath: masterPath(),
      startSample: total,
      endSample: total + 5,
      outputPath: outputPath(),
    };
    await expect(cutSlice(beyond)).rejects.toMatchObject({ code: 'SliceOutsideSong', status: 422 });
  });

  test('a slice without length, before the song, or of no numbers', async () => {
    for (const [startSample, endSample] of [
      [5, 5],
      [9, 4],
      [-5, 5],
      [0.5, 9],
      [0, Number.NaN],
    ] as const) {
      const request = { masterPath: masterPath(), startSample, endSample, outputPath: outputPath() };
      await expect(cutSlice(request)).rejects.toMatchObject({ code: 'InvalidSlice', status: 400 });
    }
    expect(existsSync(outputPath())).toBe(false);
  });

  test('a master that is no PCM WAV', async () => {
    await Bun.write(folder.path('text.wav'), 'x'.repeat(100));
    await encodeSound(tools, masterPath(), folder.path('float.wav'), ['-c:a', 'pcm_f32le']);
    const noData = wavHeader({ channels: 1, sampleRate: 48_000, bitsPerSample: 16, samples: 0 }).slice(0, 36);
    await Bun.write(folder.path('headless.wav'), Buffer.concat([noData, Buffer.alloc(20)]));
    for (const name of ['text.wav', 'float.wav', 'headless.wav']) {
      await expect(readWav(folder.path(name))).rejects.toMatchObject({ code: 'NotWav' });
    }
  });

  test('tags before the samples, and a file cut short, are read right', async () => {
    await encodeSound(tools, masterPath(), folder.path('tagged.wav'), ['-metadata', 'title=A long title']);
    expect((await readWav(folder.path('tagged.wav'))).samples).toBe(seconds * 48_000);
    await Bun.write(
      folder.path('short.wav'),
      await Bun.file(masterPath())
        .slice(0, 44 + 1000)
        .arrayBuffer(),
    );
    expect((await readWav(folder.path('short.wav'))).samples).toBe(500);
  });

  test('a song that cannot be decoded leaves nothing behind', async () => {
    const wavPath = folder.path('dead.wav');
    await Bun.write(folder.path('dead.m4a'), '');
    const info = {
      kind: 'audio' as const,
      container: 'mp3',
      mimeType: 'audio/mpeg',
      bytes: 1,
      duration: 1,
      video: null,
      image: null,
      probedBy: 'header' as const,
      audio: { codec: 'mp3', sampleRate: 48_000, channels: 1, duration: 1 },
    };
    const request = {
      sourcePath: folder.path('dead.m4a'),
      info,
      wavPath,
      aacPath: folder.path('dead-aac.m4a'),
    };
    await expect(prepareSong(tools, request)).rejects.toMatchObject({ code: 'MediaStepFailed' });
    expect(existsSync(wavPath) || existsSync(`${wavPath}.part`)).toBe(false);
  });
});
