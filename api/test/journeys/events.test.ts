import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Job } from '../../contract/job.schema';
import { startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip } from '../test-media';

// Real ffmpeg and the real engine take seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

let studio: TestStudio;
beforeAll(async () => {
  studio = await startTestStudio();
});
afterAll(() => studio.stop());

type Received = { id: number; event: string; data: unknown };

/** Reads a project's stream until an event fits; hangs up then. */
async function readUntil(
  projectId: string,
  fits: (received: Received) => boolean,
  options: { lastEventId?: number; onOpen?: () => Promise<void> } = {},
): Promise<Received[]> {
  const hangUp = new AbortController();
  const response = await fetch(`${studio.api.base}/projects/${projectId}/events`, {
    headers: options.lastEventId === undefined ? {} : { 'Last-Event-ID': String(options.lastEventId) },
    signal: hangUp.signal,
  });
  expect(response.headers.get('content-type')).toStartWith('text/event-stream');
  const received: Received[] = [];
  const opened = options.onOpen?.();
  let text = '';
  const decoder = new TextDecoder();
  reading: for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1];
      const data = field('data');
      if (data === undefined) continue;
      const item = { id: Number(field('id')), event: field('event') ?? '', data: JSON.parse(data) };
      received.push(item);
      if (fits(item)) break reading;
    }
  }
  hangUp.abort();
  await opened;
  return received;
}

const isJob = (data: unknown): data is Job => typeof data === 'object' && data !== null && 'state' in data;
const ended = ({ event, data }: Received) => event === 'job' && isJob(data) && data.state === 'succeeded';

test('a job’s way is told in order, and replayed after a lost connection without gap or repetition', async () => {
  const { api } = studio;
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await api.addScene(project.id);
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });

  const live = await readUntil(project.id, ended, {
    onOpen: async () => {
      await api.uploadClip(project.id, 1, clip);
    },
  });
  const ids = live.map((item) => item.id);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(new Set(ids).size).toBe(ids.length);
  const states = live.flatMap(({ data }) => (isJob(data) ? [data.state] : []));
  expect(states[0]).toBe('queued');
  expect(states).toContain('running');
  expect(states.at(-1)).toBe('succeeded');

  const middle = ids[Math.floor(ids.length / 2)] ?? 0;
  const replayed = await readUntil(project.id, ended, { lastEventId: middle });
  expect(replayed.map((item) => item.id)).toEqual(ids.filter((id) => id > middle));

  const changed = await readUntil(project.id, ({ event }) => event === 'project.changed', {
    lastEventId: ids.at(-1) ?? 0,
  });
  expect(changed.at(-1)?.data).toEqual({ reason: 'clip.uploaded' });
});

test('a number from nowhere tells the reader to read everything again', async () => {
  const project = await studio.api.createProject();
  const [first] = await readUntil(project.id, ({ event }) => event === 'reset', { lastEventId: 999_999_999 });
  expect(first?.event).toBe('reset');
});

test('there is no stream of a project that isn’t there', async () => {
  const answer = await studio.api.refused('GET', '/projects/0198c2f1-6d7e-7c31-9b1a-3f5e2d4c6b7a/events');
  expect([answer.status, answer.body.error]).toEqual([404, 'ProjectNotFound']);
});
