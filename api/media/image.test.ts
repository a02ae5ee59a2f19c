import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { truncate } from 'node:fs/promises';
import { halvingsFor, storeImage } from './image';
import { readImageOrientation, readImageSize } from './image-header';
import type { MediaTools } from './media.types';
import { ffmpeg, testFolder, testTools } from './testing/tools';

setDefaultTimeout(60_000);
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
const picture = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25'];
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

const make = async (name: string, args: string[] = []) => {
  await ffmpeg(tools, [...picture, '-frames:v', '1', ...args, folder.path(name)]);
  return folder.path(name);
};

describe('storeImage', () => {
  test('keeps JPEG, and makes PNG of PNG and WebP', async () => {
    for (const [name, mimeType] of [
      ['a.jpg', 'image/jpeg'],
      ['a.png', 'image/png'],
      ['a.webp', 'image/png'],
    ] as const) {
      const sourcePath = await make(name);
      const stored = await storeImage(tools, { sourcePath, outputPath: folder.path(`${name}.stored`) });
      expect(stored).toMatchObject({ mimeType, width: 320, height: 180 });
      expect(await readImageSize(stored.path)).toEqual({ width: 320, height: 180 });
    }
  });

  test('bounds the size and keeps the shape', async () => {
    const sourcePath = await make('wide.png', ['-vf', 'scale=4000:1000']);
    const stored = await storeImage(tools, { sourcePath, outputPath: folder.path('wide.stored') });
    expect(stored).toMatchObject({ width: 2048, height: 512 });
  });

  test('scales a photo of 200 megapixels down instead of refusing it', async () => {
    const sourcePath = folder.path('huge.jpg');
    const red = ['-f', 'lavfi', '-i', 'color=c=red:size=16320x12240'];
    await ffmpeg(tools, [...red, '-frames:v', '1', '-q:v', '10', sourcePath]);
    const stored = await storeImage(tools, { sourcePath, outputPath: folder.path('huge.stored') });
    expect(stored).toMatchObject({ mimeType: 'image/jpeg', width: 2048, height: 1536 });
  });

  test('decodes no more pixels than are allowed, whatever a JPEG has', () => {
    const jpeg = (width: number, height: number) => halvingsFor({ width, height }, 'jpeg');
    expect([jpeg(4000, 3000), jpeg(8192, 8192), jpeg(12_000, 9000), jpeg(16_320, 12_240)]).toEqual([
      0, 0, 1, 1,
    ]);
    expect([jpeg(40_000, 20_000), jpeg(65_535, 65_535)]).toEqual([2, 3]);
    expect(halvingsFor({ width: 12_000, height: 9000 }, 'png')).toBe(0);
  });

  test('stands upright as EXIF says, once', async () => {
    const bytes = Buffer.from(await Bun.file(await make('phone.jpg')).arrayBuffer());
    // APP1: "Exif", big-endian TIFF, one entry: orientation 6 (turn clockwise).
    const tiff = Buffer.from('4d4d002a0000000800010112000300000001000600000000', 'hex');
    const app1 = Buffer.concat([
      Buffer.from([0xff, 0xe1, 0, 2 + 6 + tiff.length]),
      Buffer.from('Exif\0\0', 'latin1'),
      tiff,
    ]);
    await Bun.write(folder.path('phone.jpg'), Buffer.concat([bytes.subarray(0, 2), app1, bytes.subarray(2)]));
    expect(await readImageOrientation(folder.path('phone.jpg'))).toBe(6);
    const stored = await storeImage(tools, {
      sourcePath: folder.path('phone.jpg'),
      outputPath: folder.path('phone.stored'),
    });
    expect(stored).toMatchObject({ width: 180, height: 320 });
    expect(await readImageOrientation(stored.path)).toBe(1);
    expect(await readImageOrientation(await make('plain.png'))).toBe(1);
  });

  test('refuses a picture that does not decode and leaves nothing', async () => {
    const sourcePath = await make('torn.png');
    await truncate(sourcePath, 60);
    const outputPath = folder.path('torn.stored');
    await expect(storeImage(tools, { sourcePath, outputPath })).rejects.toMatchObject({
      code: 'DamagedMedia',
    });
    expect(existsSync(outputPath) || existsSync(`${outputPath}.part`)).toBe(false);
  });
});
