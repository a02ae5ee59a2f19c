import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import { copyProject, copyScenes, copyTakes } from './copies.repository';
import { unsharedKeys } from './shared-objects.repository';
import { someTake } from './takes.fixture';
import { findTake, insertTake, listTakeKeys } from './takes.repository';

// A busy machine takes its time to start a database.
setDefaultTimeout(60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('the sound of a stand-alone lip-sync is copied with its take, and its object deleted with the last', async () => {
  const { sql } = database;
  const id = () => crypto.randomUUID();
  const [projectId, sceneId, takeId, copyId, copiedTake] = [id(), id(), id(), id(), id()];
  await sql`insert into projects (id, title, mode, width, height, fps)
    values (${projectId}, 'One', 'music-video', 320, 180, 25)`;
  await sql`insert into scenes (id, project_id, sequence) values (${sceneId}, ${projectId}, 1)`;
  const sound = { soundKey: 'slice.wav', soundBytes: 7, soundSha256: 'c' };
  const take = someTake({
    id: takeId,
    projectId,
    sceneId,
    s3Key: 'take.mp4',
    kind: 'lipsynced',
    ...sound,
  });
  await insertTake(sql, take);
  expect(await findTake(sql, takeId)).toMatchObject(sound);
  const keys = await listTakeKeys(sql, { projectId });
  expect(keys).toEqual(['take.mp4', 'slice.wav']);
  const alone = await sql.begin((tx) => unsharedKeys(tx, keys, { projectId }));
  expect(alone.sort()).toEqual(['slice.wav', 'take.mp4']);

  await copyProject(sql, { fromProjectId: projectId, toProjectId: copyId, title: 'Two' });
  const plan = {
    fromProjectId: projectId,
    toProjectId: copyId,
    songs: new Map<string, string>(),
    scenes: new Map([[sceneId, id()]]),
    takes: new Map([[takeId, copiedTake]]),
  };
  await sql.begin(async (tx) => {
    await copyScenes(tx, plan, null);
    await copyTakes(tx, plan);
  });
  expect(await findTake(sql, copiedTake)).toMatchObject(sound);
  expect(await sql.begin((tx) => unsharedKeys(tx, keys, { projectId }))).toEqual([]);
});
