import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import { localLooks } from '../../providers/local/lipsync/look/local.looks';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { singerClip, songFile } from '../test-media';

setDefaultTimeout(300_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio({}, { looks: localLooks });
});
afterAll(() => studio.stop());

const WIDE = { width: 640, height: 360, fps: 25 };
const TALL = { width: 360, height: 640, fps: 25 };

/** The project once its clips fit; each fit job is waited for. */
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
const first = ({ scenes: [scene] }: Project): Scene => {
  if (scene === undefined) throw new Error('No scene.');
  return scene;
};

/** A project with the drawn singer, whose face was looked for. */
async function withSinger(format: typeof WIDE): Promise<{ id: string; before: Scene; after: Scene }> {
  const { api } = studio;
  const { id } = await api.createProject({ title: 'Singer', format });
  const events = await fetch(`${api.base}/projects/${id}/events`);
  await api.uploadSong(id, await songFile());
  await api.addScene(id, { plannedDuration: 1 });
  await api.uploadClip(id, 1, await singerClip());
  const before = first(await api.project(id));
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of events.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes('"take.faces"')) break;
  }
  return { id, before, after: first(await fitted(id)) };
}
const put = async (id: string, window: object) =>
  expectStatus(
    await studio.api.call<Scene>('PUT', `/projects/${id}/scenes/1/window`, studio.api.json(window)),
    200,
  );

test('a clip of another shape keeps the face in the frame, until somebody says where it lies', async () => {
  const { id, after } = await withSinger(TALL);
  const face = after.faceMiddle;
  if (face === null) throw new Error('The singer has a face.');
  expect(after.framedByHand).toBe(false);
  expect(after.window.framing).toMatchObject({ mode: 'fill', x: face.x, y: face.y });
  expect(after.currentTake).toMatchObject({ width: 360, height: 640, window: { framing: { x: face.x } } });

  // Nothing of it was a step of undo.
  expect((await studio.api.project(id)).timeline.undo?.code).not.toBe('scene-framing');
  expect(await put(id, { speed: 0.5 })).toMatchObject({
    framedByHand: false,
    window: { framing: { x: face.x } },
  });
  expect(await put(id, { framing: { x: 0.1 } })).toMatchObject({
    framedByHand: true,
    window: { framing: { x: 0.1, y: face.y } },
  });
  expect(await put(id, { framing: { x: null, y: null } })).toMatchObject({
    framedByHand: false,
    window: { framing: { x: face.x } },
  });
  for (const x of [-0.1, 1.1, 'left'])
    expect(
      (
        await studio.api.refused(
          'PUT',
          `/projects/${id}/scenes/1/window`,
          studio.api.json({ framing: { x } }),
        )
      ).status,
    ).toBe(400);
});

test('a copy in another shape frames the singer anew and keeps the lip-sync, and the first project all of its own', async () => {
  const { api } = studio;
  const { id, before, after } = await withSinger(WIDE);
  // The clip has the frame's shape: where the face is changes nothing, and nothing is rendered again.
  expect(after.currentTake?.id).toBe(before.currentTake?.id ?? '');
  expectStatus(await api.call('POST', `/projects/${id}/lipsync/1`, api.json({})), 200);
  const synced = first(await fitted(id));
  expect(synced).toMatchObject({ currentTake: { kind: 'lipsynced' }, lipsync: { stale: false } });

  const size = { width: TALL.width, height: TALL.height };
  const path = `/projects/${id}/duplicate`;
  const made = expectStatus(await api.call<Project>('POST', path, api.json({ title: 'Tall', size })), 201);
  expect(made).toMatchObject({ title: 'Tall', format: TALL, song: { fileName: 'song.wav' } });
  const copy = first(await fitted(made.id));
  expect(copy).toMatchObject({
    slotFrames: 25,
    fitting: false,
    framedByHand: true,
    currentTake: { kind: 'lipsynced', ...size, frames: 25 },
    lipsync: { stale: false },
  });
  expect(copy.originalTake?.s3Key).toBe(synced.originalTake?.s3Key ?? '');
  expect(copy.window.framing.x).toBeCloseTo(synced.faceMiddle?.x ?? 0, 1);
  expect(copy.currentTake?.audioSegment).toEqual(synced.currentTake?.audioSegment ?? null);
  // It composes, and the first one is what it was, also when the copy goes.
  expect(await api.compose(made.id)).toMatchObject({ ...size, frames: 25 });
  expectStatus(await api.call('DELETE', `/projects/${made.id}`), 204);
  await studio.studio.services.storage.sweep({ ignoreBackOff: true });
  const still = first(await api.project(id));
  expect(still.currentTake?.id).toBe(synced.currentTake?.id ?? '');
  expect((await api.media(still.originalVideoClipUrl)).status).toBe(200);
  expect((await api.media(still.videoClipUrl)).status).toBe(200);

  for (const bad of [{ width: 1 }, { width: 361, height: 640 }, { width: 9000, height: 640 }, 'tall'])
    expect((await api.refused('POST', path, api.json({ size: bad }))).status).toBe(400);
});
