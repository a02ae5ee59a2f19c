import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { SceneProposal } from '../../contract/proposal.schema';
import type { Scene } from '../../contract/scene.schema';
import type { SongStructure } from '../../contract/song-structure.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { songFile } from '../test-media';

setDefaultTimeout(120_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio.stop());

const path = (projectId: string, query = '') => `/projects/${projectId}/scene-proposal${query}`;

describe('scenes proposed from the song', () => {
  test('are read, and created once', async () => {
    const { api } = studio;
    const { id } = await api.createProject();
    await api.uploadSong(id, await songFile());
    const proposal = expectStatus(await api.call<SceneProposal>('GET', path(id, '?scenes=4')), 200);
    // The song swells three times a second.
    expect(proposal).toMatchObject({ fps: 25, duration: 8 });
    expect(Math.abs((proposal.bpm ?? 0) - 180)).toBeLessThan(0.5);
    expect(proposal.scenes).toHaveLength(4);
    expect(proposal.scenes.at(-1)).toMatchObject({ endFrame: 200, end: 8 });

    const post = () => api.call<{ scenes: Scene[] }>('POST', path(id), api.json({ scenes: 4 }));
    const { scenes } = expectStatus(await post(), 201);
    expect(scenes.map(({ sequence, startFrame, frames }) => ({ sequence, startFrame, frames }))).toEqual(
      proposal.scenes.map(({ sequence, startFrame, frames }) => ({ sequence, startFrame, frames })),
    );
    expect(await post()).toMatchObject({ status: 409, body: { error: 'ProjectHasScenes' } });
    expect((await api.project(id)).scenes).toHaveLength(4);
  });

  test('need a song and a sensible number', async () => {
    const { api } = studio;
    const { id } = await api.createProject();
    expect(await api.refused('GET', path(id))).toMatchObject({
      status: 400,
      body: { error: 'ProjectHasNoSong' },
    });
    expect(await api.refused('GET', path(crypto.randomUUID()))).toMatchObject({ status: 404 });
    for (const query of ['?scenes=0', '?scenes=201', '?scenes=many']) {
      expect(await api.refused('GET', path(id, query))).toMatchObject({
        status: 400,
        body: { error: 'BadRequest' },
      });
    }
    const bad = api.json({ scenes: 1.5 });
    expect(await api.refused('POST', path(id), bad)).toMatchObject({ body: { error: 'BadRequest' } });
  });
});

describe("a song's structure", () => {
  const structure = (projectId: string) => `/projects/${projectId}/song/structure`;

  test('is read once for all who ask, and again for another song', async () => {
    const { api } = studio;
    const { id } = await api.createProject();
    await api.uploadSong(id, await songFile());
    const read = () => api.call<SongStructure>('GET', structure(id));
    const [first, second] = await Promise.all([read(), read()]);
    const found = expectStatus(first, 200);
    expect(expectStatus(second, 200)).toEqual(found);
    expect(found.duration).toBe(8);
    expect(Math.abs((found.bpm ?? 0) - 180)).toBeLessThan(0.5);
    expect(found.bars.length).toBeGreaterThan(3);
    expect(found.beats).toEqual(expect.arrayContaining(found.bars));
    expect(found.sections[0]).toMatchObject({ start: 0, part: 'A' });
    await api.uploadSong(id, await songFile());
    expect(expectStatus(await read(), 200).songId).not.toBe(found.songId);
  });

  test('needs a project and a song', async () => {
    const { api } = studio;
    const { id } = await api.createProject();
    expect(await api.refused('GET', structure(id))).toMatchObject({ body: { error: 'ProjectHasNoSong' } });
    expect(await api.refused('GET', structure(crypto.randomUUID()))).toMatchObject({ status: 404 });
  });
});
