import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { createLog } from '../../../shared/log';
import type { ImageRequest } from '../../image/image.types';
import type { LocalRunContext } from '../../process/process.run';
import { createLocalImageProvider } from './local-image.provider';

const LIMIT = 60_000;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'songreel-card-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const context = (change: Partial<LocalRunContext> = {}): LocalRunContext => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  log: createLog('silent'),
  ...change,
});
const request = (name: string, change: Partial<ImageRequest> = {}): ImageRequest => ({
  jobId: 'test',
  prompt: 'close-up of a singer at sunset',
  negativePrompt: '',
  width: 640,
  height: 360,
  seed: 7,
  references: [],
  caption: { title: 'Test', sequence: 2 },
  outputPath: join(folder, name),
  workDirectory: folder,
  ...change,
});
const made = async (name: string, change: Partial<ImageRequest> = {}) => {
  const asked = request(name, change);
  await createLocalImageProvider().run(asked, context());
  return new Uint8Array(await Bun.file(asked.outputPath).arrayBuffer());
};

describe('cards of this machine', () => {
  test(
    'the same words and seed give the same bytes, another seed others',
    async () => {
      const [one, again, other] = [await made('a'), await made('b'), await made('c', { seed: 8 })];
      expect(Bun.hash(one)).toBe(Bun.hash(again));
      expect(Bun.hash(one)).not.toBe(Bun.hash(other));
    },
    LIMIT,
  );

  test(
    'a card has the shape of its format and no empty place',
    async () => {
      for (const [width, height] of [
        [1280, 720],
        [720, 1280],
        [1080, 1080],
        [864, 1080],
      ] as const) {
        const image = await loadImage(Buffer.from(await made('shape', { width, height })));
        expect(image.width / image.height).toBeCloseTo(width / height, 2);
        expect(Math.min(image.width, image.height)).toBeGreaterThanOrEqual(1080);
        const canvas = createCanvas(8, 8);
        const brush = canvas.getContext('2d');
        brush.drawImage(image, 0, 0, 8, 8);
        const { data } = brush.getImageData(0, 0, 8, 8);
        expect([...data].filter((value, index) => index % 4 === 3 && value < 255)).toEqual([]);
      }
    },
    LIMIT,
  );

  test(
    'who appears is shown',
    async () => {
      const portrait = createCanvas(60, 80);
      const brush = portrait.getContext('2d');
      brush.fillStyle = '#0f0';
      brush.fillRect(0, 0, 60, 80);
      const path = join(folder, 'cast.png');
      await Bun.write(path, portrait.toBuffer('image/png'));
      const bytes = await made('cast', { references: [{ path, contentType: 'image/png' }] });
      const image = await loadImage(Buffer.from(bytes));
      const canvas = createCanvas(image.width, image.height);
      const look = canvas.getContext('2d');
      look.drawImage(image, 0, 0);
      const scale = image.height / 1000;
      const spot = look.getImageData(image.width - 124 * scale, image.height - 158 * scale, 1, 1).data;
      expect(spot[1]).toBeGreaterThan(200);
      expect(spot[0]).toBeLessThan(80);
    },
    LIMIT,
  );

  test('a card that takes too long is stopped and says so', async () => {
    const slow = createLocalImageProvider({ limitMs: 1 });
    await expect(slow.run(request('late'), context())).rejects.toMatchObject({
      code: 'ProviderTimeout',
      status: 504,
      details: { charged: 'no' },
    });
    expect(existsSync(join(folder, 'late'))).toBe(false);
  });

  test('a process that dies is told', async () => {
    const workerPath = join(folder, 'dying.ts');
    await Bun.write(workerPath, `console.error('no memory'); process.exit(9);`);
    const dying = createLocalImageProvider({ workerPath });
    await expect(dying.run(request('dead'), context())).rejects.toMatchObject({
      code: 'ProviderDied',
      retryable: true,
      details: { lastOutput: 'no memory' },
    });
  });
});
