import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import type { ProjectEvent } from '../contract/event.schema';
import { insertProject } from './projects.repository';
import { deleteScene, findSceneById, insertScene } from './scenes.repository';
import { addTake } from './takes.completion';
import { someTake } from './takes.fixture';
import { listTakes } from './takes.repository';

// A busy machine takes its time to start a database.
setDefaultTimeout(60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const id = () => crypto.randomUUID();
let projectId: string;
let sceneId: string;
let steps: (string | ProjectEvent)[];

beforeEach(async () => {
  [projectId, sceneId, steps] = [id(), id(), []];
  const texts = { title: 'One', concept: '', characterDescription: '', productDescription: '' };
  const format = { width: 320, height: 180, fps: 25 as const };
  await insertProject(database.sql, {
    id: projectId,
    mode: 'music-video',
    budgetUsd: null,
    ...texts,
    ...format,
  });
  await insertScene(database.sql, {
    id: sceneId,
    projectId,
    sequence: 1,
    prompt: '',
    negativePrompt: '',
    slotFrames: null,
  });
});

const work = (over: Partial<Parameters<typeof addTake>[1]> = {}): Parameters<typeof addTake>[1] => {
  const take = someTake({ id: id(), projectId, sceneId, s3Key: id() });
  return {
    projectId,
    sceneId,
    takes: () => [{ take, pointers: { originalTakeId: take.id, currentTakeId: take.id } }],
    async succeed() {
      steps.push('job ended');
      return true;
    },
    async publish(_tx, id, event) {
      expect(id).toBe(projectId);
      steps.push(event);
    },
    async settle(_tx, id, when) {
      expect([id, when]).toEqual([sceneId, 'now']);
      return null;
    },
    reason: 'clip.trimmed',
    ...over,
  };
};
const add = (over: Partial<Parameters<typeof addTake>[1]> = {}) =>
  database.sql.begin((tx) => addTake(tx, work(over)));
const codeOf = (result: Promise<unknown>) =>
  result.then(
    () => null,
    (error: { code?: string }) => error.code,
  );
const takeIds = async (scene = sceneId) => (await listTakes(database.sql, scene)).map((take) => take.id);
const changedAt = async () =>
  (await database.sql<{ updatedAt: Date }[]>`select updated_at from projects where id = ${projectId}`)[0]
    ?.updatedAt;

describe('addTake', () => {
  test('inserts the take, points the scene at it, ends the job, and then tells of the change', async () => {
    const before = await changedAt();
    let seen: string[] = [];
    await database.sql.begin((tx) =>
      addTake(
        tx,
        work({
          async succeed() {
            seen = (await listTakes(tx, sceneId)).map((take) => take.id);
            steps.push('job ended');
            return true;
          },
        }),
      ),
    );
    const [takeId = ''] = await takeIds();
    expect(seen).toEqual([takeId]);
    expect(await findSceneById(database.sql, sceneId)).toMatchObject({
      imageTake: null,
      originalTake: { id: takeId },
      currentTake: { id: takeId },
    });
    expect(steps).toEqual(['job ended', { type: 'project.changed', payload: { reason: 'clip.trimmed' } }]);
    expect((await changedAt())?.getTime()).toBeGreaterThan(before?.getTime() ?? 0);
  });

  test('adds several takes, each to its own scene', async () => {
    const newSceneId = id();
    const [first, second] = [id(), id()];
    await database.sql.begin((tx) =>
      addTake(
        tx,
        work({
          async takes(scene) {
            await insertScene(tx, { ...scene, id: newSceneId, sequence: scene.sequence + 1 });
            return [
              {
                take: someTake({ id: first, projectId, sceneId, s3Key: id() }),
                pointers: { currentTakeId: first },
              },
              {
                take: someTake({ id: second, projectId, sceneId: newSceneId, s3Key: id() }),
                pointers: { currentTakeId: second },
              },
            ];
          },
        }),
      ),
    );
    expect(await takeIds()).toEqual([first]);
    expect(await takeIds(newSceneId)).toEqual([second]);
    expect((await findSceneById(database.sql, newSceneId))?.currentTake?.id).toBe(second);
  });

  test('holds the lock of the project from before the takes are made until the end', async () => {
    const isLocked = async () => {
      const other = database.sql`select 1 from projects where id = ${projectId} for update nowait`;
      return (await codeOf(other)) === '55P03';
    };
    const locked: boolean[] = [];
    const { takes } = work();
    await add({
      async takes(scene) {
        locked.push(await isLocked());
        return takes(scene);
      },
      async publish() {
        locked.push(await isLocked());
      },
    });
    expect([...locked, await isLocked()]).toEqual([true, true, false]);
  });

  test('a job that was canceled or had ended: nothing is changed', async () => {
    expect(await codeOf(add({ succeed: async () => false }))).toBe('JobAlreadyEnded');
    expect(await takeIds()).toEqual([]);
    expect((await findSceneById(database.sql, sceneId))?.currentTake).toBeNull();
    expect(steps).toEqual([]);
  });

  test('a scene that was deleted meanwhile: nothing is made', async () => {
    const scene = await findSceneById(database.sql, sceneId);
    if (scene !== null) await deleteScene(database.sql, scene);
    const takes = () => {
      steps.push('takes made');
      return [];
    };
    expect(await codeOf(add({ takes }))).toBe('SceneNotFound');
    expect(steps).toEqual([]);
  });
});
