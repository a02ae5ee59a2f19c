import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, truncate } from 'node:fs/promises';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import type { Format } from '../contract/format.schema';
import { openAacPackets } from './aac-packets';
import type { MediaTools } from './media.types';
import { type JoinedSound, joinVideos } from './mp4.join';
import { readMp4Samples } from './mp4.samples';
import { normaliseClip } from './normalise';
import { prepareSong } from './song';
import { joinByFfmpeg } from './testing/ffmpeg-join';
import { makeNumberedClip, readFrameNumbers } from './testing/numbered-clip';
import { makeSong } from './testing/sound';
import { ffmpeg, output, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
let sound: JoinedSound;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await makeSong(folder.path('song.wav'), 8);
  const [wavPath, aacPath] = [folder.path('master.wav'), folder.path('master.m4a')];
  await prepareSong(tools, { sourcePath: folder.path('song.wav'), wavPath, aacPath });
  const packets = await openAacPackets(aacPath);
  if (packets === null) throw new Error('no song');
  sound = {
    entry: packets.entry,
    pieces: [{ path: aacPath, packets: packets.packets }],
    sampleRate: 48_000,
    packetSamples: 1024,
    runIn: 1024,
  };
});
afterAll(() => folder.remove());

type Packet = { pts: string; dts: string; duration: string; size: string; flags: string; hash: string };

/** Every packet as ffmpeg's demuxer reads it, per kind of track. */
async function packetsOf(path: string, kind: 'v' | 'a'): Promise<Packet[]> {
  const entries = 'packet=pts,dts,duration,size,flags,data_hash';
  const flags = ['-show_packets', '-show_data_hash', 'sha256', '-show_entries', entries, '-of', 'json'];
  const bytes = await output([
    tools.ffprobePath,
    '-v',
    'error',
    '-select_streams',
    `${kind}:0`,
    ...flags,
    path,
  ]);
  const { packets } = JSON.parse(Buffer.from(bytes).toString()) as { packets: Record<string, string>[] };
  return packets.map((packet) => ({
    pts: String(packet['pts']),
    dts: String(packet['dts']),
    duration: String(packet['duration']),
    size: String(packet['size']),
    flags: String(packet['flags']),
    hash: String(packet['data_hash']),
  }));
}

/** Takes as the studio makes them, or others of one encoder. */
async function makeTakes(name: string, format: Format, codec?: string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const [index, frames] of lengths(codec).entries()) {
    const source = folder.path(`${name}-source-${index}.mp4`);
    const path = folder.path(`${name}-${index}.mp4`);
    // ffmpeg's join begins 21 ms late when the first take has sound of its own: its run-in counts there.
    const own = index === 0 ? {} : { soundSeconds: 2, flags: ['-c:a', 'aac'] };
    const clip = { ...format, frames, firstNumber: index * 100, ...own };
    await makeNumberedClip(tools, source, clip);
    if (codec === undefined) await normaliseClip(tools, { sourcePath: source, format, outputPath: path });
    else {
      const scale = ['-video_track_timescale', String(format.fps * 1000)];
      await ffmpeg(tools, ['-i', source, '-c:v', 'libx264', ...codec, ...scale, '-an', path]);
    }
    paths.push(path);
  }
  return paths;
}

/** Frames of three takes; a single frame has no B-frames beside it. */
const lengths = (codec?: string[]) => [53, codec === undefined ? 1 : 54, 75];

describe('joined in process, every packet is the one that ffmpeg joins', () => {
  const formats: [string, Format, string[]?][] = [
    ['24 fps', { width: 320, height: 180, fps: 24 }],
    ['25 fps, tall', { width: 180, height: 320, fps: 25 }],
    ['30 fps', { width: 640, height: 360, fps: 30 }],
    ['B-frames', { width: 320, height: 180, fps: 25 }, ['-bf', '3', '-g', '20', '-preset', 'fast']],
  ];
  for (const [name, format, codec] of formats) {
    test(name, async () => {
      const made = await makeTakes(name.replaceAll(/\W/g, '-'), format, codec);
      const paths = [...made, made[0] ?? ''];
      const ours = folder.path(`ours-${name}.mp4`);
      const theirs = folder.path(`theirs-${name}.mp4`);
      const result = await joinVideos({ videos: paths.map((path) => ({ path })), sound, outputPath: ours });
      const frameCounts = [...lengths(codec), 53];
      const frames = frameCounts.reduce((sum, count) => sum + count, 0);
      expect(result).toEqual({ frames, bytes: Bun.file(ours).size });
      const parts = folder.path(`parts-${name}`);
      await mkdir(parts);
      const takes = paths.map((path, index) => ({ path, frames: frameCounts[index] ?? 0 }));
      const request = { folder: parts, takes, fps: format.fps, sound, channels: 1, outputPath: theirs };
      await joinByFfmpeg(tools, request);
      for (const kind of ['v', 'a'] as const) {
        const [mine, other] = [await packetsOf(ours, kind), await packetsOf(theirs, kind)];
        expect(mine.length).toBe(kind === 'v' ? frames : (sound.pieces[0]?.packets.length ?? 0));
        expect(mine).toEqual(other);
      }
    });
  }
});

describe('other readers', () => {
  test('mediabunny reads the same packets', async () => {
    const format: Format = { width: 320, height: 180, fps: 24 };
    const paths = await makeTakes('bunny', format);
    const path = folder.path('bunny-joined.mp4');
    await joinVideos({ videos: paths.map((path) => ({ path })), sound, outputPath: path });
    const input = new Input({ source: new FilePathSource(path), formats: ALL_FORMATS });
    const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    if (video === null || audio === null) throw new Error('a track is missing');
    expect(await video.computeDuration()).toBeCloseTo(129 / 24, 6);
    expect(await audio.getFirstTimestamp()).toBeCloseTo(-1024 / 48_000, 6);
    let at = 0;
    for await (const packet of new EncodedPacketSink(video).packets()) {
      expect([at, packet.timestamp]).toEqual([at, expect.closeTo(at / 24, 6)]);
      at += 1;
    }
    expect(at).toBe(129);
    input.dispose();
    const numbers = Array.from({ length: 53 }, (_, n) => n);
    expect((await readFrameNumbers(tools, path)).slice(0, 53)).toEqual(numbers);
  });

  test('a part of a video is the same frames', async () => {
    const [, , third = ''] = await makeTakes('part', { width: 320, height: 180, fps: 24 });
    const path = folder.path('part-joined.mp4');
    const key = (await readMp4Samples(third, 'video'))?.keyFrames?.at(-1) ?? 0;
    const videos = [{ path: third, to: 7 }, { path: third, from: key }, { path: third }];
    expect(await joinVideos({ videos, sound, outputPath: path })).toMatchObject({ frames: 157 - key });
    const from = (first: number, count: number) => Array.from({ length: count }, (_, n) => 200 + first + n);
    expect(await readFrameNumbers(tools, path)).toEqual([
      ...from(0, 7),
      ...from(key, 75 - key),
      ...from(0, 75),
    ]);
  });

  test('the index stands in front, and picture and sound alternate each second', async () => {
    const paths = await makeTakes('order', { width: 320, height: 180, fps: 24 });
    const path = folder.path('order.mp4');
    await joinVideos({ videos: paths.map((path) => ({ path })), sound, outputPath: path });
    const head = Buffer.from(await Bun.file(path).slice(0, 64).arrayBuffer()).toString('latin1');
    expect(head.indexOf('moov')).toBe(36);
    const [video, audio] = [await readMp4Samples(path, 'video'), await readMp4Samples(path, 'audio')];
    const second = video?.samples[24]?.offset ?? 0;
    const before = audio?.samples.filter((packet) => packet.offset < second).length ?? 0;
    expect(Math.abs(before - 48)).toBeLessThanOrEqual(1);
  });
});

describe('refusals', () => {
  test('clips of another encoder, and files that are cut short', async () => {
    const format: Format = { width: 320, height: 180, fps: 24 };
    const [first = '', , third = ''] = await makeTakes('whole', format);
    const [other = ''] = await makeTakes('main', format, ['-profile:v', 'main']);
    const outputPath = folder.path('refused.mp4');
    await expect(
      joinVideos({ videos: [{ path: first }, { path: other }], sound, outputPath }),
    ).rejects.toMatchObject({
      code: 'TakesNotJoinable',
      details: { positions: [2] },
    });
    // The index in front, so that it is whole when the end is missing.
    const torn = folder.path('torn.mp4');
    await ffmpeg(tools, ['-i', third, '-c', 'copy', '-movflags', '+faststart', torn]);
    await truncate(torn, Math.round(Bun.file(torn).size * 0.7));
    await expect(
      joinVideos({ videos: [{ path: torn }, { path: torn }], sound, outputPath }),
    ).rejects.toMatchObject({
      code: 'ComposeIncomplete',
    });
  });

  test('stops when it is told to', async () => {
    const paths = await makeTakes('stopped', { width: 320, height: 180, fps: 24 });
    const signal = AbortSignal.abort(new Error('stop'));
    const outputPath = folder.path('stopped.mp4');
    await expect(
      joinVideos({ videos: paths.map((path) => ({ path })), sound, outputPath }, { signal }),
    ).rejects.toThrow('stop');
  });
});
