import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import type {
  CharacterReferenceResult,
  GeneratedImage,
  GeneratedVideo,
  StandaloneVideoResult,
} from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate, Ledger, Providers } from '../../contract/provider.schema';
import type { Take } from '../../contract/take.schema';
import type { VideoInfo } from '../../contract/video.schema';
import { FAULT_STUDIO_TOKEN, type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';

setDefaultTimeout(120_000);

let studio: FaultStudio;
let projectId: string;
let clip: Bun.BunFile;
let picture: Bun.BunFile;
const format = { width: 320, height: 180, fps: 25 };

beforeAll(async () => {
  studio = await startFaultStudio();
  clip = Bun.file(await plainClip('generated-24.mp4', { size: '640x360', rate: '24', seconds: 4 }));
  picture = Bun.file(await plainClip('picture.png', { size: '640x360', rate: '1', seconds: 1, still: true }));
  const project = await studio.api.createProject({
    format,
    title: 'Rain',
    characterDescription: 'a woman with a red umbrella',
  });
  projectId = project.id;
  await studio.api.addScene(projectId, { prompt: 'She walks along the quay', plannedDuration: 2.4 });
});
afterAll(() => studio.stop());

const scenePath = (rest: string, sequence = 1) => `/projects/${projectId}/scenes/${sequence}${rest}`;
const takes = async () =>
  expectStatus(await studio.ask<{ takes: Take[] }>('GET', scenePath('/takes')), 200).takes;
const atReplicate = { provider: 'replicate' } as const;

test('the providers that are on are listed with models, options and prices', async () => {
  const list = expectStatus(await studio.ask<Providers>('GET', '/providers'), 200);
  const named = (kind: keyof Providers) => list[kind].map(({ name, model }) => `${name} ${model}`);
  expect(named('lipsync').slice(1)).toEqual([
    ...['replicate sync/lipsync-2-pro', 'replicate sync/lipsync-2', 'replicate kwaivgi/kling-lip-sync'],
    ...['sync lipsync-2-pro', 'sync lipsync-2', 'sync sync-3'],
  ]);
  expect(named('image').slice(1)[0]).toBe('replicate google/imagen-4');
  expect(named('video').slice(1)[0]).toBe('replicate google/veo-3.1-fast');
  for (const kind of ['lipsync', 'image', 'video'] as const) {
    expect(list[kind].filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(['local']);
    expect(list[kind].every(({ paid, unitUsd }) => (paid ? (unitUsd ?? 0) > 0 : unitUsd === 0))).toBe(true);
  }
  const kling = list.lipsync.find(({ model }) => model === 'kwaivgi/kling-lip-sync');
  expect(kling).toMatchObject({ options: [], unit: 'second', unitUsd: 0.014, label: 'Replicate' });
});

test('every new call stands in the API’s own description', async () => {
  const answer = await fetch(new URL('/openapi.json', studio.api.base));
  const { paths }: { paths: Record<string, Record<string, { requestBody?: unknown }>> } = JSON.parse(
    await answer.text(),
  );
  const project = '/api/mv/projects/{projectId}';
  const posts = [
    ...[`${project}/lipsync`, `${project}/lipsync/{sequence}`],
    ...[`${project}/scenes/{sequence}/generate_image`, `${project}/scenes/{sequence}/generate_video`],
    ...['/api/mv/generate_video', '/api/mv/generate_character_reference'],
  ];
  for (const path of posts.flatMap((one) => [one, `${one}/estimate`])) {
    expect({ path, body: paths[path]?.['post']?.requestBody !== undefined }).toEqual({ path, body: true });
  }
  expect(paths['/api/mv/providers']).toBeDefined();
});

describe('a scene’s image', () => {
  test('by this machine: a take, free, and the words in it', async () => {
    const answer = await studio.ask<GeneratedImage>('POST', scenePath('/generate_image'), {});
    const made = expectStatus(answer, 200);
    expect(made).toMatchObject({
      provider: 'local',
      costUsd: 0,
      charged: null,
      sequence: 1,
      prompt: 'She walks along the quay\n\nCharacter: a woman with a red umbrella',
    });
    expect(made.scene.imageTake).toMatchObject({ id: made.takeId, kind: 'image', costUsd: 0 });
    expect((await studio.api.media(made.imageUrl)).headers.get('content-type')).toMatch(/^image\//);
  });

  test('by Replicate: a new take, the old one stays; options it lacks are named', async () => {
    const [first] = await takes();
    studio.replicate.script({ output: { bytes: picture, contentType: 'image/png' } });
    const made = expectStatus(
      await studio.ask<GeneratedImage>('POST', scenePath('/generate_image'), {
        ...atReplicate,
        prompt: 'A quay in the rain',
        negativePrompt: 'people',
        seed: 7,
      }),
      200,
    );
    expect(made).toMatchObject({
      provider: 'replicate',
      model: 'google/imagen-4',
      costUsd: 0.04,
      charged: 'yes',
      ignoredOptions: ['negativePrompt', 'seed'],
    });
    const [sent] = studio.replicate.ledger.slice(-1);
    expect(sent).toMatchObject({ model: 'google/imagen-4', unknownFields: [] });
    expect(String(sent?.input['prompt'])).toStartWith('A quay in the rain\n\nCharacter: a woman with');
    expect(sent?.input['aspect_ratio']).toBe('16:9');
    const all = await takes();
    expect(all.map(({ id }) => id)).toEqual([made.takeId, first?.id ?? '']);
    expect(all[0]).toMatchObject({ kind: 'image', width: 640, height: 360, costUsd: 0.04 });
  });
});

describe('a scene’s clip', () => {
  test('by Replicate: from the image, paid in whole lengths, exactly the planned frames', async () => {
    const path = scenePath('/generate_video');
    const estimate = expectStatus(
      await studio.ask<Estimate>('POST', `${path}/estimate`, { ...atReplicate, seed: 3 }),
      200,
    );
    expect(estimate).toMatchObject({
      kind: 'video',
      model: 'google/veo-3.1-fast',
      seconds: 4,
      usd: 0.4,
      unit: 'second',
      asOf: '2026-10-15',
      ignoredOptions: [],
      fitsBudget: null,
      typicalSeconds: { from: 40, to: 120 },
    });
    studio.replicate.script({ output: { bytes: clip, contentType: 'video/mp4' } });
    const made = expectStatus(
      await studio.ask<GeneratedVideo>('POST', path, { ...atReplicate, seed: 3 }),
      200,
    );
    expect(made).toMatchObject({
      model: 'google/veo-3.1-fast',
      frames: 60,
      duration: 2.4,
      receivedFrames: 100,
      costUsd: 0.4,
      charged: 'yes',
      ignoredOptions: [],
    });
    const sent = studio.replicate.ledger.at(-1);
    expect(sent?.input).toMatchObject({ duration: 4, seed: 3, generate_audio: false });
    expect(sent?.input['image']).toStartWith(studio.replicate.url);
    expect(sent?.unknownFields).toEqual([]);
    const { currentTake, originalTake } = made.scene;
    expect(currentTake).toMatchObject({ id: made.takeId, kind: 'original', frames: 60, width: 320 });
    expect(originalTake?.id).toBe(made.takeId);
    // What came is kept for trims.
    expect(currentTake?.sourceUrl).not.toBeNull();
  });

  test('by this machine: a new original take, the paid one stays', async () => {
    const made = expectStatus(
      await studio.ask<GeneratedVideo>('POST', scenePath('/generate_video'), { duration: 1 }),
      200,
    );
    expect(made).toMatchObject({ provider: 'local', frames: 25, receivedFrames: 25, costUsd: 0 });
    const videos = (await takes()).filter(({ kind }) => kind === 'original');
    expect(videos.map(({ frames }) => frames)).toEqual([25, 60]);
  });

  test('one that is longer than any model makes is refused before it is paid', async () => {
    const creates = studio.replicate.ledger.length;
    const refused = await studio.api.refused(
      'POST',
      scenePath('/generate_video'),
      studio.api.json({ ...atReplicate, duration: 20 }),
    );
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({ error: 'ProviderCannotDoThis' });
    expect(refused.body.message).toContain('Nothing was charged');
    expect(studio.replicate.ledger.length).toBe(creates);
  });
});

describe('outside any scene', () => {
  test('POST /generate_video makes a video that is fetched by its id', async () => {
    studio.replicate.script({ output: { bytes: clip, contentType: 'video/mp4' } });
    const made = expectStatus(
      await studio.ask<StandaloneVideoResult>('POST', '/generate_video', {
        ...atReplicate,
        model: 'bytedance/seedance-1-pro',
        prompt: 'Waves',
        duration: 3,
        format,
      }),
      200,
    );
    expect(made.metadata).toMatchObject({ frames: 75, fps: 25, width: 320, cost_usd: 0.45, charged: 'yes' });
    const info = await studio.ask<VideoInfo>('GET', `/get_video/${made.video_id}/info`);
    expect(expectStatus(info, 200)).toMatchObject({ kind: 'video', frames: 75 });
    const bytes = await fetch(`${studio.api.base}/get_video/${made.video_id}`, {
      headers: { Authorization: `Bearer ${FAULT_STUDIO_TOKEN}` },
    });
    expect((await bytes.bytes()).length).toBe(made.metadata.file_size);
  });

  test('with project_id and sequence it is that scene’s clip', async () => {
    const made = expectStatus(
      await studio.ask<StandaloneVideoResult>('POST', '/generate_video', {
        prompt: 'A street',
        duration: 1,
        project_id: projectId,
        sequence: 1,
      }),
      200,
    );
    const { scenes } = await studio.api.project(projectId);
    expect(scenes[0]?.currentTake?.id).toBe(made.video_id);
  });

  test('a character reference is kept by its project and given along', async () => {
    studio.replicate.script({ output: { bytes: picture, contentType: 'image/png' } });
    const made = expectStatus(
      await studio.ask<CharacterReferenceResult>('POST', '/generate_character_reference', {
        ...atReplicate,
        project_id: projectId,
      }),
      200,
    );
    expect(made).toMatchObject({ project_id: projectId, metadata: { cost_usd: 0.04 } });
    expect(made.metadata.prompt).toContain('a woman with a red umbrella');
    const { characterImages } = await studio.api.project(projectId);
    expect(characterImages.map(({ id }) => id)).toEqual([made.image_id]);

    studio.replicate.script({ output: { bytes: picture, contentType: 'image/png' } });
    const image = expectStatus(
      await studio.ask<GeneratedImage>('POST', scenePath('/generate_image'), {
        ...atReplicate,
        model: 'google/nano-banana-pro',
      }),
      200,
    );
    expect(image.ignoredOptions).toEqual([]);
    expect(studio.replicate.ledger.at(-1)?.input['image_input']).toEqual([
      expect.stringContaining(studio.replicate.url),
    ]);
  });

  test('a reference that nobody described is refused', async () => {
    const refused = await studio.api.refused('POST', '/generate_character_reference', studio.api.json({}));
    expect(refused).toMatchObject({ status: 400, body: { error: 'NoDescription' } });
  });
});

describe('what is asked wrongly', () => {
  test.each([
    ['/generate_image', { prompt: '  ' }, 'BadRequest', 'prompt'],
    ['/generate_image', { provider: 'sync' }, 'ProviderNotEnabled', 'Use local or replicate'],
    ['/generate_image', { provider: 'replicate', model: 'some/model' }, 'ModelNotOffered', 'some/model'],
    ['/generate_video', { duration: 0 }, 'BadRequest', 'at least 0.1'],
    ['/generate_video', { seed: 1.5 }, 'BadRequest', 'whole number'],
    ['/generate_video', { durations: 3 }, 'BadRequest', 'no such field'],
  ])('%s %o', async (path, body, code, words) => {
    const refused = await studio.api.refused('POST', scenePath(path), studio.api.json(body));
    expect(refused).toMatchObject({ status: 400, body: { error: code } });
    expect(refused.body.message).toContain(words);
  });

  test('a scene without words or length', async () => {
    const { sequence } = await studio.api.addScene(projectId);
    const image = await studio.api.refused('POST', scenePath('/generate_image', sequence));
    expect(image).toMatchObject({ status: 400, body: { error: 'SceneHasNoPrompt' } });
    const video = await studio.api.refused(
      'POST',
      scenePath('/generate_video', sequence),
      studio.api.json({ prompt: 'Night' }),
    );
    expect(video).toMatchObject({ status: 400, body: { error: 'SceneHasNoLength' } });
  });
});

describe('budget', () => {
  test('what would pass it is refused before it is started, and said in the estimate', async () => {
    const { body: ledger } = await studio.ask<Ledger>('GET', `/projects/${projectId}/ledger`);
    const jobs = async () =>
      (await studio.ask<{ jobs: Job[] }>('GET', `/projects/${projectId}/jobs`)).body.jobs.length;
    await studio.ask('PATCH', `/projects/${projectId}`, { budgetUsd: ledger.spentUsd + 0.3 });
    const before = { creates: studio.replicate.ledger.length, jobs: await jobs() };
    const body = { ...atReplicate, prompt: 'Waves' };
    const estimate = await studio.ask<Estimate>('POST', scenePath('/generate_video/estimate'), body);
    expect(estimate.body).toMatchObject({ usd: 0.4, fitsBudget: false });
    const refused = await studio.api.refused('POST', scenePath('/generate_video'), studio.api.json(body));
    expect(refused).toMatchObject({ status: 409, body: { error: 'BudgetExceeded' } });
    expect({ creates: studio.replicate.ledger.length, jobs: await jobs() }).toEqual(before);
    // This machine's work costs nothing, whatever is left.
    await studio.ask('PATCH', `/projects/${projectId}`, { budgetUsd: 0 });
    expect((await studio.ask('POST', scenePath('/generate_image'), {})).status).toBe(200);
  });
});

test('deleting the project queues its references too', async () => {
  const { characterImages } = await studio.api.project(projectId);
  expect(characterImages.length).toBe(1);
  expect((await studio.ask('DELETE', `/projects/${projectId}`)).status).toBe(204);
  const rows = await studio.sql`select 1 from object_deletions where s3_key like 'images/%'`;
  expect(rows.length).toBeGreaterThan(0);
});
