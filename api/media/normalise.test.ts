import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { checkClip } from './check';
import { safeFlags } from './ffmpeg.arguments';
import type { MediaTools, VideoTrackInfo } from './media.types';
import { assertJoinable, isMezzanine, misfitsOf } from './mezzanine';
import { h264Level, mezzanineVideoArguments } from './mezzanine.arguments';
import { readMp4Tracks } from './mp4.boxes';
import { fitFrames, missingFilters, normaliseClip } from './normalise';
import { clipFrames, fittedSize, normaliseArguments, seekSeconds, sourceMatrix } from './normalise.arguments';
import { makeNumberedClip, type NumberedClip, readFrameNumbers, setRotation } from './testing/numbered-clip';
import { ffmpeg, output, sharedClip, testFolder, testTools } from './testing/tools';

const format: Format = { width: 320, height: 180, fps: 24 };
// Encoding takes seconds on a busy machine.
setDefaultTimeout(60_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

const bFrames = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '60', '-bf', '3'];
const base: NumberedClip = { width: 320, height: 180, fps: 25, frames: 150, codec: bFrames };

/** Sources of every awkward kind; each makes its file and says how its picture lies in a take. */
const sources: Record<
  string,
  {
    clip?: Partial<NumberedClip>;
    turned?: 90 | 180;
    make?: (from: string, to: string) => Promise<void>;
    extension?: string;
  }
> = {
  plain: {},
  sound: { clip: { soundSeconds: 7, flags: ['-c:a', 'aac'] } },
  ntsc: { clip: { fps: '30000/1001' } },
  film: { clip: { fps: '24000/1001' } },
  fast: { clip: { fps: 60, frames: 360 } },
  slow: { clip: { fps: 10, frames: 60 } },
  uneven: {
    clip: {
      filters: ['settb=1/12800', "setpts='(N+0.45*sin(N))/25/TB'"],
      flags: ['-fps_mode', 'passthrough', '-enc_time_base', '1/12800'],
    },
  },
  /** Two pictures are held for 2 s each: what is on screen at a cut began long before it. */
  held: {
    clip: {
      filters: ['settb=1/12800', "setpts='(N+gt(N,40)*50+gt(N,90)*50)/25/TB'"],
      flags: ['-fps_mode', 'passthrough', '-enc_time_base', '1/12800'],
    },
  },
  editList: { make: (from, to) => ffmpeg(tools, ['-ss', '0.52', '-i', from, '-c', 'copy', to]) },
  lateStart: {
    make: (from, to) =>
      ffmpeg(tools, [
        ...['-f', 'lavfi', '-i', 'sine=440:duration=6', '-itsoffset', '0.37', '-i', from],
        ...['-map', '1:v', '-map', '0:a', '-c:v', 'copy', '-c:a', 'aac', to],
      ]),
  },
  turned: { turned: 90, clip: { width: 180, height: 320 } },
  upsideDown: { turned: 180 },
  hevc: { clip: { codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'] } },
  webm: {
    extension: 'webm',
    clip: { codec: ['-c:v', 'libvpx', '-b:v', '1M'], soundSeconds: 6, flags: ['-c:a', 'libopus'] },
  },
};

async function makeSource(name: string): Promise<string> {
  const source = sources[name];
  const extension = source?.extension ?? 'mp4';
  const path = folder.path(`${name}.${extension}`);
  if (existsSync(path)) return path;
  const made = source?.make ? folder.path(`${name}-before.mp4`) : path;
  const turnedSize = source?.turned === 90 ? { width: 180, height: 320 } : {};
  await makeNumberedClip(tools, made, { ...base, ...source?.clip, ...turnedSize });
  if (source?.turned) await setRotation(path, source.turned);
  if (source?.make) await source.make(made, path);
  return path;
}

describe('a trim is the same frames as the untrimmed take has there', () => {
  for (const name of Object.keys(sources)) {
    test(name, async () => {
      const sourcePath = await makeSource(name);
      const info = await checkClip(tools, sourcePath);
      const turned = sources[name]?.turned ?? 0;
      const whole = await normaliseClip(tools, {
        sourcePath,
        info,
        format,
        outputPath: folder.path(`${name}-whole.mp4`),
      });
      expect(whole.frames).toBe(clipFrames(info.video, format));
      expect(whole.hasSound).toBe(info.audio !== null);
      const numbers = await readFrameNumbers(tools, whole.path, { turned });
      expect(numbers).toHaveLength(whole.frames);
      // Steps of a rising counter: every frame was read as it should be.
      for (const [at, number] of numbers.entries()) {
        expect(number).toBeGreaterThanOrEqual(numbers[at - 1] ?? 0);
        expect(number - (numbers[at - 1] ?? number)).toBeLessThanOrEqual(3);
      }
      const last = whole.frames;
      for (const [inFrame, outFrame] of [
        [0, 7],
        [31, 80],
        [73, 74],
        [90, 115],
        [last - 5, last],
      ] as const) {
        const outputPath = folder.path(`${name}-${inFrame}.mp4`);
        const trim = await normaliseClip(tools, {
          sourcePath,
          info,
          format,
          outputPath,
          range: { inFrame, outFrame },
        });
        expect(trim.frames).toBe(outFrame - inFrame);
        expect([inFrame, await readFrameNumbers(tools, outputPath, { turned })]).toEqual([
          inFrame,
          numbers.slice(inFrame, outFrame),
        ]);
      }
    });
  }
});

test('a 25 fps source keeps the frames that are on screen at each 1/24 s', async () => {
  const sourcePath = await makeSource('plain');
  const take = await normaliseClip(tools, { sourcePath, format, outputPath: folder.path('grid.mp4') });
  const numbers = await readFrameNumbers(tools, take.path);
  expect(take.frames).toBe(144);
  // Source frame n is shown from grid frame round(n × 24/25) on; the last of a crowd wins.
  const expected = Array.from({ length: 144 }, (_, frame) =>
    Math.max(...Array.from({ length: 150 }, (_, n) => n).filter((n) => Math.round((n * 24) / 25) <= frame)),
  );
  expect(numbers).toEqual(expected);
});

describe('takes of every source', () => {
  const kinds: Record<string, Partial<NumberedClip>> = {
    small: { width: 160, height: 90 },
    tall: { width: 180, height: 320 },
    odd: { width: 321, height: 181, pixelFormat: 'yuv444p' },
    stretched: { width: 320, height: 180, filters: ['setsar=4/3'] },
    tenBit: { pixelFormat: 'yuv420p10le', codec: ['-c:v', 'libx264', '-preset', 'ultrafast'] },
    fullRange: { codec: ['-c:v', 'mjpeg', '-q:v', '3'], pixelFormat: 'yuvj420p' },
    interlaced: {
      codec: ['-c:v', 'libx264', '-preset', 'ultrafast', '-flags', '+ildct+ilme', '-x264-params', 'tff=1'],
    },
    sd601: {
      flags: ['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m'],
    },
    topLeftChroma: { flags: ['-chroma_sample_location', 'topleft'] },
    transparent: { codec: ['-c:v', 'png'], pixelFormat: 'rgba' },
  };

  test('can be joined with each other, whatever they came from', async () => {
    const paths: string[] = [];
    for (const [name, clip] of Object.entries(kinds)) {
      const extension = name === 'transparent' || name === 'fullRange' ? 'mov' : 'mp4';
      const sourcePath = folder.path(`kind-${name}.${extension}`);
      await makeNumberedClip(tools, sourcePath, { ...base, frames: 30, ...clip });
      const take = await normaliseClip(tools, {
        sourcePath,
        format,
        outputPath: folder.path(`take-${name}.mp4`),
      });
      expect([name, take.frames]).toEqual([name, 29]);
      const { width, height } = fittedSizeOf(name, clip);
      const box = { x: (320 - width) / 2, y: (180 - height) / 2, width, height };
      const numbers = await readFrameNumbers(tools, take.path, { box });
      expect([name, numbers.slice(0, 3), numbers.at(-1)]).toEqual([name, [0, 1, 2], 29]);
      paths.push(take.path);
    }
    // As the lip-sync engine makes them: from raw pictures through the same encoder.
    const raw = folder.path('raw.yuv');
    await ffmpeg(tools, ['-i', paths[0] ?? '', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', raw]);
    const rawInput = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', '320x180', '-r', '24', '-i', raw];
    await ffmpeg(tools, [...rawInput, ...mezzanineVideoArguments(format), folder.path('take-raw.mp4')]);
    paths.push(folder.path('take-raw.mp4'));
    const takes = await assertJoinable(paths, format);
    expect(takes.map((take) => take.frames)).toEqual(paths.map(() => 29));
  });

  const fittedSizeOf = (name: string, clip: Partial<NumberedClip>) =>
    name === 'stretched'
      ? { width: 320, height: 136 }
      : fittedSize(clip.width ?? 320, clip.height ?? 180, format);

  test('colours of the SD source are those of the source', async () => {
    const red = folder.path('red.mp4');
    await ffmpeg(tools, [
      ...['-f', 'lavfi', '-i', 'color=c=0xC03020:size=320x180:rate=24:duration=0.5,format=gbrp'],
      ...['-vf', 'scale=out_color_matrix=bt601', '-pix_fmt', 'yuv420p', '-colorspace', 'smpte170m', red],
    ]);
    await normaliseClip(tools, { sourcePath: red, format, outputPath: folder.path('red-take.mp4') });
    const [y = 0, u = 0, v = 0] = await output([
      ...[tools.ffmpegPath, '-v', 'error', '-i', folder.path('red-take.mp4'), '-frames:v', '1'],
      ...['-vf', 'scale=1:1', '-pix_fmt', 'yuv444p', '-f', 'rawvideo', '-'],
    ]);
    // 0xC03020 by BT.709's formula; by BT.601's it would be 93, 99, 192.
    expect(Math.abs(y - 82)).toBeLessThanOrEqual(2);
    expect(Math.abs(u - 106)).toBeLessThanOrEqual(2);
    expect(Math.abs(v - 192)).toBeLessThanOrEqual(2);
  });

  test('HDR is tone-mapped, or refused where ffmpeg cannot', async () => {
    const sourcePath = folder.path('hdr.mp4');
    await makeNumberedClip(tools, sourcePath, {
      ...base,
      frames: 12,
      pixelFormat: 'yuv420p10le',
      codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'],
      flags: ['-color_trc', 'smpte2084', '-color_primaries', 'bt2020', '-colorspace', 'bt2020nc'],
    });
    const outputPath = folder.path('hdr-take.mp4');
    if ((await missingFilters(tools, ['zscale', 'tonemap'])).length === 0) {
      expect((await normaliseClip(tools, { sourcePath, format, outputPath })).frames).toBe(12);
      await assertJoinable([outputPath, folder.path('take-small.mp4')], format);
    }
    const poor = { ...tools, ffmpegPath: folder.path('poor-ffmpeg') };
    await Bun.write(poor.ffmpegPath, '#!/bin/sh\necho "Unknown filter"\n');
    await Bun.spawn(['chmod', '+x', poor.ffmpegPath]).exited;
    const info = await checkClip(tools, sourcePath);
    await expect(normaliseClip(poor, { sourcePath, info, format, outputPath })).rejects.toMatchObject({
      code: 'HdrNotSupported',
      status: 422,
    });
  });

  test('the real clip becomes 250 frames', async () => {
    const sourcePath = sharedClip('talking-woman-10s.mp4');
    if (sourcePath === null) return;
    const real: Format = { width: 360, height: 640, fps: 25 };
    const outputPath = folder.path('woman.mp4');
    const take = await normaliseClip(tools, { sourcePath, format: real, outputPath });
    expect(take).toMatchObject({ frames: 250, hasSound: true });
    expect(await isMezzanine(outputPath, real)).toBe(true);
  });
});

describe('fitFrames', () => {
  test('cuts a long result and holds the last frame of a short one', async () => {
    const sourcePath = await makeSource('sound');
    const short = await fitFrames(tools, {
      sourcePath,
      format,
      frames: 20,
      outputPath: folder.path('fit-short.mp4'),
    });
    expect(short.frames).toBe(20);
    const long = await fitFrames(tools, {
      sourcePath,
      format,
      frames: 160,
      outputPath: folder.path('fit-long.mp4'),
    });
    expect(long.frames).toBe(160);
    const numbers = await readFrameNumbers(tools, long.path);
    expect(numbers.slice(143)).toEqual(Array.from({ length: 17 }, () => 149));
    const sound = (await readMp4Tracks(long.path))?.find((track) => track.kind === 'audio');
    expect(sound?.samples).toBeGreaterThanOrEqual(Math.floor((160 * 2000) / 1024));
  });
});

describe('refusals', () => {
  test('a trim outside the clip or without length', async () => {
    const sourcePath = await makeSource('plain');
    const info = await checkClip(tools, sourcePath);
    for (const [inFrame, outFrame] of [
      [5, 5],
      [9, 4],
      [-1, 5],
      [140, 145],
      [1.5, 7],
      [Number.NaN, 7],
    ] as const) {
      const request = {
        sourcePath,
        info,
        format,
        outputPath: folder.path('no.mp4'),
        range: { inFrame, outFrame },
      };
      await expect(normaliseClip(tools, request)).rejects.toMatchObject({
        code: 'TrimOutsideClip',
        status: 400,
      });
    }
    expect(existsSync(folder.path('no.mp4'))).toBe(false);
  });

  test('a clip of which only the beginning decodes, and nothing is left behind', async () => {
    const path = folder.path('torn.mp4');
    await ffmpeg(tools, ['-i', await makeSource('plain'), '-c', 'copy', '-movflags', '+faststart', path]);
    await truncate(path, Math.round(Bun.file(path).size * 0.5));
    const request = { sourcePath: path, format, outputPath: folder.path('torn-take.mp4') };
    await expect(normaliseClip(tools, request)).rejects.toMatchObject({ code: 'DamagedMedia', status: 422 });
    expect(existsSync(folder.path('torn-take.mp4'))).toBe(false);
    expect(existsSync(folder.path('torn-take.mp4.part'))).toBe(false);
  });

  test('files that cannot be joined are named', async () => {
    const sourcePath = await makeSource('plain');
    const take = folder.path('join.mp4');
    const other = folder.path('join-other.mp4');
    await normaliseClip(tools, { sourcePath, format, outputPath: take });
    await normaliseClip(tools, { sourcePath, format: { ...format, fps: 25 }, outputPath: other });
    expect(await isMezzanine(take, format)).toBe(true);
    expect(await isMezzanine(other, format)).toBe(false);
    expect(await isMezzanine(sourcePath, format)).toBe(false);
    await expect(assertJoinable([take, other, take, sourcePath], format)).rejects.toMatchObject({
      code: 'TakesNotJoinable',
      details: { positions: [2, 4] },
    });
    const text = folder.path('text.mp4');
    await Bun.write(text, 'no boxes here');
    expect(await readMp4Tracks(text)).toBeNull();
  });

  test('another decoder set-up is a misfit', () => {
    const take = (decoderSetup: string) => ({ frames: 1, hasSound: false, decoderSetup });
    expect(misfitsOf([take('a'), take('b'), take('a'), null])).toEqual([1, 3]);
  });
});

describe('arguments', () => {
  const video: VideoTrackInfo = {
    codec: 'avc',
    displayWidth: 1440,
    displayHeight: 1080,
    rotation: 0,
    fps: 25,
    variableFrameRate: false,
    frames: 100,
    start: 0,
    duration: 4,
    matrix: null,
    primaries: null,
    transfer: null,
    fullRange: null,
    hdr: null,
  };
  const job = {
    sourcePath: '/x/in.mp4',
    container: 'mp4',
    video,
    hasSound: false,
    format: { width: 1280, height: 720, fps: 24 as const },
    firstFrame: 100,
    frames: 20,
    heldFrames: 2,
    threads: 1,
    outputPath: '/x/out.part',
  };

  test('reading starts a whole second and more before the cut, and only where an index is', () => {
    expect(seekSeconds('mp4', 100, 24)).toBe(3);
    expect(seekSeconds('mov', 30, 24)).toBe(0);
    expect(seekSeconds('webm', 1000, 24)).toBe(0);
    const args = normaliseArguments(job).join(' ');
    expect(args).toContain('-noaccurate_seek -ss 3 -protocol_whitelist file,pipe -format_whitelist');
    expect(args).toContain('fps=24:start_time=0,trim=start_frame=28,setpts=PTS-STARTPTS,scale=960:720');
    expect(args).toContain('pad=1280:720:(ow-iw)/2:(oh-ih)/2');
  });

  test('no input is opened without the safe flags', () => {
    const args = normaliseArguments(job);
    const input = args.indexOf('-i');
    expect(safeFlags).toContain('-format_whitelist');
    expect(args.slice(input - safeFlags.length, input)).toEqual([...safeFlags]);
    expect(args[args.indexOf('-i') + 1]).toBe('file:/x/in.mp4');
  });

  test('colours that are not named follow the custom of their size', () => {
    expect(sourceMatrix(video)).toBe('bt709');
    expect(sourceMatrix({ ...video, displayWidth: 720, displayHeight: 576 })).toBe('bt601');
    expect(sourceMatrix({ ...video, matrix: 'smpte170m' })).toBe('bt601');
    expect(sourceMatrix({ ...video, matrix: 'bt2020-ncl' })).toBe('bt2020');
    expect(sourceMatrix({ ...video, matrix: 'rgb' })).toBeNull();
  });

  test('the level holds the format', () => {
    expect(h264Level({ width: 1280, height: 720, fps: 24 })).toBe('4.0');
    expect(h264Level({ width: 3840, height: 2160, fps: 30 })).toBe('5.1');
    expect(h264Level({ width: 4096, height: 4096, fps: 30 })).toBe('6.0');
  });
});
