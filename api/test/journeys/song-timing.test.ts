import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

// Real ffmpeg and the real engine take seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

/** The slice that a lip-sync is asked for comes from the database; workers are not needed to see it. */
let studio: TestStudio;
let clip: string;

beforeAll(async () => {
  studio = await startTestStudio();
  clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
});
afterAll(() => studio.stop());

async function projectWithClips(count: number, song = true): Promise<Project> {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  if (song) await api.uploadSong(project.id, await songFile());
  for (let sequence = 1; sequence <= count; sequence++) {
    await api.addScene(project.id);
    await api.uploadClip(project.id, sequence, clip);
  }
  return api.project(project.id);
}

/** Starts a lip-sync and cancels it: only what it was asked for matters here. */
async function askedSlice(projectId: string, sequence: number): Promise<[unknown, unknown]> {
  const { api } = studio;
  const job = expectStatus(
    await api.call<Job>('POST', `/projects/${projectId}/lipsync/${sequence}`, {
      headers: { Prefer: 'respond-async' },
    }),
    202,
  );
  await api.call('POST', `/jobs/${job.id}/cancel`);
  await studio.studio.services.jobs.wait(job.id, { timeoutMs: 20_000 });
  return [job.options['startFrame'], job.options['endFrame']];
}

const lipsync = (projectId: string, sequence: number | string) =>
  studio.api.refused('POST', `/projects/${projectId}/lipsync/${sequence}`);

describe('the slice of the song under a scene', () => {
  test('first scene, later scene, after a reorder, after a trim of an earlier scene', async () => {
    const { api } = studio;
    const project = await projectWithClips(3);
    expect(await askedSlice(project.id, 1)).toEqual([0, 50]);
    expect(await askedSlice(project.id, 3)).toEqual([100, 150]);

    await api.trim(project.id, 1, { inFrame: 10, outFrame: 37 });
    expect(await askedSlice(project.id, 3)).toEqual([77, 127]);

    const [first, second, third] = project.scenes.map((scene) => scene.id);
    await api.call(
      'PATCH',
      `/projects/${project.id}/scenes/reorder`,
      api.json({ sceneIds: [third, first, second] }),
    );
    expect(await askedSlice(project.id, 2)).toEqual([50, 77]);
    expect(await askedSlice(project.id, 3)).toEqual([77, 127]);
  });

  test('is cut at the song’s end, and refused beyond it', async () => {
    // The song has 8 s, the scenes 2 s each: the fourth ends with it, the fifth has none of it.
    const project = await projectWithClips(5);
    await studio.api.trim(project.id, 1, { inFrame: 0, outFrame: 45 });
    expect(await askedSlice(project.id, 5)).toEqual([195, 200]);
    await studio.api.trim(project.id, 1, { inFrame: 0, outFrame: 50 });
    const beyond = await lipsync(project.id, 5);
    expect([beyond.status, beyond.body.error]).toEqual([422, 'SliceOutsideSong']);
    expect(beyond.body.message).toContain('the song ends at 8.000 s');
  });

  test('is unknown after a scene without length', async () => {
    const { api } = studio;
    const project = await projectWithClips(1);
    await api.addScene(project.id, { sequence: 1 });
    const answer = await lipsync(project.id, 2);
    expect([answer.status, answer.body.error]).toEqual([400, 'SceneHasNoLength']);
    expect(answer.body.message).toContain('Scene 1');
    await api.call('PATCH', `/projects/${project.id}/scenes/1`, api.json({ plannedDuration: 1.2 }));
    expect(await askedSlice(project.id, 2)).toEqual([30, 80]);
  });
});

describe('a lip-sync that can’t be started', () => {
  test('checks project, scene, song, clip and options in this order', async () => {
    const { api } = studio;
    const bad = api.json({ temperature: 1.5 });
    const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
    const post = (path: string) => api.refused('POST', path, bad);
    const refusal = async (path: string) => {
      const answer = await post(path);
      return [answer.status, answer.body.error];
    };
    expect(await refusal('/projects/0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a/lipsync/1')).toEqual([
      404,
      'ProjectNotFound',
    ]);
    expect(await refusal(`/projects/${project.id}/lipsync/1`)).toEqual([404, 'SceneNotFound']);
    await api.addScene(project.id);
    expect(await refusal(`/projects/${project.id}/lipsync/1`)).toEqual([400, 'ProjectHasNoSong']);
    await api.uploadSong(project.id, await songFile());
    expect(await refusal(`/projects/${project.id}/lipsync/1`)).toEqual([400, 'SceneHasNoVideo']);
    await api.uploadClip(project.id, 1, clip);
    expect(await refusal(`/projects/${project.id}/lipsync/1`)).toEqual([400, 'BadRequest']);
  });

  test('two at once for one scene: one is accepted, the other told which job is in the way', async () => {
    const project = await projectWithClips(1);
    const send = () =>
      studio.api.call<{ id: string; error?: unknown; details?: { jobId: string } }>(
        'POST',
        `/projects/${project.id}/lipsync/1`,
        { headers: { Prefer: 'respond-async' } },
      );
    const answers = (await Promise.all([send(), send()])).sort((a, b) => a.status - b.status);
    expect(answers.map((answer) => answer.status)).toEqual([202, 409]);
    expect(answers[1]?.body.error).toBe('SceneBusy');
    expect(answers[1]?.body.details?.jobId).toBe(answers[0]?.body.id ?? '');
    await studio.studio.services.jobs.wait(answers[0]?.body.id ?? '', { timeoutMs: 20_000 });
  });
});
