import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Bin } from '../../contract/history.schema';
import type { Project } from '../../contract/project.schema';
import type { Take } from '../../contract/take.schema';
import { readSnapshot } from '../../library/timeline-revisions.repository';
import { createRandom } from '../../shared/random';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { addSong, addTakeTo } from './history.harness';

setDefaultTimeout(180_000);

let studio: TestStudio;
beforeAll(async () => {
  // Nobody works: what is started stays waiting, and nothing changes but by this test.
  studio = await startTestStudio({ ROLE: 'api' });
});
afterAll(() => studio.stop());

const OPERATIONS = 200;
const SEED = 15;

/** What undo must give back, byte for byte: the whole answer but times, work under way, and the history itself. */
function essence(project: Project): string {
  const { updatedAt: _, timeline: __, activeJobs: ___, ...rest } = project;
  return JSON.stringify(rest, (key, value: unknown) =>
    key === 'updatedAt' || key === 'activeJob' || key === 'fitJob' || key === 'lastError' ? undefined : value,
  );
}

/** The states of a project in order, as it should be able to walk them, and where it is. */
class Model {
  states: { revision: number | null; essence: string; snapshot: string }[] = [];
  at = -1;

  get current() {
    return this.states[this.at];
  }

  /** Takes note of a state that was come to by a change: a new one, or a part of the one before. */
  note(state: Model['states'][number]): void {
    if (state.revision !== this.current?.revision) this.at++;
    else if (this.at < this.states.length - 1) throw new Error('An undone state was changed.');
    this.states = [...this.states.slice(0, this.at), state];
  }
}

test(`${OPERATIONS} operations of all kinds: undo of all gives each state back, redo as well`, async () => {
  const { api } = studio;
  const { sql } = studio.studio.services;
  const random = createRandom(SEED);
  const { id } = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  const path = `/projects/${id}`;
  const model = new Model();
  const read = async () => {
    const project = await api.project(id);
    return {
      project,
      state: {
        revision: project.timeline.revision,
        essence: essence(project),
        snapshot: JSON.stringify(await readSnapshot(sql, id)),
      },
    };
  };
  const send = async (method: string, below: string, body?: unknown) => {
    const { status } = await api.call(method, `${path}${below}`, body === undefined ? {} : api.json(body));
    // Some are refused: there is nothing to undo, or the playhead is outside. Nothing is ever broken.
    expect([below, status < 500]).toEqual([below, true]);
    return status;
  };
  const any = (items: number) => 1 + Math.floor(random.next() * items);

  /** One of each kind of thing that people and jobs do; given the project as it is. */
  const operations: ((project: Project) => Promise<unknown>)[] = [
    () => send('POST', '/scenes', { prompt: 'new', plannedDuration: 1 + any(4) }),
    ({ scenes }) => send('POST', '/scenes', { sequence: any(scenes.length + 1) }),
    ({ scenes }) => send('PATCH', `/scenes/${any(scenes.length)}`, { prompt: `words ${random.next()}` }),
    ({ scenes }) =>
      send('PATCH', `/scenes/${any(scenes.length)}`, { negativePrompt: `not ${random.next()}` }),
    ({ scenes }) => send('PATCH', `/scenes/${any(scenes.length)}`, { plannedDuration: any(9) }),
    ({ scenes }) => send('DELETE', `/scenes/${any(scenes.length)}`),
    ({ scenes }) => send('POST', `/scenes/${any(scenes.length)}/duplicate`),
    ({ scenes }) => {
      const sceneIds = scenes.map((scene) => scene.id);
      sceneIds.splice(any(scenes.length) - 1, 0, ...sceneIds.splice(any(scenes.length) - 1, 1));
      return send('PATCH', '/scenes/reorder', { sceneIds });
    },
    async ({ scenes }) => {
      const sceneId = scenes[any(scenes.length) - 1]?.id;
      const kind = random.pick(['image', 'original', 'original'] as const);
      if (sceneId !== undefined) await addTakeTo(sql, { projectId: id, sceneId, kind });
    },
    async ({ scenes }) => {
      const scene = scenes[any(scenes.length) - 1];
      const parentId = scene?.originalTake?.id;
      if (scene === undefined || parentId === undefined) return;
      await addTakeTo(sql, { projectId: id, sceneId: scene.id, kind: 'lipsynced', parentId });
    },
    async ({ scenes }) => {
      const sequence = any(scenes.length);
      const answer = await api.call<{ takes: Take[] }>('GET', `${path}/scenes/${sequence}/takes`);
      const take = answer.body.takes?.[any(answer.body.takes.length) - 1];
      if (take !== undefined) await send('POST', `/scenes/${sequence}/takes/${take.id}/select`);
    },
    ({ scenes }) => send('DELETE', `/lipsync/${any(scenes.length)}`),
    ({ scenes }) => send('PUT', `/scenes/${any(scenes.length)}/window`, { inFrame: any(40), speed: any(3) }),
    ({ scenes }) =>
      send('PUT', `/scenes/${any(scenes.length)}/window`, {
        framing: { mode: 'free', scale: 1 + random.next() },
      }),
    ({ scenes }) => send('PUT', `/scenes/${any(scenes.length)}/window`, { slotFrames: any(90) }),
    ({ scenes }) => send('POST', `/scenes/${any(scenes.length)}/trim`, { inFrame: 1, outFrame: 1 + any(49) }),
    ({ scenes }) => send('POST', `/scenes/${any(scenes.length)}/split`, { frame: any(30) }),
    ({ scenes }) =>
      send('POST', `/scenes/${any(scenes.length)}/roll`, {
        edge: random.pick(['start', 'end']),
        frames: any(40) - 20 || 1,
      }),
    () => addSong(sql, id),
    async () => {
      const { scenes, songs } = expectStatus(await api.call<Bin>('GET', `${path}/bin`), 200);
      const items = [...scenes, ...songs];
      const item = items[any(items.length) - 1];
      if (item !== undefined) await send('POST', `/bin/${item.id}/restore`);
    },
    ({ format }) => send('PATCH', '', { format: { ...format, fps: format.fps === 25 ? 30 : 25 } }),
  ];

  let { project, state } = await read();
  model.note(state);
  for (let count = 0; count < OPERATIONS; count++) {
    const roll = random.next();
    const direction = roll < 0.12 ? 'undo' : roll < 0.18 ? 'redo' : null;
    if (direction !== null) {
      const status = await send('POST', `/${direction}`);
      const to = model.states[model.at + (direction === 'undo' ? -1 : 1)];
      expect([count, status]).toEqual([count, to === undefined ? 409 : 200]);
      if (to !== undefined) model.at += direction === 'undo' ? -1 : 1;
      ({ project, state } = await read());
      expect([count, state.essence]).toEqual([count, model.current?.essence ?? '']);
      continue;
    }
    // Scenes come more often than they go.
    const operation =
      operations[project.scenes.length < 3 ? 0 : Math.floor(random.next() * operations.length)];
    await operation?.(project);
    ({ project, state } = await read());
    // The starts are the sums of the lengths before them, to the frame.
    let start: number | null = 0;
    for (const [index, scene] of project.scenes.entries()) {
      expect([scene.sequence, scene.startFrame]).toEqual([index + 1, start]);
      start = start === null || scene.frames === null ? null : start + scene.frames;
    }
    if (state.essence === model.current?.essence) continue;
    model.note(state);
  }

  // The first number was given when the first change was about to come.
  const walk = async (direction: 'undo' | 'redo') => {
    const step = direction === 'undo' ? -1 : 1;
    for (;;) {
      const to = model.states[model.at + step];
      const status = await send('POST', `/${direction}`);
      expect(status).toBe(to === undefined ? 409 : 200);
      if (to === undefined) return;
      model.at += step;
      ({ state } = await read());
      expect(state.essence).toBe(to.essence);
      expect(state.snapshot).toBe(to.snapshot);
    }
  };
  await walk('redo');
  await walk('undo');
  expect(model.at).toBe(0);
  expect((await api.project(id)).scenes).toEqual([]);
  await walk('redo');
  expect(model.at).toBe(model.states.length - 1);
  expect(model.states.length).toBeGreaterThan(60);
});
