import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { startTestStudio, type TestStudio } from '../studio.harness';

setDefaultTimeout(60_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio.stop());

/** More than the database pool has connections: whoever holds the project must never wait for one more. */
const WRITERS = 24;
const format = { width: 320, height: 180, fps: 25 };

async function makeProject(scenes: number): Promise<string> {
  const { id } = await studio.api.createProject({ format });
  for (let sequence = 1; sequence <= scenes; sequence++) await studio.api.addScene(id);
  return id;
}

const atOnce = (send: (writer: number) => Promise<{ status: number }>) =>
  Promise.all(Array.from({ length: WRITERS }, async (_, writer) => (await send(writer)).status));

test('many delete scenes of one project at once', async () => {
  const id = await makeProject(WRITERS + 2);
  const statuses = await atOnce(() => studio.api.call('DELETE', `/projects/${id}/scenes/1`));
  expect(statuses).toEqual(Array.from({ length: WRITERS }, () => 204));
  expect((await studio.api.project(id)).scenes.map((scene) => scene.sequence)).toEqual([1, 2]);
});

test('many change the format, add, order and rename at once', async () => {
  const id = await makeProject(2);
  const changes = [
    (writer: number) =>
      studio.api.call(
        'PATCH',
        `/projects/${id}`,
        studio.api.json({ format: { ...format, fps: writer % 2 ? 24 : 30 } }),
      ),
    () => studio.api.call('POST', `/projects/${id}/scenes`, studio.api.json({ prompt: 'One more' })),
    (writer: number) =>
      studio.api.call('PATCH', `/projects/${id}/scenes/1`, studio.api.json({ prompt: `Words ${writer}` })),
  ];
  const statuses = await atOnce((writer) => {
    const change = changes[writer % changes.length];
    if (change === undefined) throw new Error('There is no such change.');
    return change(writer);
  });
  expect(new Set(statuses)).toEqual(new Set([200, 201]));
  expect((await studio.api.project(id)).scenes).toHaveLength(2 + WRITERS / 3);
});

test('many delete one project at once: it is deleted once', async () => {
  const id = await makeProject(1);
  const statuses = await atOnce(() => studio.api.call('DELETE', `/projects/${id}`));
  expect(statuses.filter((status) => status === 204).length).toBeGreaterThanOrEqual(1);
  expect(statuses.filter((status) => status !== 204 && status !== 404)).toEqual([]);
});
