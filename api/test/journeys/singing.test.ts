import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import type { BatchEstimate } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import { localLooks } from '../../providers/local/lipsync/look/local.looks';
import { openEvents } from '../event-stream.reader';
import { until } from '../process.harness';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';

setDefaultTimeout(300_000);

let studio: TestStudio;
let projectId: string;
/** 1: the drawn singer, 2: moving colours. */
const [SINGER, COLOURS] = [1, 2];

beforeAll(async () => {
  studio = await startTestStudio({}, { looks: localLooks });
  projectId = (await studio.api.createProject({ format: { width: 640, height: 360, fps: 25 } })).id;
  const events = await fetch(`${studio.api.base}/projects/${projectId}/events`);
  await studio.api.uploadSong(projectId, await songFile());
  const colours = await plainClip('singing-25.mp4', { size: '640x360', rate: '25', seconds: 1 });
  for (const path of [await singerClip(), colours]) {
    const { sequence } = await studio.api.addScene(projectId);
    await studio.api.uploadClip(projectId, sequence, path);
  }
  // The song was listened to, and both clips were looked at.
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of events.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.match(/"(?:take\.faces|song\.voice)"/g)?.length === 3) break;
  }
});
afterAll(() => studio.stop());

const scene = async (sequence: number) =>
  expectStatus(await studio.api.call<Scene>('GET', `/projects/${projectId}/scenes/${sequence}`), 200);
const say = async (sequence: number, needsLipSync: unknown) =>
  studio.api.call<Scene>(
    'PATCH',
    `/projects/${projectId}/scenes/${sequence}`,
    studio.api.json({ needsLipSync }),
  );
const meant = async (scenes: unknown) => {
  const path = `/projects/${projectId}/lipsync/estimate`;
  const { body } = await studio.api.call<BatchEstimate>('POST', path, studio.api.json({ scenes }));
  return body.scenes.map(({ sequence }) => sequence);
};

test('who is seen is known soon after a clip arrived, and decides what a batch does', async () => {
  const { scenes } = await studio.api.project(projectId);
  expect(scenes[0]?.singing).not.toBe('no-face');
  expect(scenes[0]?.faceMiddle?.x).toBeWithin(0.2, 0.8);
  expect(scenes[1]).toMatchObject({ singing: 'no-face', needsLipSync: false, faceMiddle: null });
  // The song's harmonics are no voice for sure, so that the singer is told by hand.
  await say(SINGER, true);
  expect(await meant('needed')).toEqual([SINGER]);
  expect(await meant('all')).toEqual([SINGER]);
  expect(await meant([COLOURS])).toEqual([COLOURS]);
});

test('what is said by hand counts, stays, and is taken back with null', async () => {
  expect(expectStatus(await say(COLOURS, true), 200)).toMatchObject({
    singing: 'no-face',
    needsLipSync: true,
    needsLipSyncByHand: true,
  });
  expect(await meant('needed')).toEqual([SINGER, COLOURS]);
  expect(expectStatus(await say(COLOURS, null), 200)).toMatchObject({
    needsLipSync: false,
    needsLipSyncByHand: null,
  });
  expect((await say(COLOURS, 'yes')).status).toBe(400);
});

test('copies know what their originals know', async () => {
  await say(COLOURS, true);
  const copied = await studio.api.call<Scene>('POST', `/projects/${projectId}/scenes/${COLOURS}/duplicate`);
  expect(copied.body).toMatchObject({ singing: 'no-face', needsLipSync: true });
  await studio.api.call('DELETE', `/projects/${projectId}/scenes/${copied.body.sequence}`);
  await say(COLOURS, null);
});

test('an error that comes again is not offered to be tried again, and is put away for good', async () => {
  const failed = await studio.api.refused('POST', `/projects/${projectId}/lipsync/${COLOURS}`);
  expect(failed.body.error).toBe('NoFaceFound');
  const { lastError } = await scene(COLOURS);
  expect(lastError).toMatchObject({ code: 'NoFaceFound', retryable: false });
  const path = `/jobs/${lastError?.jobId}/dismiss`;
  expect(expectStatus(await studio.api.call<Job>('POST', path), 200).state).toBe('failed');
  expectStatus(await studio.api.call<Job>('POST', path), 200);
  expect((await scene(COLOURS)).lastError).toBeNull();
  expect((await studio.api.project(projectId)).scenes[1]?.lastError).toBeNull();
  // Another failure is told again.
  await studio.api.refused('POST', `/projects/${projectId}/lipsync/${COLOURS}`);
  expect((await scene(COLOURS)).lastError).not.toBeNull();
  expect((await studio.api.call('POST', `/jobs/${crypto.randomUUID()}/dismiss`)).status).toBe(404);
});

test('a clip that can’t be looked at is not waited for any longer', async () => {
  const began = Promise.withResolvers<void>();
  const look = Promise.withResolvers<never>();
  const faces = () => {
    began.resolve();
    return look.promise;
  };
  const blind = await startTestStudio({}, { looks: (ffmpegPath) => ({ ...localLooks(ffmpegPath), faces }) });
  try {
    const { id } = await blind.api.createProject({ format: { width: 640, height: 360, fps: 25 } });
    const stream = await openEvents(blind.api.base, id);
    const { sequence } = await blind.api.addScene(id);
    await blind.api.uploadClip(id, sequence, await singerClip());
    const singing = async () => (await blind.api.project(id)).scenes[0]?.singing;
    await until('the clip is looked at', async () => (await singing()) === 'looking');
    await began.promise;
    look.reject(new Error('The detector has ended.'));
    await until('the page is told', () =>
      stream.received.some(({ data }) => JSON.stringify(data).includes('"take.faces"')),
    );
    expect(await singing()).toBe('unknown');
    await stream.close();
  } finally {
    await blind.stop();
  }
});
