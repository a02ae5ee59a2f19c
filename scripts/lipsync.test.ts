import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestKit, type TestKit } from '../api/providers/local/lipsync/test/test.clips';
import { runScript } from './lib/script.process';

setDefaultTimeout(120_000);
let kit: TestKit;
beforeAll(async () => {
  kit = await createTestKit();
});
afterAll(() => rm(kit.folder, { recursive: true, force: true }));

const lipsync = (...args: string[]) => runScript('lipsync.ts', args, kit.folder);

test('sings a clip of ten bits, odd sides and frames of uneven length', async () => {
  const face = await kit.face('face.mp4', 25);
  await kit.voice('voice.wav', 2);
  // Every fifth picture is missing, so the one before stays twice as long.
  const uneven = "select='not(eq(mod(n\\,5)\\,2))',scale=361:641,format=yuv444p10le";
  const odd = join(kit.folder, 'odd.mp4');
  await kit.ffmpeg('-i', face, '-vf', uneven, '-fps_mode', 'vfr', '-c:v', 'libx264', '-bf', '2', odd);
  const paths = ['--video', 'odd.mp4', '--audio', 'voice.wav', '--vocal', 'voice.wav', '--out', 'sung.mp4'];
  const { code, out, words } = await lipsync(...paths, '--json');
  expect([code, words]).toEqual([0, '']);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ frames: 25, framesWithFace: 25, shots: 1, driver: { source: 'vocal' } });
  expect(Math.max(...report.target)).toBeGreaterThan(0.02);
  const [picture, sound] = await kit.probe(join(kit.folder, 'sung.mp4'));
  expect(picture).toMatchObject({ nb_frames: '25', codec_name: 'h264' });
  expect(Number(picture?.['width']) % 2).toBe(0);
  expect(sound).toMatchObject({ duration_ts: '48000' });
});

test('says what is wrong with the call', async () => {
  const { code, words } = await lipsync('--video', 'a.mp4');
  expect(code).not.toBe(0);
  expect(words).toContain('bun run lipsync -- --video');
});
