import { afterAll, beforeAll, expect, test } from 'bun:test';
import * as v from 'valibot';
import type { ErrorBody } from '../../contract/error.schema';
import type { Job } from '../../contract/job.schema';
import { createLog } from '../../shared/log';
import { openEvents } from '../event-stream.reader';
import { expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

/** The smallest that must stay free in these tests. */
const MINIMUM = 1_000_000;

let studio: TestStudio;
let free = 1_000_000_000;
let clip: string;
beforeAll(async () => {
  studio = await startTestStudio(
    { MIN_FREE_DISK_BYTES: String(MINIMUM) },
    { freeBytes: async () => free, log: createLog('silent') },
  );
  clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
});
afterAll(() => studio.stop());

const root = () => studio.studio.url ?? '';

test('Prometheus gets requests, jobs, the outbox, bytes freed and the time of ffmpeg', async () => {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await api.addScene(project.id);
  await api.uploadClip(project.id, 1, clip);
  await api.refused('GET', `/projects/${crypto.randomUUID()}`);
  const answer = await fetch(`${root()}/metrics`);
  expect(answer.headers.get('content-type')).toStartWith('text/plain');
  const text = await answer.text();
  const value = (name: string, labels: string[] = []) => {
    const line = text
      .split('\n')
      .find((one) => one.startsWith(name) && labels.every((label) => one.includes(label)));
    return Number(line?.split(' ').at(-1));
  };
  const route = 'route="/api/mv/projects/:projectId"';
  expect(value('songreel_http_requests_total', [route, 'status="404"'])).toBe(1);
  expect(value('songreel_http_request_seconds_count', [route, 'method="GET"'])).toBe(1);
  expect(value('songreel_jobs', ['kind="upload_clip"', 'state="succeeded"'])).toBe(1);
  expect(value('songreel_bytes_freed_total')).toBeGreaterThan(1000);
  expect(value('songreel_uploads_confirmed_total')).toBeGreaterThan(1);
  expect(value('songreel_ffmpeg_seconds_total', ['program="ffmpeg"'])).toBeGreaterThan(0);
  expect(value('songreel_disk_free_bytes')).toBe(free);
  expect(value('songreel_process_resident_memory_bytes')).toBeGreaterThan(1e7);
  // Ids make no series of their own.
  expect(text).not.toContain(project.id);
});

test('a nearly full disk: uploads get 507, jobs wait, and go on when there is room', async () => {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await api.addScene(project.id);
  await api.uploadClip(project.id, 1, clip);
  const trim = `/projects/${project.id}/scenes/1/trim`;
  const async = { Prefer: 'respond-async' };
  try {
    free = MINIMUM + 10;
    // Even before the limit: the upload itself would pass it.
    const path = `/projects/${project.id}/scenes/1/upload_video`;
    const refused = await api.refused('POST', path, await api.form(clip, 'clip.mp4'));
    expect(refused).toMatchObject({
      status: 507,
      body: { error: 'DiskNearlyFull', message: expect.stringContaining('DATA_DIR') },
    });
    const resumable = await fetch(`${api.base}/uploads`, {
      method: 'POST',
      headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '5000000' },
    });
    const resumableBody: Partial<ErrorBody> = JSON.parse(await resumable.text());
    expect([resumable.status, resumableBody.error]).toEqual([507, 'DiskNearlyFull']);
    free = MINIMUM - 1;
    const readiness = await fetch(`${root()}/readyz`);
    expect([readiness.status, await readiness.text()]).toEqual([
      503,
      expect.stringContaining('"disk":{"ready":false'),
    ]);
    const stream = await openEvents(api.base, project.id, 0);
    const job = expectStatus(
      await api.call<Job>('POST', trim, api.json({ inFrame: 5, outFrame: 30 }, async)),
      202,
    );
    let waits = await api.job(job.id);
    while (waits.error === null) waits = await api.job(job.id);
    await stream.close();
    expect(waits).toMatchObject({ state: 'queued', error: { code: 'DiskNearlyFull' } });
    free = 1_000_000_000;
    // It has not failed: nobody has to start it again, and its runs are not used up.
    expect(await api.job(job.id)).toMatchObject({ state: 'queued', attempt: 0 });
    expectStatus(await api.call('POST', `/jobs/${job.id}/cancel`), 200);
  } finally {
    free = 1_000_000_000;
  }
});

test('a studio that stops answers who waits with 202, ends its streams and hands nothing over half done', async () => {
  const own = await startTestStudio({ SHUTDOWN_SECONDS: '10' });
  const { api } = own;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  const stream = await fetch(`${api.base}/projects/${project.id}/events`);
  const ended = stream.text();
  // The caller waits for its song; the studio is told to stop while the job is under way.
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const events = await openEvents(api.base, project.id, 0);
  const watch = setInterval(() => {
    if (events.received.some(({ event }) => event === 'job')) resolve();
  }, 5);
  const waiting = api.call<Job>(
    'PUT',
    `/projects/${project.id}/audio`,
    await api.form(await songFile(), 'song.wav'),
  );
  await begun;
  clearInterval(watch);
  await own.stop();
  const answer = await waiting;
  // Answered before the end, or finished within its time.
  expect([200, 202]).toContain(answer.status);
  expect(await ended).toContain('event: begin');
  await events.close();
});

/** The parts of OTLP's JSON that the test looks at. */
const TracesSchema = v.object({
  resourceSpans: v.array(
    v.object({
      scopeSpans: v.array(
        v.object({
          spans: v.array(
            v.object({
              traceId: v.string(),
              spanId: v.string(),
              parentSpanId: v.optional(v.string()),
              name: v.string(),
            }),
          ),
        }),
      ),
    }),
  ),
});

test('a collector gets traces of requests, jobs and the ffmpeg within them', async () => {
  const spans: { traceId: string; spanId: string; parentSpanId?: string | undefined; name: string }[] = [];
  const collector = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      if (new URL(request.url).pathname === '/v1/traces') {
        const { resourceSpans } = v.parse(TracesSchema, await request.json());
        spans.push(...resourceSpans.flatMap((one) => one.scopeSpans.flatMap((scope) => scope.spans)));
      }
      return Response.json({});
    },
  });
  try {
    const own = await startTestStudio({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.origin });
    const project = await own.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
    await own.api.addScene(project.id);
    await own.api.uploadClip(project.id, 1, clip);
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    await own.api.call('GET', `/projects/${project.id}`, { headers });
    // Ending sends what is left.
    await own.stop();
    const named = (name: string) => spans.find((span) => span.name === name);
    expect(named('GET /api/mv/projects/:projectId')).toMatchObject({
      traceId,
      parentSpanId: 'b7ad6b7169203331',
    });
    const job = named('job upload_clip');
    expect(job?.parentSpanId ?? '').toBe('');
    const within = spans.filter((span) => span.parentSpanId === job?.spanId);
    expect(within.map(({ name }) => name)).toContainEqual(expect.stringMatching(/^ffmpeg: /));
  } finally {
    await collector.stop(true);
  }
});

test('a collector that is away costs nothing but its traces', async () => {
  const own = await startTestStudio({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  expect((await own.api.createProject()).id).toBeString();
  await own.stop();
});
