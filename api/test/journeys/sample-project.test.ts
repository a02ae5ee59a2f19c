import { expect, setDefaultTimeout, test } from 'bun:test';
import type { StudioJob } from '../../contract/job.schema';
import type { Project, ProjectCard } from '../../contract/project.schema';
import { SAMPLE_TEMPLATE_ID } from '../../library/sample-template.rules';
import { expectStatus, startTestStudio } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';

setDefaultTimeout(400_000);

const sampleMaterial = async (singer?: string) => {
  const clip = await plainClip('sample.mp4', { size: '320x180', rate: '25', seconds: 1.2 });
  return { song: await songFile(), clips: [clip, singer ?? (await singerClip()), clip] };
};

test('the sample that was prepared is there at once: lip-synced, composed, everybody’s own', async () => {
  const studio = await startTestStudio(
    { PREPARE_SAMPLE: 'true' },
    { sampleMaterial: () => sampleMaterial() },
  );
  try {
    const { api } = studio;
    await studio.studio.services.sample.prepare();
    // What it is copied from is nobody's project and nobody's work.
    const { projects } = expectStatus(await api.call<{ projects: ProjectCard[] }>('GET', '/projects'), 200);
    const { jobs } = expectStatus(await api.call<{ jobs: StudioJob[] }>('GET', '/jobs'), 200);
    expect([projects, jobs]).toEqual([[], []]);
    const first = expectStatus(await api.call<Project>('POST', '/projects/sample'), 201);
    expect(first.id).not.toBe(SAMPLE_TEMPLATE_ID);
    expect(first.song).not.toBeNull();
    // The clips of this test are shorter than their scenes, so they are fitted ones.
    expect(first.scenes.map((scene) => scene.currentTake?.kind)).toEqual(['trimmed', 'lipsynced', 'trimmed']);
    expect(first.scenes[1]?.lipsync).toMatchObject({ stale: false });
    const composing = first.activeJobs.find(({ kind }) => kind === 'compose');
    if (composing !== undefined) {
      await studio.studio.services.jobs.wait(composing.id, { timeoutMs: 60_000 });
    }
    expect((await api.project(first.id)).finalVideo).toMatchObject({ outOfDate: false });
    // Each is whole without the others.
    const second = expectStatus(await api.call<Project>('POST', '/projects/sample'), 201);
    for (const job of second.activeJobs) {
      await studio.studio.services.jobs.wait(job.id, { timeoutMs: 60_000 });
    }
    expectStatus(await api.call('DELETE', `/projects/${first.id}`), 204);
    const kept = await api.project(second.id);
    expect((await api.media(kept.scenes[1]?.videoClipUrl)).status).toBe(200);
    expect((await api.media(kept.finalVideo?.url)).status).toBe(200);
  } finally {
    await studio.stop();
  }
});

test('who asks before it is ready gets one that fills and composes itself, also when nobody can be synced', async () => {
  let makeMaterial = () => {};
  const asked = new Promise<void>((resolve) => {
    makeMaterial = resolve;
  });
  const studio = await startTestStudio(
    { PREPARE_SAMPLE: 'true' },
    {
      sampleMaterial: async () => {
        await asked;
        return sampleMaterial(await plainClip('nobody.mp4', { size: '320x180', rate: '25', seconds: 1.2 }));
      },
    },
  );
  try {
    const { api } = studio;
    const { id, scenes } = expectStatus(await api.call<Project>('POST', '/projects/sample'), 201);
    expect(scenes.map((scene) => scene.currentTake)).toEqual([null, null, null]);
    const events = await studio.studio.services.subscribeToProject(id, {
      signal: AbortSignal.timeout(380_000),
    });
    makeMaterial();
    for await (const event of events) {
      expect(event).toBeDefined();
      if ((await api.project(id)).finalVideo !== null) break;
    }
    const { scenes: made, finalVideo } = await api.project(id);
    expect(finalVideo).toMatchObject({ outOfDate: false });
    expect(made.map((scene) => scene.currentTake?.kind)).toEqual(['trimmed', 'trimmed', 'trimmed']);
    expect(made[1]?.lastError).toMatchObject({ code: 'NoFaceFound' });
  } finally {
    await studio.stop();
  }
});
