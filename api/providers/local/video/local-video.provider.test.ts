import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { readProcessConfig } from '../../../config';
import { findPrograms } from '../../../media/ffmpeg.finder';
import { assertJoinable } from '../../../media/mezzanine';
import { mezzanineVideoArguments } from '../../../media/mezzanine.arguments';
import { createLog } from '../../../shared/log';
import type { LocalRunContext } from '../../process/process.run';
import type { VideoRequest } from '../../video/video.types';
import { createLocalVideoProvider, type LocalVideoOptions } from './local-video.provider';

const LIMIT = 60_000;
const format = { width: 640, height: 360, fps: 25 } as const;
const log = createLog('silent');
let folder: string;
let ffmpegPath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'songreel-clip-'));
  const { FFMPEG_BIN: ffmpegBin, FFPROBE_BIN: ffprobeBin } = readProcessConfig();
  ({ ffmpegPath } = await findPrograms({ ffmpegBin, ffprobeBin, log, allowInstall: false }));
  const canvas = createCanvas(600, 900);
  const brush = canvas.getContext('2d');
  brush.fillStyle = 'rgb(200, 60, 40)';
  brush.fillRect(0, 0, 600, 900);
  await Bun.write(join(folder, 'red.png'), canvas.toBuffer('image/png'));
  await Bun.write(join(folder, 'red.webp'), canvas.toBuffer('image/webp'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const context = (change: Partial<LocalRunContext> = {}): LocalRunContext => ({
  signal: new AbortController().signal,
  progress: () => undefined,
  log,
  ...change,
});
const provider = (change: Partial<LocalVideoOptions> = {}) =>
  createLocalVideoProvider({
    ffmpegPath,
    videoEncodeArguments: () => mezzanineVideoArguments(format, 1),
    ...change,
  });
const request = (name: string, change: Partial<VideoRequest> = {}): VideoRequest => ({
  jobId: 'test',
  prompt: 'push in',
  negativePrompt: '',
  imagePath: join(folder, 'red.png'),
  lastImagePath: null,
  references: [],
  ...format,
  frames: 31,
  seed: 1,
  outputPath: join(folder, name),
  workDirectory: folder,
  ...change,
});

/** The pictures of a clip as RGB. */
async function pixels(path: string): Promise<Uint8Array> {
  const args = ['-v', 'error', '-i', path, '-vf', 'scale=64:36', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  return new Response(Bun.spawn([ffmpegPath, ...args]).stdout).bytes();
}

describe('clips of this machine', () => {
  test(
    'a clip is a take of exactly the frames, filled to its edges, in the colours of its image',
    async () => {
      for (const [name, imagePath] of [
        ['png.mp4', join(folder, 'red.png')],
        ['webp.mp4', join(folder, 'red.webp')],
      ] as const) {
        await provider().run(request(name, { imagePath }), context());
        const [take] = await assertJoinable([join(folder, name)], format);
        expect(take).toMatchObject({ frames: 31, hasSound: false });
        const seen = await pixels(join(folder, name));
        expect(seen).toHaveLength(31 * 64 * 36 * 3);
        for (let index = 0; index < seen.length; index += 3) {
          expect(Math.abs((seen[index] ?? 0) - 200)).toBeLessThan(8);
          expect(Math.abs((seen[index + 1] ?? 0) - 60)).toBeLessThan(8);
        }
      }
    },
    LIMIT,
  );

  test(
    'a card’s picture is drawn again without its type; without an image it is drawn from the words',
    async () => {
      const card = { prompt: 'night by the sea', negativePrompt: '', seed: 4 };
      const drawn = request('drawn.mp4', { ...card, imagePath: null, frames: 3 });
      const outcome = await provider().run(drawn, context());
      expect(outcome).toMatchObject({ ignoredOptions: [], report: { draft: true, frames: 3 } });
      const again = request('again.mp4', { ...card, imageCard: card, frames: 3 });
      await provider().run(again, context());
      expect(await pixels(again.outputPath)).toEqual(await pixels(drawn.outputPath));
    },
    LIMIT,
  );

  test(
    'options that it can’t honour are named',
    async () => {
      const asked = request('ignored.mp4', {
        frames: 2,
        negativePrompt: 'rain',
        lastImagePath: join(folder, 'red.png'),
        references: [{ path: join(folder, 'red.png'), contentType: 'image/png' }],
      });
      const { ignoredOptions } = await provider().run(asked, context());
      expect(ignoredOptions).toEqual(['negativePrompt', 'lastImage', 'references']);
    },
    LIMIT,
  );

  test('one that takes too long is stopped and leaves nothing', async () => {
    const slow = provider({ limitMs: 1 });
    await expect(slow.run(request('late.mp4'), context())).rejects.toMatchObject({ code: 'ProviderTimeout' });
    expect(existsSync(join(folder, 'late.mp4'))).toBe(false);
  });

  test('a disk that takes nothing is told in words', async () => {
    const run = provider({ videoEncodeArguments: () => ['-c:v', 'no-such-encoder'] }).run(
      request('never.mp4'),
      context(),
    );
    await expect(run).rejects.toMatchObject({ code: 'EncodingFailed' });
  });
});
