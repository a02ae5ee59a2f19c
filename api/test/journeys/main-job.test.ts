import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { FinalVideo, Project, ProjectCard } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import type { SceneLipsync } from '../../contract/video.schema';
import { probeMedia } from '../../media/probe';
import { mediaFilesLeft } from '../../storage/media-files';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';
import { emptyBins } from './history.harness';

// Real ffmpeg and the real engine take seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

let studio: TestStudio;
let project: Project;

beforeAll(async () => {
  studio = await startTestStudio();
  project = await studio.api.createProject({ format: { width: 640, height: 360, fps: 25 } });
});
afterAll(() => studio.stop());

const path = (rest: string) => `/projects/${project.id}${rest}`;

describe('the main job', () => {
  test('song and three scenes of mixed origin become takes in the project’s format', async () => {
    const { api } = studio;
    project = await api.uploadSong(project.id, await songFile());
    expect(project.audioDuration).toBeCloseTo(8, 3);
    expect(project.audioBackingTrackS3Key).toBe(`projects/${project.id}/songs/${project.song?.id}.wav`);

    const clips = [
      await plainClip('tall-30.mp4', { size: '360x640', rate: '30', seconds: 2.52, sound: true }),
      await singerClip(),
      await plainClip('wide-ntsc.mp4', { size: '854x480', rate: '30000/1001', seconds: 1.2 }),
    ];
    for (const [index, clip] of clips.entries()) {
      await api.addScene(project.id, { prompt: `Scene ${index + 1}` });
      await api.uploadClip(project.id, index + 1, clip);
    }
    project = await api.project(project.id);
    expect(project.scenes.map((scene) => scene.frames)).toEqual([63, 50, 30]);
    expect(project.scenes.map((scene) => scene.startFrame)).toEqual([0, 63, 113]);
    expect(project.frames).toBe(143);
    for (const scene of project.scenes) {
      expect([scene.currentTake?.width, scene.currentTake?.height, scene.fitting]).toEqual([640, 360, false]);
      expect(scene.currentTake?.frames).toBe(scene.frames);
    }
  });

  test('a trim cuts the original to the frame and moves the scenes after it', async () => {
    const scene = await studio.api.trim(project.id, 1, { in: 0.4, out: 1.6 });
    expect([scene.frames, scene.currentTake?.kind]).toEqual([30, 'trimmed']);
    expect(scene.currentTake?.trim).toEqual({ inFrame: 10, outFrame: 40, in: 0.4, out: 1.6 });
    const wider = await studio.api.trim(project.id, 1, { inFrame: 5, outFrame: 45 });
    expect(wider.frames).toBe(40);
    const { scenes } = await studio.api.project(project.id);
    expect(scenes[1]?.startFrame).toBe(40);
  });

  test('a lip-sync takes exactly the slice of the song under the scene and keeps the original', async () => {
    const before = (await studio.api.project(project.id)).scenes[1];
    const answer = await studio.api.call<SceneLipsync>(
      'POST',
      path('/lipsync/2?occlusion_detection_enabled=false'),
      studio.api.json({ temperature: 0.7, active_speaker_detection: true }),
    );
    const synced = expectStatus(answer, 200);
    expect(synced).toMatchObject({
      projectId: project.id,
      sequence: 2,
      status: 'succeeded',
      provider: 'local',
      ignoredOptions: [],
      options: { temperature: 0.7, active_speaker_detection: true, occlusion_detection_enabled: false },
      audioSegment: { start: 1.6, end: 3.6, startFrame: 40, endFrame: 90 },
    });
    expect(synced.scene.currentTake?.kind).toBe('lipsynced');
    expect(synced.scene.currentTake?.parentId).toBe(before?.currentTake?.id ?? '');
    expect(synced.scene.originalTake?.id).toBe(before?.originalTake?.id ?? '');
    expect(synced.videoClipUrl).not.toBe(synced.originalVideoClipUrl);
    expect(synced.scene.lipsync).toMatchObject({ stale: false, staleReason: null });

    const file = join(studio.dataDirectory, 'synced.mp4');
    await Bun.write(file, await studio.api.media(synced.videoClipUrl));
    const info = await probeMedia(studio.studio.services.mediaTools, file);
    expect([info.video?.frames, info.video?.fps]).toEqual([50, 25]);
    expect(info.audio?.duration).toBeCloseTo(2, 1);
  });

  test('composing gives one video with every frame and the song', async () => {
    const final = await studio.api.compose(project.id);
    expect(final).toMatchObject({ frames: 120, fps: 25, width: 640, height: 360, outOfDate: false });
    const file = join(studio.dataDirectory, 'final.mp4');
    await Bun.write(file, await studio.api.media(final.url));
    const info = await probeMedia(studio.studio.services.mediaTools, file);
    expect(info.video?.frames).toBe(120);
    expect(info.audio?.duration).toBeCloseTo(4.8, 1);
    const saved = await fetch(`${studio.studio.url}${final.downloadUrl}`);
    expect([saved.status, saved.headers.get('content-disposition')]).toEqual([
      200,
      'attachment; filename=Test.mp4',
    ]);
    expect((await saved.arrayBuffer()).byteLength).toBe(final.bytes);
  });

  test('reordering makes the lip-sync stale and the video out of date; reverting keeps every take', async () => {
    const { api } = studio;
    const ids = project.scenes.map((scene) => scene.id);
    const reordered = expectStatus(
      await api.call<Project>(
        'PATCH',
        path('/scenes/reorder'),
        api.json({ sceneIds: [ids[1], ids[0], ids[2]] }),
      ),
      200,
    );
    expect(reordered.scenes.map((scene) => scene.sequence)).toEqual([1, 2, 3]);
    expect(reordered.scenes[0]?.lipsync).toMatchObject({ stale: true, staleReason: 'moved' });
    expect(expectStatus(await api.call<FinalVideo>('GET', path('/final-video')), 200).outOfDate).toBe(true);
    const { projects } = expectStatus(await api.call<{ projects: ProjectCard[] }>('GET', '/projects'), 200);
    expect(projects.find(({ id }) => id === project.id)?.state).toBe('failed');

    const { takes } = expectStatus(
      await api.call<{ takes: { id: string; kind: string }[] }>('GET', path('/scenes/1/takes')),
      200,
    );
    expect(takes.map((take) => take.kind).sort()).toEqual(['lipsynced', 'original']);
    const original = takes.find((take) => take.kind === 'original');
    const reverted = expectStatus(
      await api.call<Scene>('POST', path(`/scenes/1/takes/${original?.id}/select`)),
      200,
    );
    expect([reverted.currentTake?.kind, reverted.lipsync]).toEqual(['original', null]);
  });

  test('syncing again starts from the un-synced clip with the new slice', async () => {
    const { api } = studio;
    const again = expectStatus(await api.call<SceneLipsync>('POST', path('/lipsync/1')), 200);
    expect(again.audioSegment).toMatchObject({ startFrame: 0, endFrame: 50 });
    const twice = expectStatus(await api.call<SceneLipsync>('POST', path('/lipsync/1')), 200);
    expect(twice.scene.currentTake?.parentId).toBe(again.scene.currentTake?.parentId ?? '');
    expect(twice.scene.currentTake?.id).not.toBe(again.scene.currentTake?.id);
  });

  test('a clip without a face fails with advice and leaves the scene as it was', async () => {
    const { api } = studio;
    const before = (await api.project(project.id)).scenes[2];
    const answer = await api.refused('POST', path('/lipsync/3'));
    expect([answer.status, answer.body.error]).toEqual([422, 'NoFaceFound']);
    const after = (await api.project(project.id)).scenes[2];
    expect(after?.currentTake?.id).toBe(before?.currentTake?.id ?? '');
    expect(after?.lastError).toMatchObject({ code: 'NoFaceFound', kind: 'lipsync' });
    expect(after?.activeJob).toBeNull();
  });

  test('videos are served by id, whole and in ranges', async () => {
    const { scenes } = await studio.api.project(project.id);
    const take = scenes[0]?.currentTake;
    const url = `${studio.api.base}/get_video/${take?.id}`;
    const whole = await fetch(url);
    expect([whole.status, whole.headers.get('accept-ranges')]).toEqual([200, 'bytes']);
    const bytes = new Uint8Array(await whole.arrayBuffer());
    expect(bytes.length).toBe(take?.bytes ?? 0);
    const part = await fetch(url, { headers: { Range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-199/${bytes.length}`]);
    expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.slice(100, 200));
    const beyond = await fetch(url, { headers: { Range: `bytes=${bytes.length}-` } });
    expect(beyond.status).toBe(416);
    const info = await studio.api.call('GET', `/get_video/${take?.id}/info`);
    expect(info.body).toMatchObject({ exists: true, kind: 'take', frames: 50, fps: 25, duration: 2 });
    const elsewhere = await fetch(`${url}?redirect=true`, { redirect: 'manual' });
    expect([elsewhere.status, elsewhere.headers.get('cache-control')]).toEqual([302, 'private, no-store']);
    const followed = await fetch(new URL(elsewhere.headers.get('location') ?? '', url));
    expect(new Uint8Array(await followed.arrayBuffer())).toEqual(bytes);
    const plain = await fetch(`${url}?redirect=false`, { redirect: 'manual' });
    expect([plain.status, (await plain.arrayBuffer()).byteLength]).toEqual([200, bytes.length]);
  });

  test('a scene tells the length of its clip also as videoDuration; without one it has none', async () => {
    const [first] = (await studio.api.project(project.id)).scenes;
    expect([first?.videoDuration, first?.duration]).toEqual([2, 2]);
    const empty = await studio.api.addScene(project.id, { plannedDuration: 3 });
    expect([empty.videoDuration, empty.duration]).toEqual([null, 3]);
    const gone = await studio.api.call('DELETE', path(`/scenes/${empty.sequence}`));
    expect(gone.status).toBeLessThan(300);
  });

  test('no local media is left', async () => {
    expect(await mediaFilesLeft(studio.studio.services.config.mediaRoot)).toEqual([]);
  });

  test('deleting a scene takes the file of a canceled upload with it', async () => {
    const { api } = studio;
    const scene = await api.addScene(project.id);
    const job = expectStatus(
      await api.call<Job>('POST', path(`/scenes/${scene.sequence}/upload_video?filename=singer.mp4`), {
        body: Bun.file(await singerClip()),
        headers: { Prefer: 'respond-async' },
      }),
      202,
    );
    await api.call('POST', `/jobs/${job.id}/cancel`);
    const { jobs, storage } = studio.studio.services;
    await jobs.wait(job.id, { timeoutMs: 20_000 });
    const key = String(job.options['sourceKey']);
    expect(await storage.head(key)).not.toBeNull();
    expect((await api.call('DELETE', path(`/scenes/${scene.sequence}`))).status).toBe(204);
    await emptyBins(studio.studio.services);
    await storage.sweep();
    expect(await storage.head(key)).toBeNull();
  });

  test('deleting the project takes its media with it', async () => {
    const key = (await studio.api.project(project.id)).scenes[0]?.currentTake?.s3Key ?? '';
    expect((await studio.api.call('DELETE', path(''))).status).toBe(204);
    expect((await studio.api.call('GET', path(''))).status).toBe(404);
    const { storage } = studio.studio.services;
    expect(await storage.head(key)).not.toBeNull();
    await storage.sweep();
    expect(await storage.head(key)).toBeNull();
  });
});
