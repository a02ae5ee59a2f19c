import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Take } from '../../contract/take.schema';
import { defaultWindow } from '../../contract/window.schema';
import { makeNumberedClip, readFrameNumbers } from '../../media/testing/numbered-clip';
import { testTools } from '../../media/testing/tools';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { songFile } from '../test-media';

// Real ffmpeg takes seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

const format = { width: 320, height: 180, fps: 25 };
let studio: TestStudio;
let clip: string;
beforeAll(async () => {
  studio = await startTestStudio();
  clip = join(studio.dataDirectory, 'numbered.mp4');
  await makeNumberedClip(await testTools(), clip, { ...format, frames: 60 });
});
afterAll(() => studio.stop());

const scenePath = (id: string, sequence: number, rest = '') => `/projects/${id}/scenes/${sequence}${rest}`;
const put = async (id: string, sequence: number, body: object) =>
  expectStatus(
    await studio.api.call<Scene>('PUT', scenePath(id, sequence, '/window'), studio.api.json(body)),
    200,
  );
const roll = async (id: string, sequence: number, body: object) =>
  expectStatus(
    await studio.api.call<Scene>('POST', scenePath(id, sequence, '/roll'), studio.api.json(body)),
    200,
  );
const starts = ({ scenes }: Project) => scenes.map(({ startFrame }) => startFrame);

/** The project once every clip of it fits; each fit job is waited for. */
async function fitted(id: string): Promise<Project> {
  for (;;) {
    const project = await studio.api.project(id);
    const waiting = project.scenes.find(({ fitting }) => fitting);
    if (waiting === undefined) return project;
    if (waiting.fitJob === null) throw new Error(`Nothing fits scene ${waiting.sequence}.`);
    const job = await studio.studio.services.jobs.wait(waiting.fitJob.id, { timeoutMs: 60_000 });
    if (job.state !== 'succeeded') throw new Error(`Fitting: ${job.error?.message}`);
  }
}

async function shownFrames(scene: Scene | undefined): Promise<number[]> {
  const path = join(studio.dataDirectory, `${scene?.currentTake?.id}.mp4`);
  await Bun.write(path, await studio.api.media(scene?.videoClipUrl));
  return readFrameNumbers(await testTools(), path);
}
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** Scenes that begin at 0, 40, 90 and 110. */
async function cutProject(): Promise<string> {
  const { id } = await studio.api.createProject({ format });
  for (const frames of [40, 50, 20]) {
    await studio.api.addScene(id, { plannedDuration: frames / 25 });
  }
  return id;
}

describe('a scene is a slot', () => {
  test('a longer clip is cut to it, a shorter one held, and nothing moves', async () => {
    const { api } = studio;
    const id = await cutProject();
    const first = await api.uploadClip(id, 1, clip);
    expect(first).toMatchObject({ slotFrames: 40, sourceFrames: 60, missingFrames: 0 });
    await put(id, 2, { slotFrames: 70 });
    await api.uploadClip(id, 2, clip);
    const project = await fitted(id);
    expect(starts(project)).toEqual([0, 40, 110]);
    expect(project.heldScenes).toEqual([2]);
    const [one, two] = project.scenes;
    expect([one?.currentTake?.kind, one?.currentTake?.frames]).toEqual(['trimmed', 40]);
    expect(await shownFrames(one)).toEqual(range(0, 40));
    expect([two?.missingFrames, two?.currentTake?.frames]).toEqual([10, 70]);
    expect(await shownFrames(two)).toEqual([...range(0, 60), ...Array<number>(10).fill(59)]);
    expect(two?.originalTake?.frames).toBe(60);
  });

  test('a slip shows another part, and going back costs no work', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadClip(id, 1, clip);
    const before = (await fitted(id)).scenes[0]?.currentTake?.id ?? '';
    const answered = await put(id, 1, { inFrame: 15 });
    expect(answered).toMatchObject({ fitting: true, slotFrames: 40, window: { inFrame: 15, speed: 1 } });
    const slipped = (await fitted(id)).scenes[0];
    expect(await shownFrames(slipped)).toEqual(range(15, 55));
    const back = await put(id, 1, { inFrame: 0 });
    expect([back.fitting, back.currentTake?.id]).toEqual([false, before]);
  });

  test('what is dragged is made once, for where it ends', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadClip(id, 1, clip);
    const before = (await fitted(id)).scenes[0];
    for (let inFrame = 1; inFrame <= 20; inFrame++) await put(id, 1, { inFrame });
    const after = (await fitted(id)).scenes[0];
    expect(await shownFrames(after)).toEqual(range(20, 60));
    const { takes } = expectStatus(await api.call<{ takes: Take[] }>('GET', scenePath(id, 1, '/takes')), 200);
    // The drag may be longer than the moment that is waited; it is never twenty takes.
    expect(takes.length).toBeLessThanOrEqual(5);
    expect(takes.some(({ id: takeId }) => takeId === before?.currentTake?.id)).toBe(true);
  });

  test('a roll moves one cut, and what both show stays where it is', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadClip(id, 1, clip);
    await api.uploadClip(id, 2, clip);
    await put(id, 2, { inFrame: 8 });
    await roll(id, 2, { edge: 'start', frames: -5 });
    const project = await fitted(id);
    expect(starts(project)).toEqual([0, 35, 90]);
    expect(await shownFrames(project.scenes[0])).toEqual(range(0, 35));
    expect(await shownFrames(project.scenes[1])).toEqual([...range(3, 58)]);
    await roll(id, 2, { edge: 'end', frames: -10 });
    expect(starts(await fitted(id))).toEqual([0, 35, 80]);
    const refused = await api.refused(
      'POST',
      scenePath(id, 3, '/roll'),
      api.json({ edge: 'end', frames: 1 }),
    );
    expect([refused.status, refused.body.error]).toEqual([400, 'RollOutside']);
    const tooFar = await api.refused(
      'POST',
      scenePath(id, 2, '/roll'),
      api.json({ edge: 'start', frames: 45 }),
    );
    expect(tooFar.body).toMatchObject({ error: 'RollOutside', details: { earliest: -34, latest: 44 } });
  });

  test('a split is there at once, and each part can be made longer again', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadClip(id, 1, clip);
    const split = expectStatus(
      await api.call<Project>('POST', scenePath(id, 1, '/split'), api.json({ frame: 12 })),
      200,
    );
    expect(starts(split)).toEqual([0, 12, 40, 90]);
    const [first, second] = (await fitted(id)).scenes;
    expect([await shownFrames(first), await shownFrames(second)]).toEqual([range(0, 12), range(12, 40)]);
    await put(id, 1, { slotFrames: 30 });
    expect(await shownFrames((await fitted(id)).scenes[0])).toEqual(range(0, 30));
  });

  test('composing waits for clips that are being fitted', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadSong(id, await songFile());
    for (const sequence of [1, 2, 3]) await api.uploadClip(id, sequence, clip);
    await put(id, 3, { slotFrames: 25 });
    const final = await api.compose(id);
    expect(final).toMatchObject({ frames: 40 + 50 + 25, outOfDate: false });
  });

  test('reverting shows the whole clip; choosing a version keeps the slot', async () => {
    const { api } = studio;
    const id = await cutProject();
    const first = await api.uploadClip(id, 1, clip);
    await fitted(id);
    const select = async (takeId: string | undefined) =>
      expectStatus(await api.call<Scene>('POST', scenePath(id, 1, `/takes/${takeId}/select`)), 200);
    const reverted = await select(first.originalTake?.id);
    expect(reverted).toMatchObject({ slotFrames: 60, fitting: false, currentTake: { kind: 'original' } });
    const chosen = await select((await api.project(id)).scenes[0]?.originalTake?.id);
    expect(chosen.slotFrames).toBe(60);
    await api.trim(id, 1, { inFrame: 5, outFrame: 30 });
    await api.uploadClip(id, 1, clip, 'other.mp4');
    expect((await fitted(id)).scenes[0]).toMatchObject({ slotFrames: 25, window: { inFrame: 0 } });
    const older = await select(first.originalTake?.id);
    expect(older).toMatchObject({ slotFrames: 25, originalTake: { id: first.originalTake?.id ?? '' } });
    expect(starts(await fitted(id))).toEqual([0, 25, 75]);
  });

  test('refuses what can’t be meant', async () => {
    const { api } = studio;
    const id = await cutProject();
    await api.uploadClip(id, 1, clip);
    for (const body of [
      {},
      { inFrame: 60 },
      { inFrame: -1 },
      { inFrame: 1.5 },
      { inFrame: 1e300 },
      { speed: 0.1 },
      { speed: 'fast' },
      { ending: 'loop' },
      { slotFrames: 0 },
      { slotFrames: 10 ** 9 },
      { framing: { mode: 'stretch' } },
      { framing: { background: 'red; drop table' } },
      { framing: { x: 2 } },
      { framing: { scale: 0 } },
      { unknown: 1 },
    ]) {
      const refused = await api.refused('PUT', scenePath(id, 1, '/window'), api.json(body));
      expect([body, refused.status]).toEqual([body, 400]);
    }
    const empty = await api.refused('PUT', scenePath(id, 2, '/window'), api.json({ inFrame: 1 }));
    expect(empty.body.error).toBe('SceneHasNoVideo');
    expect((await api.project(id)).scenes[0]?.window).toEqual(defaultWindow);
  });
});
