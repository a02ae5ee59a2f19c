import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdir, readdir } from 'node:fs/promises';
import { createMediaService } from './media.service';
import type { MediaService } from './media.service.types';
import { makeNumberedClip } from './testing/numbered-clip';
import { makeSong } from './testing/sound';
import { ffmpeg, testFolder, testTools } from './testing/tools';

setDefaultTimeout(120_000);

let tools: Awaited<ReturnType<typeof testTools>>;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  tools = await testTools();
  folder = await testFolder();
});
afterAll(() => folder.remove());

/** The methods that ask for a folder to work in. */
type AsksForFolder = {
  [Method in keyof MediaService]: Parameters<MediaService[Method]>[0] extends { workDirectory: string }
    ? Method
    : never;
}[keyof MediaService];
// Only these need one. A method that asks for one it ignores doesn't compile here.
const asking: Record<AsksForFolder, true> = { compose: true, lineUp: true };

test('only compose and line-up ask for a folder; the others leave nothing beside what they were asked for', async () => {
  expect(Object.keys(asking)).toEqual(['compose', 'lineUp']);
  const room = createMediaService(tools);
  const format = { width: 320, height: 180, fps: 25 } as const;
  await makeNumberedClip(tools, folder.path('clip.mp4'), { width: 160, height: 90, fps: 30, frames: 30 });
  await makeSong(folder.path('song.wav'), 2);
  await ffmpeg(tools, ['-f', 'lavfi', '-i', 'testsrc2', '-frames:v', '1', folder.path('card.png')]);
  await mkdir(folder.path('out'));
  const out = (name: string) => folder.path(`out/${name}`);
  await room.makeTake({ input: folder.path('clip.mp4'), output: out('take.mp4'), format }, {});
  await room.fitTake({ input: out('take.mp4'), output: out('fitted.mp4'), format, frames: 20 }, {});
  await room.makeSong(
    { input: folder.path('song.wav'), master: out('master.wav'), encoded: out('song.m4a') },
    {},
  );
  await room.makeImage({ input: folder.path('card.png'), output: out('image') }, {});
  expect((await readdir(folder.path('out'))).sort()).toEqual([
    'fitted.mp4',
    'image',
    'master.wav',
    'song.m4a',
    'take.mp4',
  ]);
});
