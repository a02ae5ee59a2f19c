import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import type { BatchLipsync } from '../../contract/lipsync.schema';
import type { BatchEstimate, Estimate } from '../../contract/provider.schema';
import type { SceneLipsync } from '../../contract/video.schema';
import { type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

let studio: FaultStudio;
let projectId: string;
let clip: string;
const scenesWithClips = 3;

beforeAll(async () => {
  studio = await startFaultStudio();
  clip = await plainClip('faults-25.mp4', { size: '128x128', rate: '25', seconds: 1 });
  projectId = (await studio.api.createProject({ format: { width: 128, height: 128, fps: 25 } })).id;
  await studio.api.uploadSong(projectId, await songFile());
  for (let sequence = 1; sequence <= scenesWithClips; sequence += 1) {
    await studio.api.addScene(projectId);
    await studio.api.uploadClip(projectId, sequence, clip);
  }
  // One without a clip, and one with a clip that begins after the song's end.
  await studio.api.addScene(projectId, { plannedDuration: 8 });
  await studio.api.addScene(projectId);
  await studio.api.uploadClip(projectId, 5, clip);
});
afterAll(() => studio.stop());

const output = () => ({ bytes: Bun.file(clip), contentType: 'video/mp4' });
const post = <Body>(rest: string, body: unknown, headers: Record<string, string> = {}) =>
  studio.ask<Body>('POST', `/projects/${projectId}/lipsync${rest}`, body, headers);
const stateOf = ({ scenes }: BatchLipsync) =>
  scenes.map(({ sequence, status, error }) => [sequence, status, error?.error ?? null]);

test('the sum of the estimates, and what would be passed over', async () => {
  const options = { provider: 'replicate', occlusion_detection_enabled: true };
  const all = expectStatus(await post<BatchEstimate>('/estimate', options), 200);
  expect(all.scenes.map(({ sequence, estimate }) => [sequence, estimate.seconds, estimate.usd])).toEqual([
    [1, 1, 0.08325],
    [2, 1, 0.08325],
    [3, 1, 0.08325],
  ]);
  expect(all).toMatchObject({ totalUsd: 0.24975, fitsBudget: null });
  expect(all.scenes[0]?.estimate.ignoredOptions).toEqual(['occlusion_detection_enabled']);
  expect(all.skipped.map(({ sequence, error }) => [sequence, error.error])).toEqual([
    [4, 'SceneSkipped'],
    [5, 'SliceOutsideSong'],
  ]);
  const one = expectStatus(await post<Estimate>('/2/estimate', { provider: 'sync' }), 200);
  expect(one).toMatchObject({ model: 'lipsync-2-pro', usd: 0.083, ignoredOptions: [] });
});

test('options that are null are as good as left out, for one scene and for many', async () => {
  const none = { temperature: null, active_speaker_detection: null, occlusion_detection_enabled: null };
  const one = expectStatus(await post<Estimate>('/1/estimate', { provider: 'replicate', ...none }), 200);
  expect(one.ignoredOptions).toEqual([]);
  const all = expectStatus(await post<BatchEstimate>('/estimate', { provider: 'replicate', ...none }), 200);
  expect(all.scenes.map(({ estimate }) => estimate.ignoredOptions)).toEqual([[], [], []]);
});

test('a scene that is being worked on is passed over, and its job is named', async () => {
  studio.replicate.script({ by: 'advance', statuses: ['processing', 'succeeded'], output: output() });
  const started = await post<Job>('/1', { provider: 'replicate' }, { Prefer: 'respond-async' });
  const jobId = expectStatus(started, 202).id;
  const created = await studio.replicate.awaitCreate(1);
  const all = expectStatus(await post<BatchEstimate>('/estimate', { scenes: [1, 2] }), 200);
  expect(all.scenes.map(({ sequence }) => sequence)).toEqual([2]);
  expect(all.skipped).toMatchObject([{ sequence: 1, error: { error: 'SceneBusy', details: { jobId } } }]);
  await studio.ask('POST', `/jobs/${jobId}/cancel`);
  await studio.replicate.finish(created.id, 'canceled');
  await studio.ended(jobId);
});

test('a budget that the sum would pass starts nothing', async () => {
  await studio.ask('PATCH', `/projects/${projectId}`, { budgetUsd: 0.2 });
  const refused = await post<{ error: string }>('', { provider: 'replicate' });
  expect(refused).toMatchObject({ status: 409, body: { error: 'BudgetExceeded' } });
  expect(studio.replicate.ledger).toHaveLength(1);
  await studio.ask('PATCH', `/projects/${projectId}`, { budgetUsd: null });
});

test('those that are named, each with its own result; one fails, the others don’t', async () => {
  studio.replicate.script({ output: output() }, { statuses: ['failed'] });
  const done = expectStatus(
    await post<BatchLipsync>('', { scenes: [2, 1, 9, 1], provider: 'replicate' }),
    200,
  );
  expect(done.scenes.map(({ sequence }) => sequence)).toEqual([2, 1, 9]);
  const states = stateOf(done);
  expect(
    states
      .slice(0, 2)
      .map(([, status]) => status)
      .sort(),
  ).toEqual(['failed', 'succeeded']);
  expect(states[2]).toEqual([9, 'refused', 'SceneNotFound']);
  const { scenes } = await studio.api.project(projectId);
  expect(
    scenes
      .slice(0, 2)
      .map((scene) => scene.currentTake?.kind)
      .sort(),
  ).toEqual(['lipsynced', 'original']);
});

test('those that need it: never synced, or stale', async () => {
  const defaultOutput = { always: true, output: output() };
  studio.sync.script(defaultOutput);
  const started = expectStatus(
    await post<BatchLipsync>('', { scenes: 'needed', provider: 'sync' }, { Prefer: 'respond-async' }),
    202,
  );
  const startedOnes = started.scenes.filter(({ job }) => job !== null);
  expect(startedOnes).toHaveLength(2);
  expect(started.scenes.filter(({ status }) => status === 'skipped')).toHaveLength(2);
  for (const { job } of startedOnes) {
    expect(await studio.ended(job?.id ?? '')).toMatchObject({ state: 'succeeded', model: 'lipsync-2-pro' });
  }
  // The job's id is the call's key, so that a repetition starts nothing twice.
  expect(studio.sync.ledger.map(({ idempotencyKey }) => idempotencyKey).sort()).toEqual(
    startedOnes.map(({ job }) => job?.id ?? '').sort(),
  );
  const nothing = expectStatus(await post<BatchLipsync>('', { scenes: 'stale', provider: 'sync' }), 200);
  expect(nothing.scenes).toEqual([]);
});

test('the stale ones after a reorder', async () => {
  const { scenes } = await studio.api.project(projectId);
  const [first, second, ...rest] = scenes.map(({ id }) => id);
  await studio.ask('PATCH', `/projects/${projectId}/scenes/reorder`, { sceneIds: [second, first, ...rest] });
  const estimate = expectStatus(await post<BatchEstimate>('/estimate', { scenes: 'stale' }), 200);
  // By whom they were made before: one by each.
  expect(estimate).toMatchObject({ totalUsd: 0.16625, scenes: [{ sequence: 1 }, { sequence: 2 }] });
  const done = expectStatus(await post<BatchLipsync>('', { scenes: 'stale', provider: 'sync' }), 200);
  expect(stateOf(done)).toEqual([
    [1, 'succeeded', null],
    [2, 'succeeded', null],
  ]);
});

test('a scene’s own call says what it used, what it cost and what was ignored', async () => {
  studio.replicate.script({ output: output() });
  const made = expectStatus(
    await post<SceneLipsync>('/1?provider=replicate&model=sync/lipsync-2', {
      temperature: 0.8,
      occlusion_detection_enabled: true,
    }),
    200,
  );
  expect(made).toMatchObject({
    provider: 'replicate',
    model: 'sync/lipsync-2',
    costUsd: 0.05,
    charged: 'yes',
    receivedFrames: 25,
    ignoredOptions: ['occlusion_detection_enabled'],
    audioSegment: { startFrame: 0, endFrame: 25 },
  });
  const sent = studio.replicate.ledger.at(-1);
  expect(sent).toMatchObject({ model: 'sync/lipsync-2', unknownFields: [], cancelAfter: expect.any(String) });
  expect(sent?.input).toMatchObject({ sync_mode: 'cut_off', temperature: 0.8 });
  expect(made.scene.currentTake?.costUsd).toBe(0.05);
});

test('a re-sync keeps provider and options of the lip-sync it replaces, unless it is told otherwise', async () => {
  const before = { provider: 'replicate', model: 'sync/lipsync-2' };
  expect(expectStatus(await post<Estimate>('/1/estimate', {}), 200)).toMatchObject({
    ...before,
    ignoredOptions: ['occlusion_detection_enabled'],
  });
  const other = expectStatus(await post<Estimate>('/1/estimate', { provider: 'sync' }), 200);
  expect(other).toMatchObject({ provider: 'sync', model: 'lipsync-2-pro' });
  const together = async (body: object) =>
    expectStatus(await post<BatchEstimate>('/estimate', { scenes: [1], ...body }), 200).scenes[0]?.estimate;
  expect(await together({})).toMatchObject(before);
  expect(await together({ provider: 'sync', keep: true })).toMatchObject(before);
  expect(await together({ provider: 'sync' })).toMatchObject({ provider: 'sync' });
  studio.replicate.script({ output: output() });
  const made = expectStatus(await post<SceneLipsync>('/1', {}), 200);
  expect(made).toMatchObject({ ...before, options: { temperature: 0.8, occlusion_detection_enabled: true } });
});

test('the call outside any scene takes a provider as well', async () => {
  const files = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async ({ url }) => new Response(Bun.file(url.endsWith('.wav') ? await songFile() : clip)),
  });
  studio.sync.script({ output: output() });
  const made = await studio.ask<{ metadata: Record<string, unknown> }>('POST', '/lipsync', {
    video_url: `${files.url}a.mp4`,
    audio_url: `${files.url}a.wav`,
    provider: 'sync',
    model: 'lipsync-2',
  });
  await files.stop(true);
  expect(expectStatus(made, 200).metadata).toMatchObject({
    provider: 'sync',
    model: 'lipsync-2',
    cost_usd: 0.05,
    charged: 'yes',
    ignored_options: [],
    received_frames: 25,
    frames: 25,
  });
});

test.each([
  [{ scenes: 'some' }, 'BadRequest'],
  [{ scenes: [] }, 'BadRequest'],
  [{ scenes: 'all', provider: 'fal' }, 'BadRequest'],
  [{ scenes: 'all', temperature: 2 }, 'BadRequest'],
  [{ scenes: 'all', model: 'nothing' }, 'ModelNotOffered'],
])('refused: %o', async (body, code) => {
  expect(await post<{ error: string }>('', body)).toMatchObject({ status: 400, body: { error: code } });
});
