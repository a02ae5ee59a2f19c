import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import type { StudioFacts } from '../../contract/studio.schema';
import { mediaFilesLeft } from '../../storage/media-files';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';

// Real ffmpeg and the real engine take seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

type Result = {
  job_id: string;
  video_id: string;
  video_url: string;
  audio_url: string;
  metadata: Record<string, unknown>;
};

let studio: TestStudio;
let files: ReturnType<typeof Bun.serve>;
const asked: string[] = [];

beforeAll(async () => {
  studio = await startTestStudio({ FETCH_ALLOW_LOOPBACK: 'true' });
  const served: Record<string, string> = {
    '/singer.mp4': await singerClip(),
    '/song.wav': await songFile(),
    '/plain.mp4': await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }),
  };
  files = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      const path = served[pathname];
      return path === undefined ? new Response('no', { status: 404 }) : new Response(Bun.file(path));
    },
  });
});
afterAll(async () => {
  await files.stop(true);
  await studio.stop();
});

const at = (path: string) => `http://127.0.0.1:${files.port}${path}`;
const lipsync = (body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  studio.api.call<Result & { error?: string; message?: string }>(
    'POST',
    '/lipsync',
    studio.api.json(body, headers),
  );

test('a clip and a sound given by URL become a video that can be fetched by its id', async () => {
  const answer = await lipsync({
    video_url: at('/singer.mp4'),
    audio_url: at('/song.wav'),
    start_time: 1.5,
    end_time: 3,
    temperature: 0.4,
    active_speaker_detection: null,
    occlusion_detection_enabled: null,
  });
  const result = expectStatus(answer, 200);
  expect(asked.sort()).toEqual(['/singer.mp4', '/song.wav']);
  expect(result.metadata).toMatchObject({
    provider: 'local',
    options: { temperature: 0.4, active_speaker_detection: false, occlusion_detection_enabled: false },
    ignored_options: [],
    width: 640,
    height: 360,
    fps: 25,
    frames: 50,
    duration: 2,
    start_time: 1.5,
    end_time: 3,
    model_used: result.metadata['model'],
    parameters_used: {
      temperature: 0.4,
      active_speaker_detection: false,
      occlusion_detection_enabled: false,
    },
    file_size_bytes: result.metadata['file_size'],
  });
  const { finishedAt } = await studio.api.job(result.job_id);
  expect(result.metadata['generation_timestamp']).toBe(finishedAt ?? '');
  const video = await studio.api.media(result.video_url);
  expect(Number(video.headers.get('content-length'))).toBe(Number(result.metadata['file_size']));
  const sound = new Uint8Array(await (await studio.api.media(result.audio_url)).arrayBuffer());
  // 1.5 s of 48 kHz mono 16-bit samples behind a WAV header.
  expect(sound.length - 72_000 * 2).toBeLessThan(200);
  expect(sound.length - 72_000 * 2).toBeGreaterThanOrEqual(44);
  const byId = await fetch(`${studio.api.base}/get_video/${result.video_id}`);
  expect(byId.status).toBe(200);
});

test('with project_id and sequence the result becomes the scene’s take, marked as made for other sound', async () => {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 640, height: 360, fps: 25 } });
  await api.addScene(project.id);
  await api.uploadClip(project.id, 1, await singerClip());
  const original = (await api.project(project.id)).scenes[0]?.currentTake;
  const stored = async () => (await api.call<StudioFacts>('GET', '/studio')).body.storage;
  const before = await stored();
  const result = expectStatus(
    await lipsync({
      video_id: original?.id,
      audio_url: at('/song.wav'),
      project_id: project.id,
      sequence: 1,
    }),
    200,
  );
  // Without an end, the sound is used as long as the clip is.
  expect(result.metadata).toMatchObject({ start_time: 0, end_time: 2 });
  const sound = await (await api.media(result.audio_url)).bytes();
  const now = await stored();
  // The video and the sound it was made for.
  expect([now.files - before.files, now.bytes - before.bytes]).toEqual([
    2,
    Number(result.metadata['file_size']) + sound.length,
  ]);
  const after: Project = await api.project(project.id);
  const [scene] = after.scenes;
  expect(scene?.currentTake).toMatchObject({
    id: result.video_id,
    kind: 'lipsynced',
    parentId: original?.id,
    // Its sound is no file that it was made from.
    sourceUrl: null,
    sourceName: null,
  });
  const [kept] = await studio.studio.services.sql<{ soundKey: string; sourceKey: string | null }[]>`
    select sound_key, source_key from takes where id = ${result.video_id}`;
  expect(kept).toEqual({ soundKey: expect.stringMatching(/\.wav$/), sourceKey: null });
  expect(scene?.originalTake?.id).toBe(original?.id ?? '');
  expect(scene?.lipsync).toMatchObject({ stale: true, staleReason: 'other-sound' });
});

test('with Prefer: respond-async the job is answered at once and told where it is', async () => {
  const answer = await studio.api.call<Job>(
    'POST',
    '/lipsync',
    studio.api.json(
      { video_url: at('/missing.mp4'), audio_url: at('/song.wav') },
      { Prefer: 'respond-async' },
    ),
  );
  const job = expectStatus(answer, 202);
  expect(answer.headers.get('location')).toBe(`/api/mv/jobs/${job.id}`);
  expect(answer.headers.get('preference-applied')).toBe('respond-async');
  const ended = await studio.studio.services.jobs.wait(job.id, { timeoutMs: 60_000 });
  expect([ended.state, ended.error?.code]).toEqual(['failed', 'UrlNotFetched']);
});

test('a sound that ends before start_time, and a clip that nobody is in', async () => {
  const late = await lipsync({ video_url: at('/singer.mp4'), audio_url: at('/song.wav'), start_time: 60 });
  expect([late.status, late.body.error]).toEqual([422, 'SliceOutsideAudio']);
  const empty = await lipsync({ video_url: at('/plain.mp4'), audio_url: at('/song.wav') });
  expect([empty.status, empty.body.error]).toEqual([422, 'NoFaceFound']);
});

test('no local media is left', async () => {
  expect(await mediaFilesLeft(studio.studio.services.config.mediaRoot)).toEqual([]);
});
