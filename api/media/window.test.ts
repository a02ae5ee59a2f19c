import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync, readdirSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { defaultWindow } from '../contract/window.schema';
import { reachedFrames } from '../shared/frames';
import { createMediaService } from './media.service';
import type { MediaService, TakeWindow } from './media.service.types';
import type { MediaTools } from './media.types';
import { assertJoinable } from './mezzanine';
import { readMp4Tracks } from './mp4.boxes';
import { makeNumberedClip, readFrameNumbers, setRotation } from './testing/numbered-clip';
import { decodeSound } from './testing/sound';
import { ffmpeg, output, testFolder, testTools } from './testing/tools';
import { backAndForth } from './window';

setDefaultTimeout(120_000);
const format: Format = { width: 320, height: 180, fps: 24 };
const clipLength = 60;
let tools: MediaTools;
let media: MediaService;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  media = createMediaService(tools);
  folder = await testFolder();
  const base = { width: 320, height: 180, fps: 24, frames: clipLength };
  const bFrames = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '25', '-bf', '3'];
  await makeNumberedClip(tools, folder.path('clip.mp4'), {
    ...base,
    codec: bFrames,
    soundSeconds: 2.5,
    flags: ['-c:a', 'aac'],
  });
  await makeNumberedClip(tools, folder.path('ntsc.mp4'), { ...base, fps: '30000/1001', frames: 110 });
  await makeNumberedClip(tools, folder.path('quick.mp4'), { ...base, fps: 48, frames: 120 });
  await makeNumberedClip(tools, folder.path('single.mp4'), { ...base, frames: 1 });
  await makeNumberedClip(tools, folder.path('clip.webm'), {
    ...base,
    codec: ['-c:v', 'libvpx', '-b:v', '1M'],
  });
});
afterAll(() => folder.remove());

let made = 0;
/** Renders a window of a source and returns what its frames show. */
async function render(source: string, window: Partial<TakeWindow>, turned: 0 | 90 = 0) {
  const file = folder.path(`take-${made++}.mp4`);
  const options = { ...defaultWindow, frames: 24, ...window };
  const take = await media.makeTake(
    { input: folder.path(source), output: file, format, window: options },
    {},
  );
  const numbers = await readFrameNumbers(tools, file, { turned });
  expect(numbers).toHaveLength(options.frames);
  expect(take).toMatchObject({
    frames: options.frames,
    sourceStart: options.inFrame,
    width: 320,
    height: 180,
  });
  return { take, numbers, file };
}

/** What a window of a clip with frames 0 … length − 1 shows, by the rule. */
function shownFrames(length: number, { inFrame, speed, ending, frames }: TakeWindow): number[] {
  const reached = Math.min(frames, reachedFrames(length, { inFrame, speed }));
  const order =
    ending === 'bounce' && reached > 1
      ? backAndForth(reached, frames)
      : Array.from({ length: frames }, (_, k) => k);
  return order.map((k) => Math.min(length - 1, inFrame + Math.floor(k * speed + 1e-6)));
}

describe('a window shows exactly its frames', () => {
  for (const speed of [0.25, 0.5, 1, 1.5, 2, 4]) {
    for (const ending of ['hold', 'bounce'] as const) {
      test(`at speed ${speed}, ending ${ending}`, async () => {
        const last = ending === 'hold' ? clipLength - 1 : clipLength - 3;
        for (const [inFrame, frames] of [
          [17, 90] as const,
          ...(speed % 1 === 0 ? [[last, 7] as const] : []),
        ]) {
          const window = { ...defaultWindow, inFrame, frames, speed, ending };
          const { take, numbers, file } = await render('clip.mp4', window);
          expect([inFrame, numbers]).toEqual([inFrame, shownFrames(clipLength, window)]);
          expect(take.sourceFrames).toBe(clipLength);
          expect(take.held).toBe(Math.max(0, frames - reachedFrames(clipLength, window)));
          const sound = (await readMp4Tracks(file))?.find((track) => track.kind === 'audio');
          expect(Math.abs((sound?.samples ?? 0) * 1024 - frames * 2000)).toBeLessThan(3 * 1024);
        }
      });
    }
  }

  test('at speed 1 those that the whole take has there, whatever the rate of the source', async () => {
    for (const source of ['ntsc.mp4', 'quick.mp4', 'clip.webm']) {
      const whole = folder.path(`whole-${source}.mp4`);
      const { frames } = await media.makeTake({ input: folder.path(source), output: whole, format }, {});
      const numbers = await readFrameNumbers(tools, whole);
      for (const inFrame of [0, 33, frames - 24]) {
        expect([source, inFrame, (await render(source, { inFrame })).numbers]).toEqual([
          source,
          inFrame,
          numbers.slice(inFrame, inFrame + 24),
        ]);
      }
    }
  });

  test('a clip of a higher rate is slowed with its own frames', async () => {
    const { numbers } = await render('quick.mp4', { inFrame: 10, speed: 0.5, frames: 40 });
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, k) => 20 + k));
  });

  test('a clip of one frame fills any slot', async () => {
    for (const ending of ['hold', 'bounce'] as const) {
      for (const speed of [0.25, 4]) {
        for (const blend of [false, true]) {
          const { numbers, take } = await render('single.mp4', { ending, speed, blend, frames: 30 });
          expect(new Set(numbers)).toEqual(new Set([0]));
          expect(take.held).toBe(30 - Math.min(30, Math.ceil(1 / speed)));
        }
      }
    }
  });

  test('a turned clip is shown upright, back and forth too', async () => {
    await makeNumberedClip(tools, folder.path('turned.mp4'), {
      width: 180,
      height: 320,
      fps: 24,
      frames: 30,
    });
    await setRotation(folder.path('turned.mp4'), 90);
    const { numbers } = await render('turned.mp4', { frames: 50, ending: 'bounce' }, 90);
    expect(numbers).toEqual(backAndForth(30, 50));
  });

  test('takes of windows can be joined with others', async () => {
    const plain = folder.path('plain-take.mp4');
    await media.makeTake({ input: folder.path('clip.mp4'), output: plain, format }, {});
    const slow = await render('clip.mp4', { speed: 0.5, blend: true });
    const bounced = await render('clip.mp4', { inFrame: 50, ending: 'bounce' });
    const blurred = await render('clip.mp4', {
      framing: { mode: 'free', background: 'blur', x: 0.5, y: 0.5, scale: 0.5 },
    });
    await assertJoinable([plain, slow.file, bounced.file, blurred.file], format);
  });
});

test('blended, a slowed clip passes evenly from frame to frame', async () => {
  const raw = folder.path('ramp.gray');
  const pixels = Uint8Array.from({ length: 20 * 64 * 36 }, (_, at) => 20 + 10 * Math.floor(at / (64 * 36)));
  await Bun.write(raw, pixels);
  await ffmpeg(tools, [
    ...['-f', 'rawvideo', '-pix_fmt', 'gray', '-s', '64x36', '-r', '24', '-i', raw],
    ...['-vf', 'scale=320:180:flags=neighbor,format=yuv420p', '-c:v', 'libx264', '-crf', '1'],
    ...['-color_range', 'tv', '-colorspace', 'bt709', folder.path('ramp.mp4')],
  ]);
  const levels = async (file: string) => {
    const filter = 'scale=1:1:flags=area,format=gray';
    const flags = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-'];
    return [...(await output([tools.ffmpegPath, '-v', 'error', '-i', file, '-vf', filter, ...flags]))];
  };
  const whole = await levels(folder.path('ramp.mp4'));
  for (const speed of [0.25, 0.4, 0.5]) {
    const { file } = await render('ramp.mp4', { speed, blend: true, inFrame: 4, frames: 24 });
    for (const [k, level] of (await levels(file)).entries()) {
      const at = 4 + k * speed;
      const [before = 0, after = 0] = [whole[Math.floor(at)], whole[Math.min(19, Math.floor(at) + 1)]];
      const expected = before + (after - before) * (at % 1);
      expect([speed, k, Math.abs(level - expected) <= 3]).toEqual([speed, k, true]);
    }
  }
});

test('the sound of a slowed or quickened clip keeps its pitch and ends with the clip', async () => {
  for (const speed of [0.25, 0.5, 1.5, 4]) {
    const { file } = await render('clip.mp4', { speed, frames: 96 });
    const heard = await decodeSound(tools, file);
    expect(Math.abs(heard.length - 96 * 2000)).toBeLessThanOrEqual(1024);
    // 440 Hz crosses zero upwards 440 times a second, at whatever speed.
    const [from, to] = [4800, 24_000];
    let crossings = 0;
    for (let at = from; at < to; at++) if ((heard[at - 1] ?? 0) < 0 && (heard[at] ?? 0) >= 0) crossings += 1;
    expect([speed, Math.abs((crossings * 48_000) / (to - from) - 440) < 12]).toEqual([speed, true]);
    const end = Math.min(96, reachedFrames(clipLength, { inFrame: 0, speed })) * 2000;
    const loudest = heard.subarray(end + 4800).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect([speed, loudest < 0.01]).toEqual([speed, true]);
  }
});

describe('refusals', () => {
  test('a window that begins after the clip, or is none', async () => {
    const output = folder.path('no.mp4');
    for (const window of [
      { inFrame: clipLength },
      { inFrame: -1 },
      { inFrame: 0.5 },
      { frames: 0 },
      { speed: 0 },
      { speed: Number.NaN },
    ]) {
      const options = { ...defaultWindow, frames: 10, ...window };
      await expect(
        media.makeTake({ input: folder.path('clip.mp4'), output, format, window: options }, {}),
      ).rejects.toMatchObject({ code: 'TrimOutsideClip' });
    }
    expect(existsSync(output)).toBe(false);
  });

  test('a clip of which only the beginning decodes is not held to its end', async () => {
    const torn = folder.path('torn.mp4');
    await ffmpeg(tools, ['-i', folder.path('clip.mp4'), '-c', 'copy', '-movflags', '+faststart', torn]);
    await truncate(torn, Math.round(Bun.file(torn).size * 0.5));
    for (const ending of ['hold', 'bounce'] as const) {
      const window = { ...defaultWindow, frames: 80, ending };
      await expect(
        media.makeTake({ input: torn, output: folder.path('torn-take.mp4'), format, window }, {}),
      ).rejects.toMatchObject({ code: 'DamagedMedia' });
    }
    expect(readdirSync(folder.path('')).filter((name) => name.includes('torn-take'))).toEqual([]);
  });
});

test('back and forth, no end comes twice in a row', () => {
  expect(backAndForth(4, 12)).toEqual([0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1]);
  expect(backAndForth(2, 5)).toEqual([0, 1, 0, 1, 0]);
  expect(backAndForth(1, 3)).toEqual([0, 0, 0]);
});
