import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import type { LineUp, SceneLineUp } from '../../contract/line-up.schema';
import type { Project } from '../../contract/project.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { filmedClip, melodyFile, plainClip } from '../test-media';

setDefaultTimeout(600_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio.stop());

const format = { width: 320, height: 180, fps: 25 };
const lineUp = async (id: string, body: object = {}) =>
  expectStatus(await studio.api.call<LineUp>('POST', `/projects/${id}/line-up`, studio.api.json(body)), 200);
const apply = (id: string, body: object) =>
  studio.api.call<LineUp>('POST', `/projects/${id}/line-up/apply`, studio.api.json(body));
const ofScene = (id: string, sequence: number, body: object = {}) =>
  studio.api.call<SceneLineUp>('POST', `/projects/${id}/scenes/${sequence}/line-up`, studio.api.json(body));

/** The project once every clip of it fits; each fit job is waited for. */
async function fitted(id: string): Promise<Project> {
  for (;;) {
    const project = await studio.api.project(id);
    const waiting = project.scenes.find(({ fitting }) => fitting);
    if (waiting === undefined) return project;
    if (waiting.fitJob === null) throw new Error(`Nothing fits scene ${waiting.sequence}.`);
    const job = await studio.studio.services.jobs.wait(waiting.fitJob.id, { timeoutMs: 120_000 });
    if (job.state !== 'succeeded') throw new Error(`Fitting: ${job.error?.message}`);
  }
}

/** Scenes of 2 s with the song; those that are named have a clip. */
async function cutProject(scenes: number, clips: Record<number, string>): Promise<string> {
  const { api } = studio;
  const { id } = await api.createProject({ format });
  await api.uploadSong(id, await melodyFile());
  for (let scene = 1; scene <= scenes; scene++) await api.addScene(id, { plannedDuration: 2 });
  for (const [sequence, path] of Object.entries(clips)) await api.uploadClip(id, Number(sequence), path);
  return id;
}
const windows = ({ scenes }: Project) =>
  scenes.map(({ window, originalTake }) =>
    originalTake === null ? null : [window.inFrame, window.speed, originalTake.sourceName],
  );

describe('lining up clips that were filmed to the song', () => {
  test('scenes get the part that is in sync, empty ones are cut from the clips in turns, others stay', async () => {
    const { api } = studio;
    const early = await filmedClip('filmed-early.mp4', { start: -1, seconds: 12 });
    const late = await filmedClip('filmed-late.mp4', { start: 3, seconds: 14, color: 'maroon' });
    const other = await plainClip('line-up-other.mp4', {
      size: '320x180',
      rate: '25',
      seconds: 4,
      sound: true,
    });
    const id = await cutProject(8, {});
    await api.uploadClip(id, 1, early, 'early.mp4');
    await api.uploadClip(id, 2, other, 'other.mp4');
    await api.uploadClip(id, 5, late, 'late.mp4');
    await fitted(id);

    const found = await lineUp(id);
    expect(found.clips.map(({ confidence, sequences }) => [confidence, sequences])).toEqual([
      ['certain', [1]],
      ['none', [2]],
      ['certain', [5]],
    ]);
    expect(found.clips[0]?.place?.offsetSeconds).toBeCloseTo(-1, 2);
    expect(found.clips[0]?.place).toMatchObject({ startFrame: 0, inFrame: 25 });
    expect(found.clips[2]?.place?.offsetSeconds).toBeCloseTo(3, 2);
    const planned = ({ scenes }: LineUp) =>
      scenes.map(({ change, reason, window }) => [change, reason, window?.inFrame ?? null]);
    // Scenes begin every 50 frames; the early clip is 25 ahead, the late one begins with frame 75.
    expect(planned(found)).toEqual([
      ['window', null, 25],
      ['none', 'other-sound', null],
      ['clip', null, 25],
      ['clip', null, 175],
      ['window', null, 125],
      ['clip', null, 175],
      ['clip', null, 225],
      ['clip', null, 275],
    ]);
    // Nothing has changed so far.
    expect(windows(await api.project(id))[0]).toEqual([0, 1, 'early.mp4']);

    const applied = expectStatus(await apply(id, { scenes: [1, 3, 4, 5] }), 200);
    expect(applied.scenes.filter(({ inSync }) => inSync).map(({ sequence }) => sequence)).toEqual([
      1, 3, 4, 5,
    ]);
    const project = await fitted(id);
    expect(windows(project)).toEqual([
      [25, 1, 'early.mp4'],
      [0, 1, 'other.mp4'],
      [25, 1, 'late.mp4'],
      [175, 1, 'early.mp4'],
      [125, 1, 'late.mp4'],
      null,
      null,
      null,
    ]);
    expect(project.scenes.map(({ startFrame }) => startFrame)).toEqual([0, 50, 100, 150, 200, 250, 300, 350]);
    expect(project.scenes.slice(0, 5).map(({ currentTake }) => currentTake?.frames)).toEqual([
      50, 50, 50, 50, 50,
    ]);
    // What was heard is remembered; a scene that moves is out of sync, and in sync again after.
    await studio.api.call('PUT', `/projects/${id}/scenes/1/window`, api.json({ inFrame: 40 }));
    const read = async () =>
      expectStatus(await api.call<LineUp>('GET', `/projects/${id}/line-up`), 200).scenes[0];
    expect(await read()).toMatchObject({ inSync: false, change: 'window', window: { inFrame: 25 } });
    expectStatus(await apply(id, { scenes: [1] }), 200);
    expect(await read()).toMatchObject({ inSync: true, change: 'none' });
  });

  test('a camera that runs slow is followed; certain places are applied at once when asked', async () => {
    const slow = await filmedClip('filmed-slow.mp4', { start: 2, seconds: 14, rate: 1.004 });
    const id = await cutProject(5, { 3: slow });
    const { scenes } = await lineUp(id, { apply: true });
    expect(scenes.map(({ sequence, inSync }) => (inSync ? sequence : 0))).toEqual([0, 2, 3, 4, 5]);
    const project = await fitted(id);
    // 6 s of the song after 2 s are 4 / 1.004 s of the clip.
    expect(Math.abs((project.scenes[3]?.window.inFrame ?? 0) - (4 / 1.004) * 25)).toBeLessThan(1);
    expect(project.scenes[0]?.originalTake).toBeNull();
  });

  test('one scene: where its clip was filmed, or that it does not belong', async () => {
    const late = await filmedClip('filmed-late.mp4', { start: 3, seconds: 14, color: 'maroon' });
    const other = await plainClip('line-up-other.mp4', {
      size: '320x180',
      rate: '25',
      seconds: 4,
      sound: true,
    });
    const silent = await plainClip('line-up-silent.mp4', { size: '320x180', rate: '25', seconds: 3 });
    const id = await cutProject(4, { 1: late, 2: other, 3: silent, 4: late });
    const elsewhere = expectStatus(await ofScene(id, 1, { apply: true }), 200);
    expect(elsewhere).toMatchObject({
      belongs: true,
      confidence: 'certain',
      place: { startFrame: 75, inFrame: 0 },
      scene: { change: 'none', reason: 'elsewhere', inSync: false },
    });
    expect(Math.abs((elsewhere.offsetSeconds ?? 0) - 3)).toBeLessThan(0.01);
    expect(elsewhere.speed).toBeCloseTo(1, 3);
    for (const sequence of [2, 3]) {
      expect(expectStatus(await ofScene(id, sequence), 200)).toMatchObject({
        belongs: false,
        confidence: 'none',
        place: null,
        offsetSeconds: null,
        scene: { change: 'none', reason: 'other-sound' },
      });
    }
    // The same file in another scene is known already.
    const { scenes } = expectStatus(await studio.api.call<LineUp>('GET', `/projects/${id}/line-up`), 200);
    expect(scenes[3]).toMatchObject({ change: 'window', window: { inFrame: 75, speed: 1 } });
    // Scenes that are to be cut anew may lose their clip to one that covers them.
    const recut = expectStatus(
      await studio.api.call<LineUp>('GET', `/projects/${id}/line-up?recut=true`),
      200,
    );
    expect(recut.scenes[2]).toMatchObject({ change: 'clip', window: { inFrame: 25, speed: 1 } });
  });

  test('what is refused', async () => {
    const { api } = studio;
    const bare = await api.createProject({ format });
    expect(await api.refused('POST', `/projects/${bare.id}/line-up`, api.json({}))).toMatchObject({
      status: 400,
      body: { error: 'ProjectHasNoSong' },
    });
    const id = await cutProject(1, {});
    expect(await ofScene(id, 1)).toMatchObject({ status: 400, body: { error: 'SceneHasNoVideo' } });
    expect(await ofScene(id, 9)).toMatchObject({ status: 404, body: { error: 'SceneNotFound' } });
    expect(await apply(id, { scenes: [9] })).toMatchObject({ status: 404, body: { error: 'SceneNotFound' } });
    for (const body of [
      { scenes: [] },
      { scenes: [0] },
      { scenes: [1.5] },
      { scenes: '1' },
      { more: 1 },
      {},
    ]) {
      expect(await apply(id, body)).toMatchObject({ status: 400, body: { error: 'BadRequest' } });
    }
    expect(await api.refused('POST', `/projects/${id}/line-up`, api.json({ scenes: [7] }))).toMatchObject({
      status: 404,
    });
    expect(await api.refused('GET', `/projects/${crypto.randomUUID()}/line-up`)).toMatchObject({
      status: 404,
    });
    // Without any clip there is nothing to listen to, and nothing goes wrong.
    expect(await lineUp(id)).toMatchObject({
      clips: [],
      scenes: [{ change: 'none', reason: 'no-clip-here' }],
    });
  });

  test('listening can be canceled', async () => {
    const late = await filmedClip('filmed-late.mp4', { start: 3, seconds: 14, color: 'maroon' });
    const id = await cutProject(1, { 1: late });
    const { api } = studio;
    const started = await api.call<Job>(
      'POST',
      `/projects/${id}/line-up`,
      api.json({}, { Prefer: 'respond-async' }),
    );
    const job = expectStatus(started, 202);
    await api.call('POST', `/jobs/${job.id}/cancel`);
    const ended = await studio.studio.services.jobs.wait(job.id, { timeoutMs: 60_000 });
    expect(ended.state).toBe('canceled');
  });
});
