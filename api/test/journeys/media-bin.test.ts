import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Media } from '../../contract/media.schema';
import type { Project } from '../../contract/project.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';

setDefaultTimeout(120_000);
let at: TestStudio;
let project: Project;
let blue: string;
let short: string;
beforeAll(async () => {
  at = await startTestStudio();
  const { api } = at;
  blue = await plainClip('bring-in.mp4', { size: '320x180', rate: '25', seconds: 0.6 });
  short = await plainClip('bring-in-short.mp4', { size: '320x180', rate: '25', seconds: 0.4 });
  project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  for (let index = 0; index < 3; index++) await api.addScene(project.id, { plannedDuration: 0.6 });
  await api.uploadClip(project.id, 1, blue, 'blue.mp4');
  await api.uploadClip(project.id, 2, short, 'short.mp4');
});
afterAll(() => at.stop());

const { stringify } = JSON;
const list = async (): Promise<Media[]> =>
  expectStatus(await at.api.call<{ media: Media[] }>('GET', `/projects/${project.id}/media`), 200).media;
const named = async (name: string): Promise<Media> => {
  const found = (await list()).find((media) => media.name === name);
  if (found === undefined) throw new Error(`No media ${name}.`);
  return found;
};
const post = <Body = Project>(path: string, body: unknown) =>
  at.api.call<Body>('POST', `/projects/${project.id}/media/${path}`, at.api.json(body));
const sceneId = async (sequence: number) => (await at.api.project(project.id)).scenes[sequence - 1]?.id ?? '';
const uses = async (name: string) => (await named(name)).uses.map(({ sequence }) => sequence);
const names = async () =>
  (await at.api.project(project.id)).scenes.map((scene) => scene.originalTake?.sourceName ?? null);

test('every clip is listed once, in the order in which it came, with its uses', async () => {
  const { api } = at;
  // The same file again is no other clip.
  await api.uploadClip(project.id, 3, blue, 'again.mp4');
  const media = await list();
  expect(media.map(({ kind, name, uses }) => ({ kind, name, in: uses.map((use) => use.sequence) }))).toEqual([
    { kind: 'clip', name: 'blue.mp4', in: [1, 3] },
    { kind: 'clip', name: 'short.mp4', in: [2] },
  ]);
  expect((await api.media(media[0]?.take.url)).status).toBe(200);
});

test('one clip in many scenes shares its objects, and stays when the first scene goes', async () => {
  const { api } = at;
  const before = await named('short.mp4');
  const ids = [await sceneId(1), await sceneId(3)];
  const answer = expectStatus(await post(`${before.id}/use`, { sceneIds: ids }), 200);
  expect(answer.scenes.map((scene) => scene.originalTake?.s3Key)).toEqual(
    Array.from({ length: 3 }, () => before.take.s3Key),
  );
  expect(await uses('short.mp4')).toEqual([1, 2, 3]);
  // A shorter clip moves no cut.
  expect(answer.scenes.map((scene) => scene.frames)).toEqual([15, 15, 15]);
  // What was there stays among the versions, and is shown again without another copy.
  expect(await uses('blue.mp4')).toEqual([]);
  expectStatus(await post(`${(await named('blue.mp4')).id}/use`, { sceneIds: ids }), 200);
  expect(await uses('blue.mp4')).toEqual([1, 3]);
  const { body } = await api.call<{ takes: { kind: string }[] }>(
    'GET',
    `/projects/${project.id}/scenes/1/takes`,
  );
  expect(body.takes.filter(({ kind }) => kind === 'original').length).toBe(2);

  await api.addScene(project.id);
  expectStatus(await post(`${before.id}/use`, { sceneIds: [await sceneId(4)] }), 200);
  expect((await api.call('DELETE', `/projects/${project.id}/scenes/2`)).status).toBe(204);
  const left = await named('short.mp4');
  expect(left.uses.map(({ sequence }) => sequence)).toEqual([3]);
  expect((await api.media(left.take.url)).status).toBe(200);
});

test('replacing puts another one everywhere, and nothing else', async () => {
  const [from, to] = [await named('blue.mp4'), await named('short.mp4')];
  expect(await names()).toEqual(['blue.mp4', 'again.mp4', 'short.mp4']);
  expectStatus(await post(`${from.id}/replace`, { with: to.id }), 200);
  expect(await names()).toEqual(['short.mp4', 'short.mp4', 'short.mp4']);
  expect(await uses('short.mp4')).toEqual([1, 2, 3]);
});

test('an image is used as an image, and takes no clip’s place', async () => {
  const { api } = at;
  const picture = await plainClip('bring-in.jpg', { size: '320x180', rate: '25', seconds: 0, still: true });
  expectStatus(
    await api.call(
      'POST',
      `/projects/${project.id}/scenes/1/upload_image`,
      await api.form(picture, 'photo.jpg'),
    ),
    200,
  );
  const photo = await named('photo.jpg');
  expect(photo.kind).toBe('image');
  expectStatus(await post(`${photo.id}/use`, { sceneIds: [await sceneId(2)] }), 200);
  const { scenes } = await api.project(project.id);
  expect(scenes.map((scene) => scene.imageTake?.sourceName ?? null)).toEqual([
    'photo.jpg',
    'photo.jpg',
    null,
  ]);
  expect(scenes[1]?.originalTake?.sourceName).toBe('short.mp4');
  const clip = await named('short.mp4');
  const refused = await post<{ error: string }>(`${clip.id}/replace`, { with: photo.id });
  expect([refused.status, refused.body.error]).toEqual([400, 'OtherKindOfMedia']);
});

test('what is not there is not found, and then nothing is changed', async () => {
  const before = stringify(await names());
  const clip = await named('short.mp4');
  const other = await at.api.createProject();
  const foreign = await at.api.addScene(other.id);
  const tries = [
    await post<{ error: string }>(`${'0'.repeat(64)}/use`, { sceneIds: [await sceneId(1)] }),
    await post<{ error: string }>(`${clip.id}/use`, { sceneIds: [await sceneId(1), foreign.id] }),
    await post<{ error: string }>(`${clip.id}/replace`, { with: 'nothing' }),
    await post<{ error: string }>(`${clip.id}/use`, { sceneIds: [] }),
    await post<{ error: string }>(`${clip.id}/use`, { sceneIds: ['1; drop table takes'] }),
  ];
  expect(tries.map(({ status, body }) => `${status} ${body.error}`)).toEqual([
    '404 MediaNotFound',
    '404 SceneNotFound',
    '404 MediaNotFound',
    '400 BadRequest',
    '400 BadRequest',
  ]);
  expect(stringify(await names())).toBe(before);
});
