import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readImageSize } from './image-header';
import type { MediaTools } from './media.types';
import { normaliseClip } from './normalise';
import { makeNumberedClip, readFrameNumbers } from './testing/numbered-clip';
import { ffmpeg, testFolder, testTools } from './testing/tools';
import { filmstripGrid, makeTakeThumbnails, makeThumbnail } from './thumbnails';

setDefaultTimeout(60_000);
const format = { width: 320, height: 180, fps: 25 } as const;
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

async function take(frames: number): Promise<string> {
  const [sourcePath, outputPath] = [folder.path(`source-${frames}.mp4`), folder.path(`take-${frames}.mp4`)];
  await makeNumberedClip(tools, sourcePath, { width: 320, height: 180, fps: 25, frames });
  await normaliseClip(tools, { sourcePath, format, outputPath });
  return outputPath;
}

describe('pictures of takes', () => {
  test('the poster is the first frame, tile i of the filmstrip is frame i × everyFrames', async () => {
    const paths = { posterPath: folder.path('poster.jpg'), filmstripPath: folder.path('strip.jpg') };
    const grid = await makeTakeThumbnails(tools, {
      takePath: await take(150),
      format,
      frames: 150,
      ...paths,
    });
    expect(grid).toMatchObject({ columns: 10, rows: 2, tiles: 12, everyFrames: 13 });
    expect(await readImageSize(paths.posterPath)).toEqual({ width: 320, height: 180 });
    expect(await readFrameNumbers(tools, paths.posterPath)).toEqual([0]);
    const { tileWidth: width, tileHeight: height } = grid;
    expect(await readImageSize(paths.filmstripPath)).toEqual({ width: width * 10, height: height * 2 });
    for (const tile of [0, 1, 9, 10, 11]) {
      const box = { x: (tile % 10) * width, y: Math.floor(tile / 10) * height, width, height };
      expect(await readFrameNumbers(tools, paths.filmstripPath, { box })).toEqual([tile * grid.everyFrames]);
    }
  });

  test('a clip of one frame has pictures too', async () => {
    const paths = { posterPath: folder.path('one.jpg'), filmstripPath: folder.path('one-strip.jpg') };
    const grid = await makeTakeThumbnails(tools, { takePath: await take(1), format, frames: 1, ...paths });
    expect(grid).toMatchObject({ columns: 1, rows: 1, tiles: 1 });
    expect(await readFrameNumbers(tools, paths.filmstripPath)).toEqual([0]);
  });

  test('grids hold every length and shape', () => {
    for (const frames of [1, 2, 12, 13, 500, 15_000]) {
      for (const size of [
        { width: 1280, height: 720 },
        { width: 720, height: 1280 },
        { width: 128, height: 4096 },
      ]) {
        const grid = filmstripGrid({ ...size, fps: 25 }, frames);
        expect(grid.tiles).toBeLessThanOrEqual(40);
        expect((grid.tiles - 1) * grid.everyFrames).toBeLessThan(frames);
        expect(grid.tiles * grid.everyFrames).toBeGreaterThanOrEqual(frames);
        expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(grid.tiles);
        expect([grid.tileWidth % 2, grid.tileHeight % 2]).toEqual([0, 0]);
      }
    }
  });

  test('a damaged take is told, and leaves nothing', async () => {
    const takePath = folder.path('damaged.mp4');
    await Bun.write(takePath, new Uint8Array(2000));
    const paths = { posterPath: folder.path('none.jpg'), filmstripPath: folder.path('none-strip.jpg') };
    const run = makeTakeThumbnails(tools, { takePath, format, frames: 10, ...paths });
    await expect(run).rejects.toMatchObject({ code: 'MediaStepFailed' });
    expect(existsSync(paths.posterPath) || existsSync(`${paths.posterPath}.part`)).toBe(false);
  });

  test('pictures are scaled down, never up', async () => {
    for (const [name, size, wanted] of [
      ['large.png', '1600x900', { width: 640, height: 360 }],
      ['small.jpg', '200x100', { width: 200, height: 100 }],
    ] as const) {
      const imagePath = folder.path(name);
      await ffmpeg(tools, ['-f', 'lavfi', '-i', `testsrc2=size=${size}`, '-frames:v', '1', imagePath]);
      const posterPath = folder.path(`${name}.poster.jpg`);
      const type = name.endsWith('png') ? 'png' : 'jpeg';
      await makeThumbnail(tools, { imagePath, type, posterPath });
      expect(await readImageSize(posterPath)).toEqual(wanted);
    }
  });
});
