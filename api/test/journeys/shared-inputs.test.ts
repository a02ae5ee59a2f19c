import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { SceneLipsync } from '../../contract/video.schema';
import { type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

let studio: FaultStudio;
// Nothing fits into the provider's own file store, which takes 100 MB in earnest.
beforeAll(async () => {
  studio = await startFaultStudio({}, { fileLimitBytes: 100 });
});
afterAll(() => studio.stop());

test('inputs too large for the provider’s own store are shared from the studio’s, and go afterwards', async () => {
  const clip = await plainClip('faults-25.mp4', { size: '128x128', rate: '25', seconds: 1 });
  const { id } = await studio.api.createProject({ format: { width: 128, height: 128, fps: 25 } });
  await studio.api.uploadSong(id, await songFile());
  await studio.api.addScene(id);
  await studio.api.uploadClip(id, 1, clip);
  const received: string[] = [];
  studio.replicate.script({
    output(inputs) {
      received.push(...Object.keys(inputs));
      return { bytes: Bun.file(clip), contentType: 'video/mp4' };
    },
  });
  const answer = await studio.ask<SceneLipsync>('POST', `/projects/${id}/lipsync/1`, {
    provider: 'replicate',
  });
  expect(expectStatus(answer, 200)).toMatchObject({ charged: 'yes', receivedFrames: 25 });
  expect(received.sort()).toEqual(['audio', 'video']);
  const input = studio.replicate.ledger[0]?.input ?? {};
  for (const name of ['video', 'audio']) {
    const url = new URL(String(input[name]));
    expect(url.pathname).toStartWith('/media/shared/');
    expect(url.searchParams.get('grant')).toBe('provider');
    // Longer than the half hour that a job may take.
    const life = Number(url.searchParams.get('expires')) - Date.now() / 1000;
    expect(life).toBeGreaterThan(35 * 60);
  }
  const [call] = await studio.sql<{ request: Record<string, unknown> }[]>`select request from provider_calls`;
  // What is written down recognises the call and opens nothing.
  expect(JSON.stringify(call?.request)).not.toContain('signature');
  const going = await studio.sql<{ key: string }[]>`
    select s3_key as key from object_deletions where s3_key like 'shared/%' and next_attempt_at <= now()`;
  expect(going).toHaveLength(2);
});
