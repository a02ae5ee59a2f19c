import type { Job } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Random } from '../../shared/random';
import type { ChaosMaterial, Kind } from './chaos.media';
import type { Acknowledged } from './chaos.types';

/** How long somebody waits for an answer before giving the request up. */
const PATIENCE_MS = 40_000;
const MOST_SCENES = 5;

/** What people know for certain, and what they asked to have deleted. */
export type Memory = {
  acknowledged: Acknowledged[];
  deletionAsked: Set<string>;
  /** The project that somebody was at last, by their name: they go on with it another day. */
  lastProjects: Map<string, string>;
  /** Answers by method, route and status. */
  answers: Map<string, number>;
  /** Answers that no route declares. */
  undeclared: string[];
};

export const newMemory = (): Memory => ({
  acknowledged: [],
  deletionAsked: new Set(),
  lastProjects: new Map(),
  answers: new Map(),
  undeclared: [],
});

const isPreparing = (project: Project, kind: string) => project.activeJobs.some((job) => job.kind === kind);

type Answer<Body> = { status: number; body: Body } | null;

/** What the API may say when something it needs is away: it is tried again by people. */
const mayFail = new Set([502, 503]);
/** What is said of files that are no use. */
const wrongRefusals = new Set([400, 415, 422]);

/**
 * One who works on projects of their own, one thing after the other, until the signal. Requests may
 * break in any way; what was answered is remembered.
 */
export function createPerson(options: {
  name: string;
  url: string;
  random: Random;
  material: ChaosMaterial;
  memory: Memory;
  /** How often of a hundred a scene with a clip and a song is lip-synced. */
  lipsyncShare: number;
  /** Aborted, the day is over: nothing more is asked, and answers are not waited for. */
  signal: AbortSignal;
}) {
  const { url, random, material, memory } = options;
  let projectId: string | null = memory.lastProjects.get(options.name) ?? null;

  async function ask<Body>(method: string, path: string, init: RequestInit = {}): Promise<Answer<Body>> {
    const route = `${method} ${path
      .replaceAll(/[0-9a-f-]{36}/g, '…')
      .replaceAll(/\/\d+/g, '/n')
      .replace(/\?.*/, '')}`;
    const count = (status: string) =>
      memory.answers.set(`${route} ${status}`, (memory.answers.get(`${route} ${status}`) ?? 0) + 1);
    try {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE_MS)]);
      const response = await fetch(`${url}/api/mv${path}`, { method, signal, ...init });
      const text = await response.text();
      count(String(response.status));
      if (response.status >= 500 && !mayFail.has(response.status))
        memory.undeclared.push(`${route}: ${text}`);
      return { status: response.status, body: text === '' ? null : JSON.parse(text) };
    } catch {
      // The API is being killed, stopped or started: nobody knows what became of the request.
      count('no answer');
      return null;
    }
  }
  const json = (body: unknown): RequestInit => ({
    headers: { 'Content-Type': 'application/json', Prefer: 'respond-async' },
    body: JSON.stringify(body),
  });

  async function project(): Promise<Project | null> {
    if (projectId === null) {
      const format = { width: 128, height: 128, fps: random.pick([24, 25, 30]) };
      const made = await ask<Project>('POST', '/projects', json({ title: options.name, format }));
      if (made?.status !== 201) return null;
      projectId = made.body.id;
      memory.lastProjects.set(options.name, projectId);
      return made.body;
    }
    const read = await ask<Project>('GET', `/projects/${projectId}`);
    if (read?.status === 404) projectId = null;
    return read?.status === 200 ? read.body : null;
  }

  async function upload(to: Project, scene: Scene | null, kind: Kind): Promise<void> {
    const file =
      kind === 'upload_clip'
        ? material.clip(random)
        : kind === 'upload_image'
          ? material.image(random)
          : material.song(random);
    const path =
      scene === null
        ? `/projects/${to.id}/audio`
        : `/projects/${to.id}/scenes/${scene.sequence}/${kind === 'upload_clip' ? 'upload_video' : 'upload_image'}`;
    const answer = await ask<Job>(scene === null ? 'PUT' : 'POST', `${path}?filename=${file.name}`, {
      headers: { 'Content-Type': 'application/octet-stream', Prefer: 'respond-async' },
      body: file.bytes,
    });
    // The file is good: whatever breaks, nobody may say that it is not.
    if (answer !== null && wrongRefusals.has(answer.status)) {
      memory.undeclared.push(`${path}: a good file got ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    if (answer?.status !== 202) return;
    const sha256 = new Bun.CryptoHasher('sha256').update(file.bytes).digest('hex');
    const { id: jobId, sceneId } = answer.body;
    memory.acknowledged.push({
      jobId,
      projectId: to.id,
      sceneId,
      kind,
      sha256,
      at: new Date().toISOString(),
    });
    await follow(jobId);
  }

  /** Sometimes waits for a job, sometimes cancels it, sometimes goes on to something else. */
  async function follow(jobId: string): Promise<void> {
    if (random.chance(0.07)) {
      await Bun.sleep(random.between(0, 700));
      await ask<Job>('POST', `/jobs/${jobId}/cancel`);
      return;
    }
    if (random.chance(0.35)) return;
    const until = performance.now() + random.between(500, 6000);
    while (performance.now() < until && !options.signal.aborted) {
      const job = await ask<Job>('GET', `/jobs/${jobId}`);
      if (job === null || !['queued', 'running'].includes(job.body.state)) return;
      await Bun.sleep(150);
    }
  }

  async function start(path: string, body: unknown): Promise<void> {
    const answer = await ask<Job>('POST', path, json(body));
    if (answer?.status === 202) await follow(answer.body.id);
  }

  /** Most often one that nothing is being done to. */
  function sceneOf(of: Project): Scene | null {
    const free = of.scenes.filter((scene) => scene.activeJob === null);
    const from = free.length > 0 && random.chance(0.9) ? free : of.scenes;
    return from[Math.floor(random.next() * from.length)] ?? null;
  }

  async function deleteScene(of: Project, scene: Scene): Promise<void> {
    memory.deletionAsked.add(scene.id);
    await ask('DELETE', `/projects/${of.id}/scenes/${scene.sequence}`);
  }

  /** Does one thing, as likely as people do it. */
  async function act(): Promise<void> {
    const now = await project();
    if (now === null) {
      await Bun.sleep(200);
      return;
    }
    const scene = sceneOf(now);
    if (scene?.activeJob && random.chance(0.7)) {
      await Bun.sleep(150);
      return;
    }
    const path = `/projects/${now.id}/scenes/${scene?.sequence}`;
    const dice = random.next() * 100;
    if (scene === null || (now.scenes.length < MOST_SCENES && dice < 8)) {
      const sequence = Math.ceil(random.next() * (now.scenes.length + 1));
      await ask('POST', `/projects/${now.id}/scenes`, json({ prompt: 'A scene', sequence }));
    } else if ((now.song === null && !isPreparing(now, 'upload_song')) || dice < 11) {
      await upload(now, null, 'upload_song');
    } else if (scene.currentTake === null || dice < 38) await upload(now, scene, 'upload_clip');
    else if (dice < 44) await upload(now, scene, 'upload_image');
    else if (dice < 58) {
      const frames = scene.originalTake?.frames ?? 2;
      const inFrame = Math.floor(random.between(0, frames - 1));
      const outFrame = Math.ceil(random.between(inFrame, frames));
      await start(`${path}/trim`, { inFrame, outFrame: Math.max(outFrame, inFrame + 1) });
    } else if (dice < 58 + options.lipsyncShare) {
      const provider = random.pick(['sync', 'replicate']);
      await start(`/projects/${now.id}/lipsync/${scene.sequence}`, { provider });
    } else if (dice < 80) await start(`/projects/${now.id}/compose`, {});
    else if (dice < 84) {
      const { id } = scene.activeJob ?? { id: null };
      if (id !== null) await ask('POST', `/jobs/${id}/cancel`);
    } else if (dice < 88) {
      const id = scene.lastError?.jobId;
      if (id !== undefined) await ask('POST', `/jobs/${id}/retry`);
    } else if (dice < 91) {
      const sceneIds = now.scenes.map((one) => one.id).sort(() => random.next() - 0.5);
      await ask('PATCH', `/projects/${now.id}/scenes/reorder`, json({ sceneIds }));
    } else if (dice < 94) await ask('PATCH', path, json({ prompt: `Take ${dice}` }));
    else if (dice < 96) {
      const takeId = scene.originalTake?.id;
      if (takeId !== undefined) await ask('POST', `${path}/takes/${takeId}/select`);
    } else if (dice < 98) await deleteScene(now, scene);
    else if (dice < 99) {
      memory.deletionAsked.add(now.id);
      await ask('DELETE', `/projects/${now.id}`);
    } else projectId = null;
  }

  return {
    async work(): Promise<void> {
      while (!options.signal.aborted) {
        await act();
        await Bun.sleep(random.between(0, 250));
      }
    },
  };
}
