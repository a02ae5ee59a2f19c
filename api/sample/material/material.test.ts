import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { type Shot, writeVideo } from '../../drawing/frame-video';
import { testTools } from '../../media/testing/tools';
import { writeDemoMaterial } from './material';
import { paintStoryboard } from './storyboard.drawing';

let folder: string;
let ffmpegPath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'songreel-material-'));
  ({ ffmpegPath } = await testTools());
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A small picture whose brightness grows with time. */
function brightening(width: number, height: number): Shot {
  const canvas = createCanvas(width, height);
  const brush = canvas.getContext('2d');
  return {
    canvas,
    paint(seconds) {
      brush.fillStyle = `rgb(0,${Math.round(seconds * 100)},0)`;
      brush.fillRect(0, 0, width, height);
    },
  };
}

/** The decoded frames' RGB bytes. */
async function decode(path: string): Promise<Uint8Array> {
  const decoder = Bun.spawn(
    [ffmpegPath, '-v', 'error', '-i', path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    {
      stdout: 'pipe',
    },
  );
  return new Response(decoder.stdout).bytes();
}

describe('writeVideo', () => {
  test('writes every frame in order and leaves no part file', async () => {
    const path = join(folder, 'bright.mp4');
    await writeVideo(brightening(64, 36), 50, { ffmpegPath, fps: 25, path });
    const pixels = await decode(path);
    const frame = 64 * 36 * 3;
    expect(pixels.length).toBe(50 * frame);
    const greens = Array.from({ length: 50 }, (_, i) => pixels[i * frame + 1] ?? 0);
    // Painted 0, 4, 8 … 196; the codec may be off by a few.
    greens.forEach((green, i) => {
      expect(Math.abs(green - 4 * i)).toBeLessThan(6);
    });
    expect(await readdir(folder)).toEqual(['bright.mp4']);
  });

  test('makes the same bytes again', async () => {
    const paths = ['one.mp4', 'two.mp4'].map((name) => join(folder, name));
    for (const path of paths) await writeVideo(brightening(64, 36), 10, { ffmpegPath, fps: 25, path });
    const [one, two] = await Promise.all(paths.map((path) => Bun.file(path).bytes()));
    expect(one).toEqual(two);
  });

  test('says what ffmpeg said when it refuses, and leaves nothing', async () => {
    const path = join(folder, 'odd.mp4');
    // H.264 in 4:2:0 needs even sizes.
    const attempt = writeVideo(brightening(63, 35), 5, { ffmpegPath, fps: 25, path });
    await expect(attempt).rejects.toMatchObject({
      code: 'DemoMaterialFailed',
      message: expect.stringContaining('not divisible by 2'),
    });
    expect((await readdir(folder)).filter((name) => name.startsWith('odd'))).toEqual([]);
  });

  test('says so when there is no ffmpeg', async () => {
    const missing = join(folder, 'no-such-ffmpeg');
    await expect(
      writeVideo(brightening(64, 36), 5, { ffmpegPath: missing, fps: 25, path: join(folder, 'none.mp4') }),
    ).rejects.toMatchObject({ code: 'DemoMaterialFailed', message: expect.stringContaining('doctor') });
  });
});

describe('writeDemoMaterial', () => {
  test('keeps what is there and makes only what is missing', async () => {
    const directory = join(folder, 'material');
    const options = { ffmpegPath, width: 160, height: 90, fps: 25, singerSeconds: 1 };
    const kept = ['skyline-5s.mp4', 'stage-5s.mp4'].map((name) => join(directory, name));
    for (const path of kept) await Bun.write(path, 'made before');
    const made = await writeDemoMaterial(directory, options);
    expect(await Bun.file(made.skyline).text()).toBe('made before');
    expect((await decode(made.singer)).length).toBe(25 * 160 * 90 * 3);
    const lines: string[] = [];
    await writeDemoMaterial(directory, { ...options, log: (line) => lines.push(line) });
    expect(lines.length).toBe(4);
    expect(lines.every((line) => line.includes('is there already'))).toBe(true);
    expect((await readdir(directory)).some((name) => name.endsWith('.part'))).toBe(false);
  });

  test('two that make the same at once both have it whole, and nothing else is left', async () => {
    const directory = join(folder, 'both');
    const options = { ffmpegPath, width: 160, height: 90, fps: 25, singerSeconds: 1 };
    const kept = ['skyline-5s.mp4', 'stage-5s.mp4'].map((name) => join(directory, name));
    for (const path of kept) await Bun.write(path, 'made before');
    const abandoned = join(directory, 'singer.mp4.part');
    await Bun.write(abandoned, 'half');
    await utimes(abandoned, 1, 1);
    const both = await Promise.all([
      writeDemoMaterial(directory, options),
      writeDemoMaterial(directory, options),
    ]);
    for (const made of both) expect((await decode(made.singer)).length).toBe(25 * 160 * 90 * 3);
    expect((await readdir(directory)).sort()).toEqual(
      Object.values(both[0])
        .map((path) => basename(path))
        .sort(),
    );
  });
});

test('the storyboard picture covers any size', () => {
  for (const [width, height] of [
    [1280, 720],
    [720, 1280],
  ] as const) {
    const pixels = paintStoryboard(width, height).data();
    for (const corner of [0, width - 1, (height - 1) * width, height * width - 1]) {
      expect(pixels[corner * 4 + 3]).toBe(255);
    }
  }
});
