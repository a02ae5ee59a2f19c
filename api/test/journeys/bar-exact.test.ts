import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import { makeNumberedClip } from '../../media/testing/numbered-clip';
import { testTools } from '../../media/testing/tools';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';

// Hundreds of calls and dozens of small renders, on a busy machine.
setDefaultTimeout(300_000);

const OPERATIONS = 200;
/** Uploads are the slowest of them. */
const MOST_UPLOADS = 4;
const MOST_SCENES = 14;
/** As small as a format may be. */
const format = { width: 128, height: 128, fps: 24 };
const CLIP_FRAMES = 30;

let studio: TestStudio;
let clip: string;
beforeAll(async () => {
  studio = await startTestStudio();
  clip = join(studio.dataDirectory, 'numbered.mp4');
  await makeNumberedClip(await testTools(), clip, { ...format, frames: CLIP_FRAMES });
});
afterAll(() => studio.stop());

/** Numbers that look random and are the same each time (mulberry32). */
function numbers(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    /** From `from` to `to`, both included. */
    between: (from: number, to: number) => from + Math.floor(next() * (to - from + 1)),
    pick: <One>(list: readonly [One, ...One[]]): One => list[Math.floor(next() * list.length)] ?? list[0],
  };
}

/** What the timeline must be: the length of each scene, and the speed of its clip when it has one. */
type Model = { slot: number; speed: number | null }[];

test('every cut stays where it must be, to the frame, through random operations of all kinds', async () => {
  const { api } = studio;
  const { between, pick } = numbers(20_261_130);
  const { id } = await api.createProject({ format });
  const model: Model = [];
  let uploads = 0;
  const respondAsync = { Prefer: 'respond-async' };
  const path = (index: number, rest = '') => `/projects/${id}/scenes/${index + 1}${rest}`;
  const send = async (method: string, where: string, body?: object) => {
    const answer = await api.call<Scene>(
      method,
      where,
      body === undefined ? { headers: respondAsync } : api.json(body, respondAsync),
    );
    if (answer.status >= 300) throw new Error(`${method} ${where}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const at = (index: number) => {
    const scene = model[index];
    if (scene === undefined) throw new Error(`The model has no scene ${index + 1}.`);
    return scene;
  };

  const add = async () => {
    const slot = between(8, 48);
    await send('POST', `/projects/${id}/scenes`, { plannedDuration: slot / format.fps });
    model.push({ slot, speed: null });
  };
  const upload = async (index: number) => {
    uploads += 1;
    await api.uploadClip(id, index + 1, clip);
    at(index).speed = 1;
  };
  const operations = {
    add,
    upload,
    async window(index: number) {
      if (at(index).speed === null) return;
      const speed = pick([0.5, 1, 1, 2]);
      await send('PUT', path(index, '/window'), {
        inFrame: between(0, CLIP_FRAMES - 1),
        speed,
        ending: pick(['hold', 'bounce']),
        framing: { mode: pick(['fill', 'fit', 'free']), scale: pick([1, 1.5]) },
      });
      at(index).speed = speed;
    },
    async length(index: number) {
      const slot = between(4, 48);
      if (pick([true, false])) await send('PUT', path(index, '/window'), { slotFrames: slot });
      else await send('PATCH', path(index), { plannedDuration: slot / format.fps });
      at(index).slot = slot;
    },
    async roll(index: number) {
      if (index + 1 >= model.length) return;
      const [before, after] = [at(index), at(index + 1)];
      const frames = between(1 - before.slot, after.slot - 1);
      if (frames === 0) return;
      if (pick([true, false])) await send('POST', path(index, '/roll'), { edge: 'end', frames });
      else await send('POST', path(index + 1, '/roll'), { edge: 'start', frames });
      before.slot += frames;
      after.slot -= frames;
    },
    async split(index: number) {
      const { slot, speed } = at(index);
      if (slot < 2 || model.length >= MOST_SCENES) return;
      const frame = between(1, slot - 1);
      await send('POST', path(index, '/split'), { frame });
      model.splice(index, 1, { slot: frame, speed }, { slot: slot - frame, speed });
    },
    async trim(index: number) {
      const scene = at(index);
      if (scene.speed === null) return;
      const inFrame = between(0, CLIP_FRAMES - 2);
      const outFrame = between(inFrame + 1, CLIP_FRAMES);
      await send('POST', path(index, '/trim'), { inFrame, outFrame });
      scene.slot = Math.max(1, Math.round((outFrame - inFrame) / scene.speed));
    },
    async duplicate(index: number) {
      if (model.length >= MOST_SCENES) return;
      await send('POST', path(index, '/duplicate'));
      model.splice(index + 1, 0, { ...at(index) });
    },
    async remove(index: number) {
      if (model.length < 4) return;
      await send('DELETE', path(index));
      model.splice(index, 1);
    },
    async move(index: number) {
      const to = between(0, model.length - 1);
      const ids = (await api.project(id)).scenes.map((scene) => scene.id);
      ids.splice(to, 0, ...ids.splice(index, 1));
      model.splice(to, 0, ...model.splice(index, 1));
      await send('PATCH', `/projects/${id}/scenes/reorder`, { sceneIds: ids });
    },
    async version(index: number) {
      const takes = await api.call<{ takes: { id: string; kind: string }[] }>('GET', path(index, '/takes'));
      const fitted = takes.body.takes.find(({ kind }) => kind === 'trimmed');
      if (fitted === undefined) return;
      const scene = await send('POST', path(index, `/takes/${fitted.id}/select`));
      at(index).speed = scene.window.speed;
    },
    async removeLipsync(index: number) {
      await send('DELETE', `/projects/${id}/lipsync/${index + 1}`);
    },
  };
  const names = Object.keys(operations) as [keyof typeof operations, ...(keyof typeof operations)[]];

  for (let count = 0; count < 5; count++) await add();
  await upload(1);
  for (let count = 0; count < OPERATIONS; count++) {
    const name = pick(names);
    if (name === 'upload' && uploads >= MOST_UPLOADS) continue;
    if (name === 'add' && model.length >= MOST_SCENES) continue;
    await operations[name](between(0, model.length - 1));
    const rows = await studio.studio.services.sql<{ slotFrames: number }[]>`
      select slot_frames from scenes where project_id = ${id} and deleted_at is null order by sequence`;
    expect([count, name, rows.map(({ slotFrames }) => slotFrames)]).toEqual([
      count,
      name,
      model.map(({ slot }) => slot),
    ]);
  }

  // When all is rendered every clip is as long as its scene, and the answer says the same as the model.
  const project = await settled(id);
  let start = 0;
  for (const [index, scene] of project.scenes.entries()) {
    const { slot, speed } = at(index);
    expect([scene.startFrame, scene.frames]).toEqual([start, slot]);
    expect(scene.currentTake?.frames ?? null).toBe(speed === null ? null : slot);
    start += slot;
  }
  expect(project.frames).toBe(start);
});

async function settled(id: string): Promise<Project> {
  const { jobs } = studio.studio.services;
  for (;;) {
    const project = expectStatus(await studio.api.call<Project>('GET', `/projects/${id}`), 200);
    const waiting = project.scenes.find(({ fitting }) => fitting);
    if (waiting === undefined) return project;
    if (waiting.fitJob === null) throw new Error(`Nothing fits scene ${waiting.sequence}.`);
    const ended = await jobs.wait(waiting.fitJob.id, { timeoutMs: 120_000 });
    if (ended.state === 'failed') throw new Error(`Fitting failed: ${ended.error?.message}`);
  }
}
