import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir } from 'node:fs/promises';
import fc from 'fast-check';
import type { Format } from '../contract/format.schema';
import { defaultWindow, type Framing } from '../contract/window.schema';
import { originalSize, placePicture } from './framing.rules';
import { createMediaService } from './media.service';
import type { MediaService } from './media.service.types';
import type { MediaTools } from './media.types';
import { setRotation } from './testing/numbered-clip';
import { ffmpeg, output, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);
const framing = (given: Partial<Framing>): Framing => ({ ...defaultWindow.framing, ...given });
let tools: MediaTools;
let media: MediaService;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  media = createMediaService(tools);
  folder = await testFolder();
  await mkdir(folder.path('sources'));
});
afterAll(() => folder.remove());

/** A grey clip with a bright square whose middle is a point of the picture. */
async function makeMarked(
  name: string,
  size: { width: number; height: number },
  point: { x: number; y: number },
  flags: string[] = [],
) {
  const path = folder.path(`sources/${name}`);
  const side = Math.max(8, 2 * Math.round(Math.min(size.width, size.height) / 40));
  const box = `drawbox=x=${point.x - side / 2}:y=${point.y - side / 2}:w=${side}:h=${side}:color=white:t=fill`;
  await ffmpeg(tools, [
    ...['-f', 'lavfi', '-i', `color=c=0x404040:s=${size.width}x${size.height}:r=24:d=0.25`, '-vf', box],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '4', '-pix_fmt', 'yuv444p', ...flags, path],
  ]);
  return path;
}

let made = 0;
async function render(input: string, format: Format, wanted: Partial<Framing>) {
  const path = folder.path(`take-${made++}.mp4`);
  const window = { ...defaultWindow, framing: framing(wanted), frames: 4 };
  await media.makeTake({ input, output: path, format, window }, {});
  return path;
}

/** The first frame as rows of pixels: luma, or RGB by BT.709. */
async function pixels(path: string, format: 'gray' | 'rgb24'): Promise<Uint8Array> {
  const filter = format === 'gray' ? 'extractplanes=y' : 'scale=in_color_matrix=bt709,format=rgb24';
  const flags = ['-frames:v', '1', '-f', 'rawvideo', '-'];
  return output([tools.ffmpegPath, '-v', 'error', '-i', path, '-vf', filter, ...flags]);
}

/** The middle of what is bright. */
function brightPoint(luma: Uint8Array, width: number): { x: number; y: number } {
  let [sum, x, y] = [0, 0, 0];
  for (const [at, value] of luma.entries()) {
    const weight = value > 120 ? value - 120 : 0;
    sum += weight;
    x += weight * ((at % width) + 0.5);
    y += weight * (Math.floor(at / width) + 0.5);
  }
  return { x: x / sum, y: y / sum };
}

describe('the picture lies where the framing says, to the pixel', () => {
  const wide = { width: 640, height: 360 };
  const tall: Format = { width: 180, height: 320, fps: 24 };
  const cases: [string, Format, Partial<Framing>, { x: number; y: number }][] = [
    // Filling 180×320 from 640×360 scales by 320/360; the point (480, 100) is asked into the middle.
    ['fill', tall, { x: 480 / 640, y: 0.5 }, { x: 90, y: (100 * 320) / 360 }],
    // At the picture's edge the crop stops: the right end of 568 pixels is at 180.
    [
      'fill at the edge',
      tall,
      { x: 1, y: 0.5 },
      { x: 180 - (640 - 480) * (320 / 360), y: (100 * 320) / 360 },
    ],
    ['fit', tall, { mode: 'fit' }, { x: (480 * 180) / 640, y: 160 + ((100 - 180) * 180) / 640 }],
    ['fit, blurred', tall, { mode: 'fit', background: 'blur' }, { x: (480 * 180) / 640, y: 137.5 }],
    ['free', tall, { mode: 'free', scale: 2, x: 0.7, y: 0.3 }, { x: 90 + 32 * 0.5625, y: 160 - 8 * 0.5625 }],
    [
      'free and small',
      { width: 640, height: 360, fps: 24 },
      { mode: 'free', scale: 0.5, x: 0.5, y: 0.5, background: '#103050' },
      { x: 320 + 80, y: 180 - 40 },
    ],
    // Large enough for only a part of the source to be scaled.
    ['free and large', tall, { mode: 'free', scale: 10, x: 0.75, y: 0.28 }, { x: 90, y: 160 - 0.8 * 2.8125 }],
  ];
  for (const [name, format, wanted, expected] of cases) {
    test(name, async () => {
      const source = await makeMarked(`${name.replaceAll(' ', '-')}.mp4`, wide, { x: 480, y: 100 });
      const point = brightPoint(await pixels(await render(source, format, wanted), 'gray'), format.width);
      expect([Math.abs(point.x - expected.x) <= 1.5, Math.abs(point.y - expected.y) <= 1.5, point]).toEqual([
        true,
        true,
        point,
      ]);
    });
  }

  test('counted in the turned picture, and with square pixels', async () => {
    const format: Format = { width: 320, height: 180, fps: 24 };
    // Stored 320×180, shown 180×320 turned clockwise: stored (40, 30) is shown at (150, 40).
    const turned = await makeMarked('turned.mp4', { width: 320, height: 180 }, { x: 40, y: 30 });
    await setRotation(turned, 90);
    const up = brightPoint(await pixels(await render(turned, format, { y: 40 / 320 }), 'gray'), 320);
    const scale = 320 / 180;
    expect(Math.abs(up.x - 150 * scale)).toBeLessThanOrEqual(1.5);
    expect(Math.abs(up.y - 40 * scale)).toBeLessThanOrEqual(1.5);
    // Stored 320×360 with pixels twice as wide as high: shown 640×360.
    const flags = ['-aspect', '16:9'];
    const stretched = await makeMarked(
      'stretched.mp4',
      { width: 320, height: 360 },
      { x: 240, y: 100 },
      flags,
    );
    for (const zoom of [1, 9]) {
      const wanted: Partial<Framing> = { mode: 'free', scale: zoom, x: 480 / 640, y: 100 / 360 };
      const point = brightPoint(await pixels(await render(stretched, format, wanted), 'gray'), 320);
      expect([zoom, Math.abs(point.x - 160) <= 1.5, Math.abs(point.y - 90) <= 1.5]).toEqual([
        zoom,
        true,
        true,
      ]);
    }
  });
});

describe('the background', () => {
  test('has the chosen colour, by BT.709, up to the picture', async () => {
    const format: Format = { width: 180, height: 320, fps: 24 };
    const source = await makeMarked('colour.mp4', { width: 640, height: 360 }, { x: 320, y: 180 });
    for (const background of ['#c03020', '#10a0f0', '#ffffff', '#000000']) {
      const rgb = await pixels(await render(source, format, { mode: 'fit', background }), 'rgb24');
      const wanted = [1, 3, 5].map((at) => Number.parseInt(background.slice(at, at + 2), 16));
      // Picture rows 109 to 211 (102 high, even): a little outside is background, a little inside is grey.
      for (const [row, colour] of [
        [4, wanted],
        [100, wanted],
        [220, wanted],
        [316, wanted],
        [120, [0x40, 0x40, 0x40]],
        [200, [0x40, 0x40, 0x40]],
      ] as const) {
        const at = (row * 180 + 20) * 3;
        const off = colour.map((value, channel) => Math.abs(value - (rgb[at + channel] ?? 0)));
        expect([background, row, Math.max(...off) <= 6]).toEqual([background, row, true]);
      }
    }
  });

  test('blurred, is the picture itself, with no black', async () => {
    const format: Format = { width: 180, height: 320, fps: 24 };
    const source = await makeMarked('blurred.mp4', { width: 640, height: 360 }, { x: 320, y: 180 });
    const luma = await pixels(await render(source, format, { mode: 'fit', background: 'blur' }), 'gray');
    // 0x40 full range is 71 in video range.
    for (const row of [0, 50, 270, 319]) {
      for (const column of [0, 90, 179]) {
        expect([row, Math.abs((luma[row * 180 + column] ?? 0) - 71) <= 24]).toEqual([row, true]);
      }
    }
  });
});

describe('placePicture', () => {
  const side = fc.integer({ min: 16, max: 8192 });
  const half = fc.integer({ min: 64, max: 2048 }).map((value) => value * 2);
  test('every picture of every size is placed evenly and inside', () => {
    fc.assert(
      fc.property(
        fc.record({ width: side, height: side }),
        fc.record({ width: half, height: half }),
        fc.record({
          mode: fc.constantFrom('fill', 'fit', 'free'),
          x: fc.double({ min: 0, max: 1, noNaN: true }),
          y: fc.double({ min: 0, max: 1, noNaN: true }),
          scale: fc.double({ min: 0.1, max: 10, noNaN: true }),
          background: fc.constant('#000000'),
        }),
        (source, size, wanted) => {
          const format: Format = { ...size, fps: 24 };
          const placed = placePicture(source, format, wanted);
          const { crop, scaled, at } = placed;
          for (const number of [crop.x, crop.y, crop.width, crop.height, at.x, at.y]) {
            expect(number % 2).toBe(0);
            expect(number).toBeGreaterThanOrEqual(0);
          }
          expect(crop.width).toBeGreaterThanOrEqual(2);
          expect(crop.height).toBeGreaterThanOrEqual(2);
          expect(crop.x + crop.width).toBeLessThanOrEqual(scaled.width);
          expect(crop.y + crop.height).toBeLessThanOrEqual(scaled.height);
          expect(at.x + crop.width).toBeLessThanOrEqual(format.width);
          expect(at.y + crop.height).toBeLessThanOrEqual(format.height);
          if (wanted.mode === 'fill') expect(placed.covers).toBe(true);
          if (placed.source !== null) {
            expect(placed.source.x + placed.source.width).toBeLessThanOrEqual(source.width);
            expect(placed.source.y + placed.source.height).toBeLessThanOrEqual(source.height);
          }
          // What is scaled stays bounded, however far one zooms in.
          const [wide, high] = [format.width / source.width, format.height / source.height];
          const fit = Math.min(wide, high);
          const scale = { fill: Math.max(wide, high), fit, free: fit * wanted.scale }[wanted.mode];
          const most = (side: number) => side + 12 * scale + 4;
          expect(scaled.width * scaled.height).toBeLessThanOrEqual(
            Math.max(4 * format.width * format.height, most(format.width) * most(format.height)),
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('a source of the format is left as it is', () => {
    const format: Format = { width: 1280, height: 720, fps: 25 };
    expect(placePicture({ width: 1920, height: 1080 }, format, framing({ x: 0.9 }))).toEqual({
      source: null,
      scaled: { width: 1280, height: 720 },
      crop: { x: 0, y: 0, width: 1280, height: 720 },
      at: { x: 0, y: 0 },
      covers: true,
    });
  });
});

describe('originals', () => {
  test('keep their own shape, bounded by the longer side and never enlarged', () => {
    const format: Format = { width: 1280, height: 720, fps: 25 };
    expect(originalSize({ width: 3840, height: 2160 }, format)).toEqual({ width: 1280, height: 720 });
    expect(originalSize({ width: 640, height: 360 }, format)).toEqual({ width: 1280, height: 720 });
    expect(originalSize({ width: 1080, height: 1920 }, format)).toEqual({ width: 720, height: 1280 });
    expect(originalSize({ width: 361, height: 641 }, format)).toEqual({ width: 362, height: 642 });
    expect(originalSize({ width: 8000, height: 16 }, format)).toEqual({ width: 1280, height: 16 });
  });

  test('hold no more of the source than is asked for', async () => {
    const input = folder.path('sources/long.mp4');
    await ffmpeg(tools, [
      ...['-f', 'lavfi', '-i', 'testsrc2=size=180x320:rate=25:duration=4', '-c:v', 'libx264'],
      ...['-preset', 'ultrafast', '-pix_fmt', 'yuv420p', input],
    ]);
    const format: Format = { width: 320, height: 180, fps: 25 };
    const path = folder.path('original.mp4');
    const make = (sourceRange?: { first: number; frames: number }) =>
      media.makeTake(
        {
          input,
          output: path,
          format,
          keepShape: true,
          ...(sourceRange === undefined ? {} : { sourceRange }),
        },
        {},
      );
    const whole = { frames: 100, sourceFrames: 100, sourceStart: 0, width: 180, height: 320, held: 0 };
    expect(await make()).toEqual(whole);
    expect(await make({ first: 30, frames: 40 })).toEqual({ ...whole, frames: 40, sourceStart: 30 });
    expect(await make({ first: -20, frames: 40 })).toEqual({ ...whole, frames: 20 });
    expect(await make({ first: 90, frames: 40 })).toEqual({ ...whole, frames: 10, sourceStart: 90 });
    expect(await make({ first: 500, frames: 40 })).toEqual({ ...whole, frames: 1, sourceStart: 99 });
  });
});
