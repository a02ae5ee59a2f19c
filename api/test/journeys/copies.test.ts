import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createCanvas } from '@napi-rs/canvas';
import type { Project, ProjectCard } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Take } from '../../contract/take.schema';
import { defaultWindow } from '../../contract/window.schema';
import { lockProject } from '../../library/projects.repository';
import { makeNumberedClip, readFrameNumbers } from '../../media/testing/numbered-clip';
import { testFolder, testTools } from '../../media/testing/tools';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { songFile } from '../test-media';
import { emptyBins } from './history.harness';

setDefaultTimeout(120_000);

let studio: TestStudio;
let clip: string;
let folder: Awaited<ReturnType<typeof testFolder>>;
beforeAll(async () => {
  studio = await startTestStudio();
  folder = await testFolder();
  clip = folder.path('numbered.mp4');
  await makeNumberedClip(await testTools(), clip, { width: 320, height: 180, fps: 25, frames: 60 });
});
afterAll(async () => {
  await studio.stop();
  await folder.remove();
});

const format = { width: 320, height: 180, fps: 25 };

async function newProject(): Promise<Project> {
  const { api } = studio;
  const { id } = await api.createProject({ title: 'Original', format });
  await api.addScene(id, { prompt: 'the first' });
  await api.uploadClip(id, 1, clip);
  await api.addScene(id, { prompt: 'the second', plannedDuration: 2 });
  return api.project(id);
}

const post = <Body>(path: string, body: unknown = {}) =>
  studio.api.call<Body>('POST', path, studio.api.json(body));

const exists = async (key: string) => (await studio.studio.services.storage.head(key)) !== null;
const sweep = () => studio.studio.services.storage.sweep({ ignoreBackOff: true });

async function fetchFile(url: string, name: string): Promise<string> {
  const response = await studio.api.media(url);
  expect(response.headers.get('content-type')).toBe(name.endsWith('.jpg') ? 'image/jpeg' : 'video/mp4');
  const path = folder.path(name);
  await Bun.write(path, await response.arrayBuffer());
  return path;
}

const pictures = async (projectId: string, takeId: string) =>
  expectStatus(await post<Take>(`/projects/${projectId}/takes/${takeId}/pictures`), 200);

describe('pictures of takes', () => {
  test('workers make them by themselves and tell the page', async () => {
    const { services } = studio.studio;
    const { id } = await studio.api.createProject({ format });
    await studio.api.addScene(id);
    const hangUp = new AbortController();
    const events = await services.subscribeToProject(id, { signal: hangUp.signal });
    const told = (async () => {
      for await (const event of events) {
        if (event.type === 'project.changed' && event.payload.reason === 'take.pictures') return true;
      }
      return false;
    })();
    await studio.api.uploadClip(id, 1, clip);
    expect(await told).toBe(true);
    hangUp.abort();
    const take = (await studio.api.project(id)).scenes[0]?.currentTake;
    const tools = await testTools();
    expect(await readFrameNumbers(tools, await fetchFile(take?.posterUrl ?? '', 'poster.jpg'))).toEqual([0]);
    expect(take?.filmstrip).toMatchObject({ columns: 5, rows: 1, tiles: 5, everyFrames: 13 });
    await fetchFile(take?.filmstrip?.url ?? '', 'strip.jpg');
    const list = await studio.api.call<{ projects: ProjectCard[] }>('GET', '/projects');
    const card = list.body.projects.find((project) => project.id === id);
    expect(card?.posterUrl).toBe(take?.posterUrl ?? '');
  });

  test('a take that lacks them gets them when asked, once', async () => {
    const project = await newProject();
    const takeId = project.scenes[0]?.currentTake?.id ?? '';
    const [one, other] = await Promise.all([pictures(project.id, takeId), pictures(project.id, takeId)]);
    expect(one.posterUrl).not.toBeNull();
    expect(other.posterUrl).toBe(one.posterUrl);
    await studio.studio.services.sql`update takes set poster_key = null where id = ${takeId}`;
    expect((await pictures(project.id, takeId)).posterUrl).not.toBe(one.posterUrl);
  });

  test('those that are stored while their project is being deleted go with it', async () => {
    const { sql } = studio.studio.services;
    const project = await newProject();
    const takeId = project.scenes[0]?.currentTake?.id ?? '';
    await pictures(project.id, takeId);
    await sql`update takes set poster_key = null where id = ${takeId}`;
    const stored = async () =>
      (
        await sql<{ key: string }[]>`
        select s3_key as key from uploads where s3_key like ${`projects/${project.id}/pictures/%`}`
      ).map(({ key }) => key);
    const before = new Set(await stored());
    let asked: Promise<unknown> = Promise.resolve();
    await sql.begin(async (tx) => {
      await lockProject(tx, project.id);
      const ids = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      asked = post(`/projects/${project.id}/takes/${takeId}/pictures`);
      // The deletion has looked for objects by now; they come, and wait for it or are saved.
      for (;;) {
        const [one] = await sql<{ waits: boolean; saved: boolean }[]>`select
          exists (select 1 from pg_stat_activity where ${ids[0]?.pid ?? 0} = any(pg_blocking_pids(pid))) as waits,
          exists (select 1 from takes where id = ${takeId} and poster_key is not null) as saved`;
        if (one?.waits || one?.saved) break;
        await Bun.sleep(10);
      }
      await tx`delete from projects where id = ${project.id}`;
    });
    await asked;
    await sweep();
    const late = (await stored()).filter((key) => !before.has(key));
    expect(late).toHaveLength(2);
    for (const key of late) expect([key, await exists(key)]).toEqual([key, false]);
  });

  test('of an image it is the image, smaller', async () => {
    const project = await newProject();
    const canvas = createCanvas(1600, 900);
    const path = folder.path('image.png');
    await Bun.write(path, canvas.toBuffer('image/png'));
    const upload = await studio.api.form(path, 'image.png');
    const answer = await studio.api.call<Scene>(
      'POST',
      `/projects/${project.id}/scenes/2/upload_image`,
      upload,
    );
    const take = expectStatus(answer, 200).imageTake;
    const made = await pictures(project.id, take?.id ?? '');
    expect(made.filmstrip).toBeNull();
    await fetchFile(made.posterUrl ?? '', 'image-poster.jpg');
  });

  test('unknown takes, and takes of another project, are not found', async () => {
    const [project, other] = [await newProject(), await newProject()];
    const foreign = other.scenes[0]?.currentTake?.id ?? '';
    for (const takeId of ['nonsense', crypto.randomUUID(), foreign]) {
      const answer = await post(`/projects/${project.id}/takes/${takeId}/pictures`);
      expect(answer).toMatchObject({ status: 404, body: { error: 'TakeNotFound' } });
    }
  });
});

describe('copies', () => {
  test('a project’s copy has all of it, and objects live as long as either', async () => {
    const { api } = studio;
    const original = await newProject();
    await api.uploadSong(original.id, await songFile());
    await api.trim(original.id, 1, { inFrame: 5, outFrame: 25 });
    await pictures(original.id, (await api.project(original.id)).scenes[0]?.currentTake?.id ?? '');
    const before = await api.project(original.id);
    const copy = expectStatus(await post<Project>(`/projects/${original.id}/duplicate`), 201);
    expect(copy).toMatchObject({ title: 'Original (copy)', frames: 70, finalVideo: null });
    expect(copy.scenes.map(({ prompt, frames }) => ({ prompt, frames }))).toEqual([
      { prompt: 'the first', frames: 20 },
      { prompt: 'the second', frames: 50 },
    ]);
    expect(copy.song?.fileName).toBe(before.song?.fileName ?? '');
    expect(copy.song?.id).not.toBe(before.song?.id ?? '');
    const [take, copied] = [before.scenes[0]?.currentTake, copy.scenes[0]?.currentTake];
    expect(copied?.id).not.toBe(take?.id ?? '');
    expect(copied).toMatchObject({ s3Key: take?.s3Key, trim: take?.trim, posterUrl: take?.posterUrl });
    expect(copied?.parentId).toBe(copy.scenes[0]?.originalTake?.id ?? '');

    // The original goes; the copy still trims its own original and reads the song.
    expect((await api.call('DELETE', `/projects/${original.id}`)).status).toBe(204);
    await sweep();
    const keys = await studio.studio.services.sql<{ key: string }[]>`
      select unnest(array_remove(array[s3_key, source_key, sound_key, poster_key, filmstrip_key], null)) as key
      from takes where project_id = ${copy.id}
      union all select unnest(array[source_key, master_key, encoded_key]) from songs
      where project_id = ${copy.id}`;
    expect(keys.length).toBeGreaterThanOrEqual(8);
    for (const { key } of keys) expect([key, await exists(key)]).toEqual([key, true]);
    const scene = await api.trim(copy.id, 1, { inFrame: 10, outFrame: 20 });
    const path = await fetchFile(scene.videoClipUrl ?? '', 'trimmed.mp4');
    expect(await readFrameNumbers(await testTools(), path)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);

    // With the last one the objects go.
    expect((await api.call('DELETE', `/projects/${copy.id}`)).status).toBe(204);
    await sweep();
    for (const { key } of keys) expect([key, await exists(key)]).toEqual([key, false]);
  });

  test('two deletions at once leave nothing behind', async () => {
    const original = await newProject();
    const copy = expectStatus(await post<Project>(`/projects/${original.id}/duplicate`, { title: 'B' }), 201);
    expect(copy.title).toBe('B');
    const key = copy.scenes[0]?.currentTake?.s3Key ?? '';
    await Promise.all([original.id, copy.id].map((id) => studio.api.call('DELETE', `/projects/${id}`)));
    await sweep();
    expect(await exists(key)).toBe(false);
  });

  test('a scene’s copy stands after it; deleting either keeps the other', async () => {
    const { api } = studio;
    const project = await newProject();
    const copy = expectStatus(await post<Scene>(`/projects/${project.id}/scenes/1/duplicate`), 201);
    expect(copy).toMatchObject({ sequence: 2, prompt: 'the first', frames: 60, startFrame: 60 });
    expect((await api.project(project.id)).scenes.map(({ prompt }) => prompt)).toEqual([
      ...['the first', 'the first', 'the second'],
    ]);
    const key = copy.currentTake?.s3Key ?? '';
    expect((await api.call('DELETE', `/projects/${project.id}/scenes/1`)).status).toBe(204);
    await emptyBins(studio.studio.services);
    await sweep();
    expect(await exists(key)).toBe(true);
    expect((await api.call('DELETE', `/projects/${project.id}/scenes/1`)).status).toBe(204);
    await sweep();
    expect(await exists(key)).toBe(true);
    await emptyBins(studio.studio.services);
    await sweep();
    expect(await exists(key)).toBe(false);
  });

  test('what is not there can’t be copied', async () => {
    const project = await newProject();
    const nowhere = `/projects/${crypto.randomUUID()}`;
    expect(await post(`${nowhere}/duplicate`)).toMatchObject({ status: 404 });
    expect(await post(`${nowhere}/scenes/1/duplicate`)).toMatchObject({ status: 404 });
    expect(await post(`/projects/${project.id}/scenes/9/duplicate`)).toMatchObject({ status: 404 });
    expect(await post(`/projects/${project.id}/duplicate`, { title: '' })).toMatchObject({ status: 400 });
  });
});

describe('splitting a scene', () => {
  test('makes two trims of the original; the scenes after it stay where they are', async () => {
    const { api } = studio;
    const { id } = await newProject();
    await api.trim(id, 1, { inFrame: 10, outFrame: 50 });
    const project = expectStatus(await post<Project>(`/projects/${id}/scenes/1/split`, { frame: 15 }), 200);
    expect(project.scenes.map(({ prompt, startFrame, frames }) => ({ prompt, startFrame, frames }))).toEqual([
      { prompt: 'the first', startFrame: 0, frames: 15 },
      { prompt: 'the first', startFrame: 15, frames: 25 },
      { prompt: 'the second', startFrame: 40, frames: 50 },
    ]);
    const [first, second] = project.scenes;
    expect(first?.currentTake?.trim).toMatchObject({ inFrame: 10, outFrame: 25 });
    expect(second?.currentTake?.trim).toMatchObject({ inFrame: 25, outFrame: 50 });
    const path = await fetchFile(second?.videoClipUrl ?? '', 'second.mp4');
    const numbers = await readFrameNumbers(await testTools(), path);
    expect([numbers[0], numbers.at(-1), numbers.length]).toEqual([25, 49, 25]);

    // Either can be made longer again, also when the other is gone.
    await api.call('DELETE', `/projects/${id}/scenes/1`);
    await emptyBins(studio.studio.services);
    await sweep();
    expect((await api.trim(id, 1, { inFrame: 0, outFrame: 60 })).frames).toBe(60);
  });

  test('a lip-sync stays with both parts, each where it was made for', async () => {
    const { api, studio: running } = studio;
    const { id } = await newProject();
    await api.uploadSong(id, await songFile());
    const project = await api.project(id);
    const [scene] = project.scenes;
    const lipsyncedId = crypto.randomUUID();
    await running.services.sql`
      insert into takes (id, project_id, scene_id, kind, parent_id, s3_key, content_type, bytes, sha256, width,
        height, frames, "window", song_id, audio_start, audio_end)
      select ${lipsyncedId}, project_id, scene_id, 'lipsynced', id, s3_key, content_type, bytes, sha256, width,
        height, frames, ${JSON.stringify(defaultWindow)}::text::jsonb, ${project.song?.id ?? ''}, 0, 60
      from takes where id = ${scene?.currentTake?.id ?? ''}`;
    await running.services.sql`
      update scenes set current_take_id = ${lipsyncedId}, lipsync_take_id = ${lipsyncedId}
      where id = ${scene?.id ?? ''}`;
    const split = expectStatus(await post<Project>(`/projects/${id}/scenes/1/split`, { frame: 20 }), 200);
    const parts = split.scenes.slice(0, 2);
    expect(parts.map(({ frames, currentTake }) => [frames, currentTake?.kind, currentTake?.frames])).toEqual([
      [20, 'lipsynced', 20],
      [40, 'lipsynced', 40],
    ]);
    expect(parts.map(({ lipsync }) => [lipsync?.stale, lipsync?.madeFor?.startFrame])).toEqual([
      [false, 0],
      [false, 20],
    ]);
    const path = await fetchFile(parts[1]?.videoClipUrl ?? '', 'synced.mp4');
    expect((await readFrameNumbers(await testTools(), path))[0]).toBe(20);

    // What moves is stale; what is removed shows the clip as it is.
    await api.call('PATCH', `/projects/${id}/scenes/1`, api.json({ slotFrames: 15 }));
    expect((await api.project(id)).scenes[1]?.lipsync).toMatchObject({ stale: true, staleReason: 'moved' });
    const removed = expectStatus(await api.call<Scene>('DELETE', `/projects/${id}/lipsync/2`), 200);
    expect(removed).toMatchObject({ lipsync: null, slotFrames: 40 });
  });

  test('is refused where nothing would be left, without a clip, and while the scene is busy', async () => {
    const { api } = studio;
    const { id } = await newProject();
    for (const frame of [0, 60, 61, -3]) {
      expect(await post(`/projects/${id}/scenes/1/split`, { frame })).toMatchObject({
        status: 400,
        body: { error: 'SplitOutside', details: { frames: 60 } },
      });
    }
    expect(await post(`/projects/${id}/scenes/1/split`, { frame: 1.5 })).toMatchObject({ status: 400 });
    await api.addScene(id);
    expect(await post(`/projects/${id}/scenes/3/split`, { frame: 3 })).toMatchObject({
      body: { error: 'SceneHasNoVideo' },
    });
    const { sql } = studio.studio.services;
    await sql`
      insert into jobs (id, project_id, scene_id, kind)
      select ${crypto.randomUUID()}, project_id, id, 'lipsync' from scenes where project_id = ${id} and sequence = 1`;
    expect(await post(`/projects/${id}/scenes/1/split`, { frame: 3 })).toMatchObject({
      status: 409,
      body: { error: 'SceneBusy' },
    });
  });
});
