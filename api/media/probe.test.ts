import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, truncate } from 'node:fs/promises';
import { AppError } from '../shared/errors';
import { checkClip, checkImage, checkSong } from './check';
import { parseFraction, snapFrameRate } from './frame-rates';
import type { MediaTools } from './media.types';
import { probeMedia } from './probe';
import { probeWithFfprobe } from './probe.ffprobe';
import { createKeptProbe, probeIsolated } from './probe.isolated';
import { bitDepthOfCodec, probeWithMediabunny } from './probe.mediabunny';
import { makeNumberedClip, setRotation } from './testing/numbered-clip';
import { ffmpeg, sharedClip, testFolder, testTools } from './testing/tools';

setDefaultTimeout(60_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
const sine = ['-f', 'lavfi', '-i', 'sine=440:duration=2'];
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'];
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await makeNumberedClip(tools, folder.path('clip.mp4'), {
    width: 320,
    height: 180,
    fps: '30000/1001',
    frames: 60,
    soundSeconds: 2,
    flags: ['-c:a', 'aac', '-ac', '2'],
  });
  await ffmpeg(tools, [...sine, folder.path('song.mp3')]);
  await ffmpeg(tools, [...picture, '-frames:v', '1', folder.path('picture.png')]);
  await ffmpeg(tools, [...picture, '-frames:v', '1', folder.path('picture.jpg')]);
});
afterAll(() => folder.remove());

describe('probeMedia', () => {
  test('tells size, rate, length and sound of an MP4 without a process', async () => {
    const info = await probeMedia({ ...tools, ffprobePath: '/none' }, folder.path('clip.mp4'));
    expect(info).toMatchObject({ kind: 'video', container: 'mp4', probedBy: 'mediabunny' });
    expect(info.video).toMatchObject({ codec: 'avc', displayWidth: 320, displayHeight: 180, frames: 60 });
    expect(info.video?.fps).toBe(30_000 / 1001);
    expect(info.video?.variableFrameRate).toBe(false);
    expect(info.video?.duration).toBeCloseTo(60 / 29.97, 2);
    expect(info.audio).toMatchObject({ codec: 'aac', channels: 2 });
  });

  test('ffprobe and mediabunny agree on turned, stretched and uneven clips', async () => {
    const cases = [
      { name: 'turned.mp4', rotation: 90 as const, filters: [] },
      { name: 'stretched.mp4', filters: ['setsar=4/3'] },
      {
        name: 'uneven.mp4',
        filters: ['settb=1/12800', "setpts='(N+0.45*sin(N))/25/TB'"],
        flags: ['-fps_mode', 'passthrough', '-enc_time_base', '1/12800'],
      },
      // Every fifth picture is missing, so the one before stays twice as long.
      { name: 'gaps.mp4', filters: ["select='not(eq(mod(n,5),2))'"], flags: ['-fps_mode', 'vfr'] },
      { name: 'even.webm', filters: [], codec: ['-c:v', 'libvpx', '-b:v', '500k'] },
      { name: 'mpeg4.avi', filters: [], codec: ['-c:v', 'mpeg4'] },
    ];
    for (const { name, rotation, ...clip } of cases) {
      const path = folder.path(name);
      await makeNumberedClip(tools, path, { width: 320, height: 180, fps: 25, frames: 50, ...clip });
      if (rotation !== undefined) await setRotation(path, rotation);
      const slow = await probeWithFfprobe(tools, path, 1);
      const quick = name.endsWith('.avi') ? null : await probeWithMediabunny(path, 1);
      const video = (quick ?? slow).video;
      expect([name, video?.variableFrameRate]).toEqual([name, name === 'uneven.mp4']);
      expect([name, video?.frames]).toEqual([name, name === 'gaps.mp4' ? 40 : 50]);
      if (quick === null) continue;
      for (const key of [
        'displayWidth',
        'displayHeight',
        'rotation',
        'frames',
        'variableFrameRate',
      ] as const) {
        expect([name, key, slow.video?.[key]]).toEqual([name, key, quick.video?.[key]]);
      }
      expect(Math.abs((slow.video?.duration ?? 0) - (quick.video?.duration ?? 9))).toBeLessThan(0.05);
      if (name !== 'uneven.mp4') expect([name, slow.video?.fps, quick.video?.fps]).toEqual([name, 25, 25]);
    }
    const turned = await probeMedia(tools, folder.path('turned.mp4'));
    expect(turned.video).toMatchObject({ displayWidth: 180, displayHeight: 320, rotation: 90 });
    const stretched = await probeMedia(tools, folder.path('stretched.mp4'));
    expect(stretched.video?.displayWidth).toBe(427);
  });

  test('a file that keeps the parser busy is left to ffprobe, and holds nobody up', async () => {
    const path = folder.path('clip.mp4');
    expect(await probeIsolated(path, 1, undefined, 1)).toBeNull();
    expect(await probeIsolated(folder.path('not-there.mp4'), 1)).toBeNull();
    await expect(probeIsolated(path, 1, AbortSignal.abort())).rejects.toHaveProperty('name', 'AbortError');
    const kept = createKeptProbe();
    const { size } = Bun.file(path);
    const first = await kept(path, size);
    // Late, given up and failed threads are left behind; the next file gets its answer all the same.
    expect(await kept(path, size, undefined, 1)).toBeNull();
    await expect(kept(path, size, AbortSignal.abort())).rejects.toHaveProperty('name', 'AbortError');
    expect(await kept(folder.path('not-there.mp4'), 1)).toBeNull();
    expect(await Promise.all([1, 2, 3].map(() => kept(path, size)))).toEqual([first, first, first]);
    expect(first?.video?.frames).toBe(60);
    // An index that speaks of 4,294,967,295 frames.
    const bytes = Buffer.from(await Bun.file(path).arrayBuffer());
    bytes.writeUInt32BE(0xffffffff, bytes.indexOf('stts') + 12);
    await Bun.write(folder.path('endless.mp4'), bytes);
    const outcome = await probeMedia(tools, folder.path('endless.mp4')).catch((thrown: unknown) => thrown);
    expect(outcome instanceof AppError || (outcome instanceof Object && 'kind' in outcome)).toBe(true);
  });

  test('a program that is too late does not make the file a damaged one', async () => {
    const late = folder.path('late');
    await Bun.write(late, '#!/bin/sh\nexec sleep 60\n');
    await chmod(late, 0o755);
    const limits = { firstFrameSeconds: 0.2 };
    await expect(
      checkClip({ ...tools, ffmpegPath: late }, folder.path('clip.mp4'), undefined, limits),
    ).rejects.toMatchObject({ code: 'MediaStepTimedOut', status: 503, retryable: true });
  });

  test('finds HDR that only the stream tells', async () => {
    const path = folder.path('hdr.mp4');
    await makeNumberedClip(tools, path, {
      width: 128,
      height: 128,
      fps: 25,
      frames: 5,
      pixelFormat: 'yuv420p10le',
      codec: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=0'],
      flags: ['-color_trc', 'smpte2084', '-color_primaries', 'bt2020', '-colorspace', 'bt2020nc'],
    });
    expect((await probeMedia(tools, path)).video?.hdr).toBe('pq');
  });

  test('goes by content, not by name', async () => {
    await Bun.write(folder.path('song.mp4'), Bun.file(folder.path('song.mp3')));
    expect(await probeMedia(tools, folder.path('song.mp4'))).toMatchObject({
      kind: 'audio',
      container: 'mp3',
    });
    expect(await probeMedia(tools, folder.path('picture.jpg'))).toMatchObject({
      kind: 'image',
      container: 'jpeg',
      image: { width: 320, height: 180 },
    });
  });

  test('reads the real clip', async () => {
    const path = sharedClip('talking-woman-10s.mp4');
    if (path === null) return;
    const info = await checkClip(tools, path);
    expect(info.video).toMatchObject({
      codec: 'hevc',
      displayWidth: 1080,
      displayHeight: 1920,
      fps: 25,
      frames: 250,
    });
  });
});

describe('refusals', () => {
  const write = async (name: string, content: string | Uint8Array<ArrayBuffer>) => {
    await Bun.write(folder.path(name), content);
    return folder.path(name);
  };

  test('an empty file', async () => {
    const path = await write('empty.mp4', '');
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'EmptyFile', status: 400 });
  });

  test('a text file named .mp4', async () => {
    const path = await write('text.mp4', 'not a video at all\n');
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'NotMedia', status: 415 });
  });

  test('bytes that are no media', async () => {
    const noise = crypto.getRandomValues(new Uint8Array(50_000));
    noise.set([1, 2, 3, 4]);
    await expect(checkClip(tools, await write('noise.mp4', noise))).rejects.toMatchObject({ status: 415 });
    const zip = new Uint8Array(200);
    zip.set([0x50, 0x4b, 0x03, 0x04]);
    await expect(checkSong(tools, await write('zip.mp3', zip))).rejects.toMatchObject({ status: 415 });
  });

  test('a playlist that points at another file, and ffprobe does not follow it either', async () => {
    const secret = folder.path('clip.mp4');
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${secret}\n#EXT-X-ENDLIST\n`;
    const path = await write('playlist.mp4', playlist);
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'PlaylistNotMedia', status: 415 });
    await expect(probeWithFfprobe(tools, path, 1)).rejects.toMatchObject({ code: 'MediaStepFailed' });
    // The same with bytes before it, so that it does not look like text.
    const hidden = await write('hidden.mp4', `#EXTM3U\n\u0000${playlist.slice(8)}`);
    await expect(checkClip(tools, hidden)).rejects.toMatchObject({ status: 415 });
    const list = await write('list.mp4', `ffconcat version 1.0\nfile ${secret}\n`);
    await expect(checkClip(tools, list)).rejects.toMatchObject({ status: 415 });
  });

  test('a video without frames', async () => {
    await ffmpeg(tools, [...picture, '-frames:v', '0', '-c:v', 'libx264', folder.path('noframes.mp4')]);
    await expect(checkClip(tools, folder.path('noframes.mp4'))).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(/no frames|damaged/),
    });
  });

  test('a clip cut off before its index', async () => {
    const bytes = new Uint8Array(await Bun.file(folder.path('clip.mp4')).arrayBuffer());
    const path = await write('cut.mp4', bytes.slice(0, bytes.length / 2));
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'DamagedMedia' });
  });

  test('a clip whose frames are gone', async () => {
    const path = folder.path('gone.mp4');
    await ffmpeg(tools, ['-i', folder.path('clip.mp4'), '-c', 'copy', '-movflags', '+faststart', path]);
    const bytes = Buffer.from(await Bun.file(path).arrayBuffer());
    await truncate(path, bytes.indexOf('mdat') + 8);
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'DamagedMedia' });
  });

  test('sound as clip, picture as clip, clip without sound as song, clip as picture', async () => {
    await expect(checkClip(tools, folder.path('song.mp3'))).rejects.toMatchObject({
      code: 'NoVideo',
      status: 415,
    });
    await expect(checkClip(tools, folder.path('picture.png'))).rejects.toMatchObject({ code: 'NoVideo' });
    await ffmpeg(tools, [...picture, '-t', '1', folder.path('silent.mp4')]);
    await expect(checkSong(tools, folder.path('silent.mp4'))).rejects.toMatchObject({
      code: 'NoSound',
      status: 415,
    });
    await expect(checkSong(tools, folder.path('picture.png'))).rejects.toMatchObject({ code: 'NoSound' });
    await expect(checkImage(tools, folder.path('clip.mp4'))).rejects.toMatchObject({ code: 'NotAnImage' });
  });

  test('a cover picture does not make a song a clip', async () => {
    const path = folder.path('cover.mp3');
    const maps = ['-map', '0:a', '-map', '1:v', '-c:v', 'png', '-disposition:v', 'attached_pic'];
    await ffmpeg(tools, ['-i', folder.path('song.mp3'), '-i', folder.path('picture.png'), ...maps, path]);
    await expect(checkClip(tools, path)).rejects.toMatchObject({ code: 'NoVideo' });
    expect(await checkSong(tools, path)).toMatchObject({ kind: 'audio' });
    expect((await probeWithFfprobe(tools, path, 1)).video).toBeNull();
  });

  test('pictures too large, too small, damaged or of another kind', async () => {
    const huge = new Uint8Array(64);
    huge.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
    new DataView(huge.buffer).setUint32(16, 100_000);
    new DataView(huge.buffer).setUint32(20, 100_000);
    huge.set([0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54], 33);
    await expect(checkImage(tools, await write('huge.png', huge))).rejects.toMatchObject({
      code: 'PictureTooLarge',
    });
    await ffmpeg(tools, [...picture, '-frames:v', '1', '-vf', 'scale=8:8', folder.path('tiny.png')]);
    await expect(checkImage(tools, folder.path('tiny.png'))).rejects.toMatchObject({
      code: 'PictureTooSmall',
    });
    const broken = new Uint8Array(64);
    broken.set([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 1, 2]);
    await expect(checkImage(tools, await write('broken.jpg', broken))).rejects.toMatchObject({
      code: 'DamagedMedia',
    });
    await ffmpeg(tools, [...picture, '-frames:v', '1', folder.path('picture.bmp')]);
    await expect(checkImage(tools, folder.path('picture.bmp'))).rejects.toMatchObject({
      code: 'UnsupportedMedia',
    });
  });

  test('clips too small, songs too long or too short', async () => {
    await makeNumberedClip(tools, folder.path('small.mp4'), {
      width: 8,
      height: 8,
      fps: 25,
      frames: 5,
      codec: ['-c:v', 'mpeg4'],
    });
    await expect(checkClip(tools, folder.path('small.mp4'))).rejects.toMatchObject({
      code: 'PictureTooSmall',
    });
    await ffmpeg(tools, ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono:d=3700', folder.path('long.wav')]);
    await expect(checkSong(tools, folder.path('long.wav'))).rejects.toMatchObject({ code: 'MediaTooLong' });
    await ffmpeg(tools, ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono:d=0.01', folder.path('short.wav')]);
    await expect(checkSong(tools, folder.path('short.wav'))).rejects.toMatchObject({ code: 'MediaTooShort' });
  });
});

test('rates are snapped to the one they stand for', () => {
  expect(snapFrameRate(24.0016)).toBe(24);
  expect(snapFrameRate(29.9699)).toBe(30_000 / 1001);
  expect(snapFrameRate(23.976)).toBe(24_000 / 1001);
  expect(snapFrameRate(17.3)).toBe(17.3);
  expect(parseFraction('30000/1001')).toBeCloseTo(29.97, 2);
  expect(parseFraction('0/0')).toBeNull();
  expect(parseFraction(undefined)).toBeNull();
});

test('bits per sample are read from the codec string', () => {
  expect(bitDepthOfCodec('hev1.1.6.L120.90')).toBe(8);
  expect(bitDepthOfCodec('hvc1.2.4.L120.90')).toBe(10);
  expect(bitDepthOfCodec('av01.0.04M.10')).toBe(10);
  expect(bitDepthOfCodec('avc1.64000d')).toBe(8);
});
