import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import packageFile from '../../../package.json';
import type { Job, StudioJob } from '../../contract/job.schema';
import type { Peaks, Project, ProjectCard } from '../../contract/project.schema';
import type { StudioFacts } from '../../contract/studio.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio(
    { MAX_UPLOAD_BYTES: '20000000' },
    {
      sampleMaterial: async () => {
        const clip = await plainClip('sample.mp4', { size: '320x180', rate: '25', seconds: 1.2 });
        return { song: await songFile(), clips: [clip, clip, clip] };
      },
    },
  );
});
afterAll(() => studio.stop());

async function cards(): Promise<ProjectCard[]> {
  const answer = await studio.api.call<{ projects: ProjectCard[] }>('GET', '/projects');
  return expectStatus(answer, 200).projects;
}
const card = async (id: string) => (await cards()).find((project) => project.id === id);

/** Waits for every job of a project, those that others start included. */
async function settle(projectId: string): Promise<Job[]> {
  for (;;) {
    const { body } = await studio.api.call<{ jobs: Job[] }>('GET', `/projects/${projectId}/jobs`);
    const active = body.jobs.filter(({ state }) => state === 'queued' || state === 'running');
    if (active.length === 0) return body.jobs;
    for (const job of active) await studio.studio.services.jobs.wait(job.id, { timeoutMs: 60_000 });
  }
}

const format = { width: 320, height: 180, fps: 25 };

test('a project’s card follows it from empty to finished and out of date', async () => {
  const { api } = studio;
  const { id } = await api.createProject({ title: 'Cards', format });
  expect(await card(id)).toMatchObject({ state: 'empty', duration: null, posterClipUrl: null });
  await api.uploadSong(id, await songFile());
  expect(await card(id)).toMatchObject({ state: 'draft' });
  await api.addScene(id);
  await api.uploadClip(id, 1, await plainClip('card.mp4', { size: '320x180', rate: '25', seconds: 1.2 }));
  const ready = await card(id);
  expect(ready).toMatchObject({ state: 'ready', duration: 1.2, sceneCount: 1 });
  expect((await api.media(ready?.posterClipUrl)).status).toBe(200);
  await api.compose(id);
  expect(await card(id)).toMatchObject({ state: 'final' });
  await api.addScene(id);
  expect(await card(id)).toMatchObject({ state: 'outdated' });
});

test('the jobs of all projects are listed with where they belong', async () => {
  const { id } = await studio.api.createProject({ title: 'Listed', format });
  await studio.api.addScene(id);
  await studio.api.uploadClip(
    id,
    1,
    await plainClip('listed.mp4', { size: '320x180', rate: '25', seconds: 1 }),
  );
  const { jobs } = expectStatus(await studio.api.call<{ jobs: StudioJob[] }>('GET', '/jobs'), 200);
  expect(jobs[0]).toMatchObject({
    kind: 'upload_clip',
    state: 'succeeded',
    projectId: id,
    projectTitle: 'Listed',
    sequence: 1,
  });
});

test('the peaks of a song are measured when it comes, or when they are asked for', async () => {
  const { api } = studio;
  const { id } = await api.createProject({ format });
  const refused = await api.refused('GET', `/projects/${id}/audio/peaks`);
  expect([refused.status, refused.body.error]).toEqual([400, 'ProjectHasNoSong']);
  const { song } = await api.uploadSong(id, await songFile());
  const read = async () => expectStatus(await api.call<Peaks>('GET', `/projects/${id}/audio/peaks`), 200);
  const first = await read();
  expect(first.songId).toBe(song?.id ?? '');
  expect(Math.abs(first.peaks.length / first.peaksPerSecond - (song?.duration ?? 0))).toBeLessThan(0.02);
  expect(Math.max(...first.peaks)).toBeGreaterThan(50);
  await studio.studio.services.sql`update songs set peaks = null where id = ${song?.id ?? ''}`;
  expect(await read()).toEqual(first);
});

const encode = (metadata: Record<string, string>) =>
  Object.entries(metadata)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');
const tus = { 'Tus-Resumable': '1.0.0' };

function begin(bytes: number, metadata: Record<string, string>): Promise<Response> {
  return fetch(`${studio.api.base}/uploads`, {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(bytes), 'Upload-Metadata': encode(metadata) },
  });
}

test('an upload goes on where it stopped, and ends like any other', async () => {
  const { id } = await studio.api.createProject({ format });
  const bytes = await Bun.file(await songFile()).bytes();
  const created = await begin(bytes.length, { kind: 'song', projectId: id, filename: 'my song.wav' });
  expect(created.status).toBe(201);
  const url = new URL(created.headers.get('location') ?? '', studio.api.base);
  const patch = (from: number, to: number) =>
    fetch(url, {
      method: 'PATCH',
      headers: {
        ...tus,
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': String(from),
      },
      body: bytes.slice(from, to),
    });
  const half = Math.floor(bytes.length / 2);
  expect((await patch(0, half)).status).toBe(204);
  const head = await fetch(url, { method: 'HEAD', headers: tus });
  expect(head.headers.get('upload-offset')).toBe(String(half));
  const finished = await patch(half, bytes.length);
  expect(finished.status).toBe(200);
  expect(await finished.json()).toMatchObject({ kind: 'upload_song', projectId: id });
  await settle(id);
  expect((await studio.api.project(id)).song).toMatchObject({ fileName: 'my song.wav' });
});

test('a resumable upload is refused before its first byte when it can’t be taken', async () => {
  const { id } = await studio.api.createProject({ format });
  const cases = [
    {
      bytes: 10,
      metadata: { kind: 'song', projectId: crypto.randomUUID() },
      status: 404,
      error: 'ProjectNotFound',
    },
    {
      bytes: 10,
      metadata: { kind: 'clip', projectId: id, sequence: '4' },
      status: 404,
      error: 'SceneNotFound',
    },
    { bytes: 10, metadata: { kind: 'poem', projectId: id }, status: 400, error: 'BadRequest' },
    { bytes: 20_000_001, metadata: { kind: 'song', projectId: id }, status: 413, error: 'FileTooLarge' },
  ];
  for (const { bytes, metadata, status, error } of cases) {
    const answer = await begin(bytes, metadata);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error });
  }
});

test('what breaks or is refused within the protocol is told in the one form, without the inside', async () => {
  const { id } = await studio.api.createProject({ format });
  const target = new URL('uploads', `${studio.api.base}/`);
  const bare = await fetch(target, { method: 'POST', headers: { Origin: 'http://127.0.0.1' } });
  expect(bare.status).toBe(403);
  const old = await fetch(target, { method: 'POST' });
  expect([old.status, await old.json()]).toMatchObject([412, { error: 'UploadProtocol' }]);
  expect(old.headers.get('access-control-allow-origin')).toBeNull();
  const gone = await fetch(`${target}/${crypto.randomUUID()}`, { method: 'DELETE', headers: tus });
  expect([gone.status, await gone.json()]).toMatchObject([404, { error: 'UploadProtocol' }]);
  // A file lies where its folder was: an error that the protocol's server knows nothing of.
  const directory = join(studio.dataDirectory, 'uploads-in-progress');
  await rename(directory, `${directory}-away`);
  await Bun.write(directory, '');
  const broken = await begin(10, { kind: 'song', projectId: id });
  await rm(directory);
  await rename(`${directory}-away`, directory);
  expect([broken.status, await broken.json()]).toEqual([
    500,
    { error: 'InternalError', message: expect.not.stringContaining(directory) },
  ]);
});

test('a resumable upload of something that is no song is refused like any other', async () => {
  const { id } = await studio.api.createProject({ format });
  const text = 'not a song at all';
  const created = await begin(text.length, { kind: 'song', projectId: id });
  const answer = await fetch(new URL(created.headers.get('location') ?? '', studio.api.base), {
    method: 'PATCH',
    headers: { ...tus, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' },
    body: text,
  });
  expect(answer.status).toBe(415);
  expect(await answer.json()).toMatchObject({ message: expect.any(String) });
  expect((await studio.api.project(id)).song).toBeNull();
});

test('the sample project is made in one call and fills itself', async () => {
  const created = await studio.api.call<Project>('POST', '/projects/sample');
  const { id, scenes } = expectStatus(created, 201);
  expect(scenes).toHaveLength(3);
  await settle(id);
  const project = await studio.api.project(id);
  expect(project.song).not.toBeNull();
  expect(project.scenes.map((scene) => scene.currentTake?.frames)).toEqual([125, 200, 125]);
});

test('the studio says what it is', async () => {
  const facts = expectStatus(await studio.api.call<StudioFacts>('GET', '/studio'), 200);
  expect(facts.providers.map(({ kind, name, paid }) => [kind, name, paid])).toEqual([
    ['lipsync', 'local', false],
    ['image', 'local', false],
    ['video', 'local', false],
  ]);
  expect(facts.storage.bytes).toBeGreaterThan(100_000);
  expect(facts).toMatchObject({ sample: true, maxUploadBytes: 20_000_000, version: packageFile.version });
});

test('without material there is no sample, and without a page the API still answers', async () => {
  const bare = await startTestStudio();
  try {
    const refused = await bare.api.refused('POST', '/projects/sample');
    expect([refused.status, refused.body.error]).toEqual([501, 'NoSample']);
  } finally {
    await bare.stop();
  }
});
