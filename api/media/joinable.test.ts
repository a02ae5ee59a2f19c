import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { makeJoinable } from './joinable';
import type { MediaTools } from './media.types';
import { assertJoinable } from './mezzanine';
import { normaliseClip } from './normalise';
import { makeNumberedClip, readFrameNumbers } from './testing/numbered-clip';
import { ffmpeg, testFolder, testTools } from './testing/tools';

setDefaultTimeout(60_000);
const format = { width: 320, height: 180, fps: 24 } as const;
let tools: MediaTools;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
  await makeNumberedClip(tools, folder.path('clip.mp4'), { width: 320, height: 180, fps: 24, frames: 30 });
  await normaliseClip(tools, {
    sourcePath: folder.path('clip.mp4'),
    format,
    outputPath: folder.path('take.mp4'),
  });
  // The same as an encoder of another version writes it: another number of reference frames.
  const other = ['-c:v', 'libx264', '-preset', 'veryfast', '-refs', '3', '-bf', '0', '-profile:v', 'high'];
  const scale = ['-video_track_timescale', '24000', '-aspect', '320:180'];
  await ffmpeg(tools, [
    '-i',
    folder.path('take.mp4'),
    '-r',
    '24',
    ...other,
    ...scale,
    folder.path('other.mp4'),
  ]);
});
afterAll(() => folder.remove());

const join = (...names: string[]) =>
  makeJoinable(tools, { paths: names.map(folder.path), format, folder: folder.path('') });

test('takes that fit are left alone, others are made again', async () => {
  const { paths, normalised } = await join('take.mp4', 'clip.mp4', 'take.mp4');
  expect(normalised).toBe(1);
  expect([paths[0], paths[2]]).toEqual([folder.path('take.mp4'), folder.path('take.mp4')]);
  await assertJoinable(paths, format);
  expect(await readFrameNumbers(tools, paths[1] ?? '')).toEqual(
    Array.from({ length: 30 }, (_, frame) => frame),
  );
});

test('takes of another encoder: the odd one follows, or all when the majority is the odd one', async () => {
  expect((await join('take.mp4', 'other.mp4', 'take.mp4')).normalised).toBe(1);
  const { paths, normalised } = await join('other.mp4', 'other.mp4', 'clip.mp4');
  expect(normalised).toBe(3);
  await assertJoinable(paths, format);
});
