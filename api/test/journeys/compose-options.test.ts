import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { FinalVideo } from '../../contract/project.schema';
import { makeNumberedClip } from '../../media/testing/numbered-clip';
import { makeSong } from '../../media/testing/sound';
import { testTools } from '../../media/testing/tools';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';

// Real ffmpeg takes seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

let studio: TestStudio;
let path: string;
let projectId: string;
beforeAll(async () => {
  studio = await startTestStudio();
  const format = { width: 320, height: 180, fps: 25 };
  const { id } = await studio.api.createProject({ format });
  projectId = id;
  path = `/projects/${id}/compose`;
  const [song, clip] = [join(studio.dataDirectory, 'song.wav'), join(studio.dataDirectory, 'clip.mp4')];
  await makeSong(song, 5);
  await studio.api.uploadSong(id, song);
  await makeNumberedClip(await testTools(), clip, { ...format, frames: 50 });
  await studio.api.addScene(id);
  await studio.api.uploadClip(id, 1, clip);
  // 2 s and 1 s of a song of 5 s; the second scene has no clip.
  await studio.api.addScene(id, { plannedDuration: 1 });
});
afterAll(() => studio.stop());

const compose = async (options: object) =>
  expectStatus(await studio.api.call<FinalVideo>('POST', path, studio.api.json(options)), 200);

test('a scene without a clip is refused, or black when that is allowed', async () => {
  const refused = await studio.api.refused('POST', path, studio.api.json({}));
  expect(refused.body).toMatchObject({ error: 'ScenesWithoutVideo', details: { sequences: [2] } });
  expect(await compose({ allowMissing: true })).toMatchObject({
    frames: 75,
    outOfDate: false,
    composedWith: { allowMissing: true, ending: 'as-is', fadeOutSeconds: 0 },
  });
});

test('another length of a scene without a clip puts the video out of date, its old length back in date', async () => {
  await compose({ allowMissing: true });
  const scene = path.replace('/compose', '/scenes/2');
  for (const [plannedDuration, outOfDate] of [
    [2, true],
    [1, false],
  ]) {
    expectStatus(await studio.api.call('PATCH', scene, studio.api.json({ plannedDuration })), 200);
    const { finalVideo } = await studio.api.project(projectId);
    expect(finalVideo).toMatchObject({ outOfDate });
  }
});

test('filled up, the video is as long as the song, with fades', async () => {
  const options = { allowMissing: true, ending: 'fill', fadeInSeconds: 0.5, fadeOutSeconds: 1 };
  expect(await compose(options)).toMatchObject({ frames: 125, duration: 5 });
});

test('what is no length of a fade and no ending is refused', async () => {
  for (const options of [
    { fadeOutSeconds: -1 },
    { fadeOutSeconds: 1e9 },
    { fadeInSeconds: 'long' },
    { ending: 'loop' },
    { other: 1 },
  ]) {
    expect(await studio.api.refused('POST', path, studio.api.json(options))).toMatchObject({ status: 400 });
  }
});
