import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Bin } from '../../contract/history.schema';
import type { Job } from '../../contract/job.schema';
import type { Media } from '../../contract/media.schema';
import type { Project } from '../../contract/project.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';

setDefaultTimeout(120_000);
let at: TestStudio;
let clip: string;
let other: string;
beforeAll(async () => {
  at = await startTestStudio();
  clip = await plainClip('bring-in.mp4', { size: '320x180', rate: '25', seconds: 0.6 });
  other = await plainClip('bring-in-short.mp4', { size: '320x180', rate: '25', seconds: 0.4 });
});
afterAll(() => at.stop());

const media = async (id: string): Promise<Media[]> =>
  expectStatus(await at.api.call<{ media: Media[] }>('GET', `/projects/${id}/media`), 200).media;
const names = async (id: string) => (await media(id)).map(({ name }) => name);
const bin = async (id: string) => expectStatus(await at.api.call<Bin>('GET', `/projects/${id}/bin`), 200);
const post = <Body = Project>(path: string, body: unknown = {}) =>
  at.api.call<Body>('POST', path, at.api.json(body));
const idOf = async (id: string, name: string) => (await media(id)).find((one) => one.name === name)?.id ?? '';
const remove = async (id: string, name: string) =>
  expectStatus(await at.api.call('DELETE', `/projects/${id}/media/${await idOf(id, name)}`), 204);
const revision = async (id: string) => (await at.api.project(id)).timeline.revision;

/** A project whose only scene shows `new.mp4` and showed `old.mp4` before. */
async function replacedClip(): Promise<string> {
  const { id } = await at.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await at.api.addScene(id, { plannedDuration: 0.4 });
  await at.api.uploadClip(id, 1, clip, 'old.mp4');
  await at.api.uploadClip(id, 1, other, 'new.mp4');
  return id;
}

/** Sends a file that is for no scene. */
async function bring(id: string, path: string, name: string, kind = 'clip'): Promise<Job> {
  const { base } = at.api;
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const bytes = await Bun.file(path).bytes();
  const begun = await fetch(`${base}/uploads`, {
    method: 'POST',
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Length': String(bytes.length),
      'Upload-Metadata': `kind ${encode(kind)},projectId ${encode(id)},filename ${encode(name)}`,
    },
  });
  if (begun.status !== 201) throw new Error(`${begun.status} ${await begun.text()}`);
  const sent = await fetch(new URL(begun.headers.get('location') ?? '', base), {
    method: 'PATCH',
    headers: {
      'Tus-Resumable': '1.0.0',
      'Upload-Offset': '0',
      'Content-Type': 'application/offset+octet-stream',
    },
    body: bytes,
  });
  const job: Job = JSON.parse(await sent.text());
  await at.studio.services.jobs.wait(job.id, { timeoutMs: 60_000 });
  return at.api.job(job.id);
}

/** Lets days go by for all that was deleted and for the steps of histories. */
async function later(days: number): Promise<void> {
  const { sql, bin: bins, storage } = at.studio.services;
  const ago = sql`make_interval(days => ${days})`;
  await sql`update scenes set deleted_at = deleted_at - ${ago} where deleted_at is not null`;
  await sql`update takes set deleted_at = deleted_at - ${ago} where deleted_at is not null`;
  await sql`update timeline_revisions set created_at = created_at - ${ago}`;
  await bins.sweep();
  await storage.sweep();
}

test('what a scene shows can’t be deleted; what none shows goes into the bin and comes back', async () => {
  const id = await replacedClip();
  const inUse = await at.api.refused('DELETE', `/projects/${id}/media/${await idOf(id, 'new.mp4')}`);
  expect([inUse.status, inUse.body.error, inUse.body.details]).toEqual([
    409,
    'MediaInUse',
    { sequences: [1] },
  ]);
  const before = await revision(id);
  await remove(id, 'old.mp4');
  expect(await names(id)).toEqual(['new.mp4']);
  const versions = await at.api.call<{ takes: { sourceName: string }[] }>(
    'GET',
    `/projects/${id}/scenes/1/takes`,
  );
  expect(new Set(versions.body.takes.map((take) => take.sourceName))).toEqual(new Set(['new.mp4']));
  // It is no change of the timeline.
  expect(await revision(id)).toBe(before);
  const [binned] = (await bin(id)).media;
  expect([binned?.name, binned?.kind]).toEqual(['old.mp4', 'clip']);
  expect((await post(`/projects/${id}/media/${binned?.id}/use`, { sceneIds: [id] })).status).toBe(404);
  const foreign = await at.api.createProject();
  expect((await post(`/projects/${foreign.id}/bin/${binned?.id}/restore`)).status).toBe(404);
  expectStatus(await post(`/projects/${id}/bin/${binned?.id}/restore`), 200);
  expect([await names(id), (await bin(id)).media]).toEqual([['old.mp4', 'new.mp4'], []]);
  expect((await at.api.call('DELETE', `/projects/${id}/media/nothing`)).status).toBe(404);
});

test('undo brings deleted media back, and their files stay as long as it can', async () => {
  const id = await replacedClip();
  const [old] = await media(id);
  await remove(id, 'old.mp4');
  // Older than 30 days, but the history isn't: something was changed since.
  await at.studio.services.sql`
    update takes set deleted_at = deleted_at - interval '31 days' where deleted_at is not null`;
  await at.studio.services.bin.sweep();
  const undone = expectStatus(await post<{ project: Project }>(`/projects/${id}/undo`), 200);
  expect(undone.project.scenes[0]?.originalTake?.sourceName).toBe('old.mp4');
  expect(await names(id)).toEqual(['old.mp4', 'new.mp4']);
  expect((await at.api.media(old?.take.url)).status).toBe(200);
  expect((await bin(id)).media).toEqual([]);
});

test('after 30 days they are deleted with their files, and nothing that is shown', async () => {
  const id = await replacedClip();
  const [old, now] = await media(id);
  await remove(id, 'old.mp4');
  await later(29);
  expect((await at.api.media(old?.take.url)).status).toBe(200);
  await later(2);
  expect((await bin(id)).media).toEqual([]);
  expect((await at.api.media(old?.take.url)).status).toBe(404);
  expect((await at.api.media(now?.take.url)).status).toBe(200);
  expect((await at.api.project(id)).scenes[0]?.originalTake?.sourceName).toBe('new.mp4');
});

test('a clip can be in the project without a scene, is used in scenes, and stays after they go', async () => {
  const { id } = await at.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  expect((await bring(id, clip, 'spare.mp4')).state).toBe('succeeded');
  const [spare] = await media(id);
  expect([spare?.name, spare?.uses]).toEqual(['spare.mp4', []]);
  expect((await at.api.media(spare?.take.url)).status).toBe(200);
  expect(await at.api.project(id)).toMatchObject({ sceneCount: 0, scenes: [] });
  // There is nothing to undo.
  expect((await at.api.project(id)).timeline.undo).toBeNull();
  expect((await bin(id)).scenes).toEqual([]);
  // What nobody deleted stays, however old it is.
  await later(40);
  expect(await names(id)).toEqual(['spare.mp4']);

  const scene = await at.api.addScene(id, { plannedDuration: 0.4 });
  const used = expectStatus(
    await post(`/projects/${id}/media/${spare?.id}/use`, { sceneIds: [scene.id] }),
    200,
  );
  expect(used.scenes[0]).toMatchObject({ slotFrames: 10, originalTake: { sourceName: 'spare.mp4' } });
  expect((await media(id)).map(({ uses }) => uses.length)).toEqual([1]);
  expectStatus(await at.api.call('DELETE', `/projects/${id}/scenes/1`), 204);
  await later(31);
  expect(await names(id)).toEqual(['spare.mp4']);
  expect((await at.api.media(spare?.take.url)).status).toBe(200);

  await remove(id, 'spare.mp4');
  await later(31);
  expect([await names(id), (await bin(id)).media]).toEqual([[], []]);
  expect((await at.api.media(spare?.take.url)).status).toBe(404);
  const left = await at.studio.services.sql`select id from scenes where project_id = ${id}`;
  expect(left.length).toBe(0);
});

test('an image without a scene is an image; what is none is refused and leaves nothing', async () => {
  const picture = await plainClip('bring-in.jpg', { size: '320x180', rate: '25', seconds: 0, still: true });
  const { id } = await at.api.createProject();
  expect((await bring(id, picture, 'photo.jpg', 'image')).state).toBe('succeeded');
  expect((await media(id)).map(({ kind, name }) => `${kind} ${name}`)).toEqual(['image photo.jpg']);
  await expect(bring(id, picture, 'photo.mp4')).rejects.toThrow();
  expect((await media(id)).length).toBe(1);
});
