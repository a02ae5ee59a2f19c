import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Bin, RevisionList } from '../../contract/history.schema';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { TimelineChange } from '../../contract/timeline-change.schema';
import { notInSnapshot, snapshotColumns } from '../../library/timeline-snapshot.rules';
import { newId } from '../../shared/ids';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { addSong, addTakeTo } from './history.harness';

setDefaultTimeout(120_000);

let studio: TestStudio;
beforeAll(async () => {
  // Nobody works: nothing changes but by these tests.
  studio = await startTestStudio({ ROLE: 'api', API_TOKENS: 'a-token-of-these-tests-0123456789abcdef' });
});
afterAll(() => studio.stop());

type Step = { change: TimelineChange; project: Project };
const post = <Body>(path: string, body: unknown = {}) =>
  studio.api.call<Body>('POST', path, studio.api.json(body));
const step = async (id: string, direction: 'undo' | 'redo', body: unknown = {}) =>
  expectStatus(await post<Step>(`/projects/${id}/${direction}`, body), 200);
const prompts = (project: Project) => project.scenes.map(({ prompt }) => prompt);
const patch = async (id: string, sequence: number, fields: unknown) =>
  expectStatus(
    await studio.api.call<Scene>('PATCH', `/projects/${id}/scenes/${sequence}`, studio.api.json(fields)),
    200,
  );
const remove = async (id: string, sequence: number) =>
  expectStatus(await studio.api.call('DELETE', `/projects/${id}/scenes/${sequence}`), 204);
const revisions = async (id: string) =>
  expectStatus(await studio.api.call<RevisionList>('GET', `/projects/${id}/revisions`), 200);
const bin = async (id: string) => expectStatus(await studio.api.call<Bin>('GET', `/projects/${id}/bin`), 200);

async function projectWith(words: string[]): Promise<Project> {
  const { id } = await studio.api.createProject();
  for (const prompt of words) await studio.api.addScene(id, { prompt, plannedDuration: 2 });
  return studio.api.project(id);
}

describe('undo and redo', () => {
  test('several scenes are deleted as one change, all of them or none', async () => {
    const { id, scenes } = await projectWith(['one', 'two', 'three', 'four']);
    const removeMany = (sceneIds: unknown) => post<Project>(`/projects/${id}/scenes/delete`, { sceneIds });
    const [one, , three, four] = scenes.map((scene) => scene.id);
    expectStatus(await removeMany([one, newId()]), 404);
    expectStatus(await removeMany([one, one]), 400);
    expectStatus(await removeMany([]), 400);
    const left = expectStatus(await removeMany([four, one, three]), 200);
    expect(prompts(left)).toEqual(['two']);
    expect(left.timeline.undo).toEqual({ code: 'scenes-deleted', count: 3 });
    const undone = await step(id, 'undo');
    expect(undone.project.scenes.map((scene) => scene.id)).toEqual(scenes.map((scene) => scene.id));
  });

  test('walk over the changes, say what they undid, and stop at both ends', async () => {
    const { id } = await projectWith(['one', 'two', 'three']);
    await remove(id, 2);
    const ids = (await studio.api.project(id)).scenes.map((scene) => scene.id).reverse();
    const reorder = studio.api.json({ sceneIds: ids });
    expectStatus(await studio.api.call('PATCH', `/projects/${id}/scenes/reorder`, reorder), 200);
    const last = await studio.api.project(id);
    expect(prompts(last)).toEqual(['three', 'one']);
    expect(last.timeline).toMatchObject({ undo: { code: 'scene-moved' }, redo: null });

    const first = await step(id, 'undo');
    expect([first.change.code, prompts(first.project)]).toEqual(['scene-moved', ['one', 'three']]);
    const second = await step(id, 'undo');
    expect(second.change).toMatchObject({ code: 'scene-deleted', sequence: 2 });
    expect(prompts(second.project)).toEqual(['one', 'two', 'three']);
    expect(second.project.timeline).toMatchObject({
      undo: { code: 'scene-added', sequence: 3 },
      redo: { code: 'scene-deleted', sequence: 2 },
    });
    expect((await revisions(id)).revisions.map(({ change, undone }) => [change?.code, undone])).toEqual([
      ['scene-moved', true],
      ['scene-deleted', true],
      ['scene-added', false],
      ['scene-added', false],
      ['scene-added', false],
      [undefined, false],
    ]);
    const callers = (await revisions(id)).revisions.map(({ caller }) => caller);
    expect(callers.map((caller) => caller !== null)).toEqual([true, true, true, true, true, false]);
    for (let count = 0; count < 3; count++) await step(id, 'undo');
    expect(await post(`/projects/${id}/undo`)).toMatchObject({
      status: 409,
      body: { error: 'NothingToUndo' },
    });
    for (let count = 0; count < 5; count++) await step(id, 'redo');
    const again = await studio.api.project(id);
    expect(again.timeline).toEqual(last.timeline);
    expect(prompts(again)).toEqual(['three', 'one']);
    expect(await post(`/projects/${id}/redo`)).toMatchObject({
      status: 409,
      body: { error: 'NothingToRedo' },
    });
  });

  test('a change after undo ends what could be redone', async () => {
    const { id } = await projectWith(['one', 'two']);
    await remove(id, 1);
    await step(id, 'undo');
    await patch(id, 2, { plannedDuration: 3 });
    expect((await studio.api.project(id)).timeline).toMatchObject({
      undo: { code: 'scene-length' },
      redo: null,
    });
    expect(await post(`/projects/${id}/redo`)).toMatchObject({ status: 409 });
  });

  test('words that are being typed are one step', async () => {
    const { id } = await projectWith(['one', 'two']);
    for (const prompt of ['r', 'ra', 'rain']) await patch(id, 1, { prompt });
    await patch(id, 2, { prompt: 'sun' });
    expect((await step(id, 'undo')).change).toMatchObject({ code: 'scene-words', sequence: 2 });
    const { change, project } = await step(id, 'undo');
    expect([change.sequence, prompts(project)]).toEqual([1, ['one', 'two']]);
  });

  test('take back clips, images, lip-syncs and the song', async () => {
    const { sql } = studio.studio.services;
    const { id, scenes } = await projectWith(['one']);
    const sceneId = scenes[0]?.id ?? '';
    const shown = async () => {
      const project = await studio.api.project(id);
      const scene = project.scenes[0];
      return [project.song?.id, scene?.imageTake?.id, scene?.originalTake?.id, scene?.currentTake?.id];
    };
    const image = await addTakeTo(sql, { projectId: id, sceneId, kind: 'image' });
    const clip = await addTakeTo(sql, { projectId: id, sceneId, kind: 'original' });
    const song = await addSong(sql, id);
    const other = await addTakeTo(sql, { projectId: id, sceneId, kind: 'original' });
    const secondSong = await addSong(sql, id);
    expect(await shown()).toEqual([secondSong, image, other, other]);
    expect((await step(id, 'undo')).change.code).toBe('song-replaced');
    expect(await shown()).toEqual([song, image, other, other]);
    expect((await bin(id)).songs.map((one) => one.id)).toEqual([secondSong]);
    expect((await step(id, 'undo')).change.code).toBe('scene-clip-replaced');
    expect(await shown()).toEqual([song, image, clip, clip]);
    expect((await step(id, 'undo')).change.code).toBe('song-added');
    expect((await step(id, 'undo')).change.code).toBe('scene-clip-added');
    expect((await step(id, 'undo')).change.code).toBe('scene-image');
    expect(await shown()).toEqual([undefined, undefined, undefined, undefined]);
    for (let count = 0; count < 5; count++) await step(id, 'redo');
    expect(await shown()).toEqual([secondSong, image, other, other]);
  });

  test('a picture that is rendered for what a step asked for belongs to that step', async () => {
    const { sql } = studio.studio.services;
    const { id, scenes } = await projectWith(['one', 'two']);
    const sceneId = scenes[0]?.id ?? '';
    await addTakeTo(sql, { projectId: id, sceneId, kind: 'original' });
    const slip = studio.api.json({ inFrame: 5 });
    expectStatus(await studio.api.call('PUT', `/projects/${id}/scenes/1/window`, slip), 200);
    await patch(id, 2, { prompt: 'rain' });
    await step(id, 'undo');
    const rendered = await addTakeTo(sql, {
      projectId: id,
      sceneId,
      kind: 'trimmed',
      trimIn: 5,
      trimOut: 55,
    });
    // It came after undo, and nothing that can be done again is lost by it.
    const { scenes: now, timeline } = await studio.api.project(id);
    expect([now[0]?.currentTake?.id, timeline.undo?.code, timeline.redo?.code]).toEqual([
      rendered,
      'scene-slipped',
      'scene-words',
    ]);
    expect((await step(id, 'redo')).project.scenes[0]?.currentTake?.id).toBe(rendered);
    await step(id, 'undo');
    const { change, project } = await step(id, 'undo');
    expect([change.code, project.scenes[0]?.window.inFrame]).toEqual(['scene-slipped', 0]);
  });

  test('a scene that is being worked on is not changed: its result is neither lost nor in the way', async () => {
    const { sql, jobs } = studio.studio.services;
    const { id, scenes } = await projectWith(['one', 'two']);
    const sceneId = scenes[1]?.id ?? '';
    await patch(id, 1, { plannedDuration: 3 });
    const job = await sql.begin((tx) =>
      jobs.create(tx, { kind: 'upload_clip', projectId: id, sceneId, options: {}, enqueue: false }),
    );
    // The length of the other scene is no matter of the job.
    expect((await step(id, 'undo')).change).toMatchObject({ code: 'scene-length', sequence: 1 });
    expect(await post(`/projects/${id}/undo`)).toMatchObject({ status: 409, body: { error: 'SceneBusy' } });
    await jobs.cancel(job.id);
    expect((await step(id, 'undo')).change).toMatchObject({ code: 'scene-added', sequence: 2 });
    // What comes for a scene that is not there any more is refused, as before.
    await expect(addTakeTo(sql, { projectId: id, sceneId, kind: 'original' })).rejects.toMatchObject({
      code: 'SceneNotFound',
    });
  });
});

describe('several people', () => {
  test('who says what he looks at undoes nothing that he has not seen', async () => {
    const { id, timeline } = await projectWith(['one']);
    await patch(id, 1, { plannedDuration: 5 });
    const expectedRevision = timeline.revision ?? 0;
    expect(await post(`/projects/${id}/undo`, { expectedRevision })).toMatchObject({
      status: 409,
      body: { error: 'TimelineChanged' },
    });
    const { revision } = (await studio.api.project(id)).timeline;
    await step(id, 'undo', { expectedRevision: revision });
    for (const bad of ['x', 1.5, null]) {
      expect(await post(`/projects/${id}/undo`, { expectedRevision: bad })).toMatchObject({ status: 400 });
    }
    expect(await post(`/projects/${newId()}/undo`)).toMatchObject({ status: 404 });
  });

  test('undo at the same moment takes back one step each, or one of the two is told', async () => {
    const { id } = await projectWith(['one', 'two', 'three']);
    const both = await Promise.all([step(id, 'undo'), step(id, 'undo')]);
    expect(both.map(({ change }) => change.sequence).sort()).toEqual([2, 3]);
    const { revision } = (await studio.api.project(id)).timeline;
    const answers = await Promise.all(
      [1, 2].map(() => post(`/projects/${id}/redo`, { expectedRevision: revision })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(prompts(await studio.api.project(id))).toEqual(['one', 'two']);
  });
});

describe('the bin', () => {
  test('keeps a deleted scene for 30 days, and gives it back where it was', async () => {
    const { sql } = studio.studio.services;
    const { id, scenes } = await projectWith(['one', 'two', 'three']);
    const sceneId = scenes[1]?.id ?? '';
    const clip = await addTakeTo(sql, { projectId: id, sceneId, kind: 'original' });
    await remove(id, 2);
    const listed = await bin(id);
    expect(listed).toMatchObject({
      scenes: [{ id: sceneId, sequence: 2, prompt: 'two', hasClip: true }],
      songs: [],
    });
    const [one] = listed.scenes;
    expect(Date.parse(one?.keptUntil ?? '') - Date.parse(one?.deletedAt ?? '')).toBe(30 * 86_400_000);
    const restored = expectStatus(await post<Project>(`/projects/${id}/bin/${sceneId}/restore`), 200);
    expect(prompts(restored)).toEqual(['one', 'two', 'three']);
    expect(restored.scenes[1]?.currentTake?.id).toBe(clip);
    expect(restored.timeline.undo).toMatchObject({ code: 'scene-restored', sequence: 2 });
    expect((await bin(id)).scenes).toEqual([]);
    expect(await post(`/projects/${id}/bin/${sceneId}/restore`)).toMatchObject({
      status: 404,
      body: { error: 'NotInBin' },
    });
    expect(prompts((await step(id, 'undo')).project)).toEqual(['one', 'three']);
    const foreign = await projectWith([]);
    expect(await post(`/projects/${foreign.id}/bin/${sceneId}/restore`)).toMatchObject({ status: 404 });
    expect(await post(`/projects/${id}/bin/nonsense/restore`)).toMatchObject({ status: 404 });
  });

  test('is emptied of what is too old, with its media and the steps that need it', async () => {
    const { sql, bin: bins, storage } = studio.studio.services;
    const { id, scenes } = await projectWith(['one', 'two']);
    const [kept = '', gone = ''] = scenes.map((scene) => scene.id);
    const takeId = await addTakeTo(sql, { projectId: id, sceneId: gone, kind: 'original' });
    const song = await addSong(sql, id);
    await addSong(sql, id);
    await remove(id, 2);
    await remove(id, 1);
    await sql`update scenes set deleted_at = now() - interval '31 days' where id = ${gone}`;
    await sql`update songs set replaced_at = now() - interval '31 days' where id = ${song}`;
    await bins.sweep();
    expect(await sql`select id from scenes where project_id = ${id}`).toMatchObject([{ id: kept }]);
    expect(await sql`select 1 from takes where id = ${takeId}`).toHaveLength(0);
    expect(await sql`select 1 from songs where id = ${song}`).toHaveLength(0);
    const doomed = await sql<{ s3Key: string }[]>`select s3_key from object_deletions`;
    expect(doomed.map(({ s3Key }) => s3Key)).toContain(`take ${takeId}`);
    await storage.sweep({ ignoreBackOff: true });
    // The deletion of the first scene can still be undone, that of the second can't.
    expect(prompts((await step(id, 'undo')).project)).toEqual(['one']);
    expect(await post(`/projects/${id}/undo`)).toMatchObject({
      status: 409,
      body: { error: 'NothingToUndo' },
    });
  });

  test('nobody sees a deleted scene anywhere else', async () => {
    const { id } = await projectWith(['one', 'two']);
    await remove(id, 1);
    const project = await studio.api.project(id);
    expect([project.sceneCount, project.frames, project.scenes[0]?.startFrame]).toEqual([1, 50, 0]);
    const copy = expectStatus(await post<Project>(`/projects/${id}/duplicate`), 201);
    expect(prompts(copy)).toEqual(['two']);
    expect(await bin(copy.id)).toEqual({ scenes: [], songs: [], media: [] });
  });
});

test('every column of scenes is in the snapshot or said to be none of the timeline', async () => {
  const { sql } = studio.studio.services;
  const rows = await sql<{ name: string }[]>`
    select column_name as name from information_schema.columns
    where table_name = 'scenes' and table_schema = current_schema()`;
  const camel = (name: string) => name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  expect(rows.map(({ name }) => camel(name)).sort()).toEqual(
    [...Object.keys(snapshotColumns), ...notInSnapshot].sort(),
  );
});
