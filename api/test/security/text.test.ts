import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import * as v from 'valibot';
import { type Job, JobSchema } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import type { Ledger } from '../../contract/provider.schema';
import { json as answerJson } from '../doubles/http/double.server';
import { type Operation, readOperations } from '../fuzz/api.operations';
import type { JsonSchema } from '../fuzz/schema.arbitraries';
import { until } from '../process.harness';
import { FAULT_STUDIO_TOKEN, type FaultStudio, startFaultStudio } from '../provider-faults/fault.studio';
import { expectStatus } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

// Real ffmpeg takes seconds, more of them on a busy machine.
setDefaultTimeout(120_000);

const respondAsync = { Prefer: 'respond-async' };
const smile = '\u{1f600}';

const bearer = { Authorization: `Bearer ${FAULT_STUDIO_TOKEN}` };
let studio: FaultStudio;
let project: Project;
let operations: Operation[];

beforeAll(async () => {
  studio = await startFaultStudio();
  const { api } = studio;
  const { id } = await api.createProject({ format: { width: 128, height: 128, fps: 25 } });
  await api.uploadSong(id, await songFile());
  await api.addScene(id, { prompt: 'A face' });
  await api.uploadClip(id, 1, await plainClip('text-25.mp4', { size: '128x128', rate: '25', seconds: 1 }));
  // Made shortly after the take; nothing else is under way from then on.
  await until('the pictures are made', async () => {
    project = await api.project(id);
    return project.scenes[0]?.currentTake?.posterUrl !== null;
  });
  operations = (await readOperations(studio.studio.studio.url ?? '')).filter(({ schema }) => schema !== null);
});
afterAll(() => studio.stop());

const take = () => project.scenes[0]?.currentTake?.id ?? '';

/** The operation's address, on the project and its one scene. */
function addressOf({ path }: Operation): string {
  const values: Record<string, string> = {
    projectId: project.id,
    sequence: '1',
    takeId: take(),
    id: take(),
    jobId: crypto.randomUUID(),
  };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? name);
  return `${studio.studio.studio.url}${filled}`;
}

async function send(operation: Operation, body: unknown): Promise<{ status: number; error: string }> {
  const response = await fetch(addressOf(operation), {
    method: operation.method,
    ...studio.api.json(body, { ...respondAsync, ...bearer }),
  });
  const answer = v.parse(v.object({ error: v.optional(v.string(), '') }), await response.json());
  return { status: response.status, error: answer.error };
}

/** Everything that people made and that was made for them. */
async function everything(): Promise<string> {
  const { sql } = studio;
  const tables = ['projects', 'scenes', 'takes', 'songs', 'videos', 'jobs', 'provider_calls'];
  const rows = await Promise.all(
    tables.map((table) => sql`select t::text as row from ${sql(table)} as t order by 1`),
  );
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n');
}

describe('a body that is no object', () => {
  test('is refused by every operation that takes JSON, and changes nothing', async () => {
    expect(operations.length).toBeGreaterThan(15);
    const before = await everything();
    const taken: unknown[] = [];
    for (const operation of operations) {
      for (const body of [[], null, 1, 'x', true, [{}]]) {
        const { status, error } = await send(operation, body);
        if (status !== 400) taken.push([operation.method, operation.path, body, status, error]);
      }
    }
    expect(taken).toEqual([]);
    expect(await everything()).toBe(before);
  });

  test('[] lip-syncs no scene; no body at all still means the defaults', async () => {
    const path = `/projects/${project.id}/lipsync`;
    expect(await studio.api.refused('POST', path, studio.api.json([], respondAsync))).toMatchObject({
      status: 400,
      body: { error: 'BadJson' },
    });
    const { status, body } = await studio.ask<{ totalUsd: number }>('POST', `${path}/estimate`);
    expect({ status, total: body.totalUsd }).toEqual({ status: 200, total: 0 });
  });
});

/** Paths of all texts that a schema has, as the fields that lead there. */
function textsOf(schema: JsonSchema, path: string[] = []): string[][] {
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const fields = Object.entries(schema.properties ?? {});
  return [
    ...(schema.type === 'string' ? [path] : []),
    ...choices.flatMap((one) => textsOf(one, path)),
    ...fields.flatMap(([name, one]) => textsOf(one, [...path, name])),
    ...(schema.items === undefined ? [] : textsOf(schema.items, [...path, '0'])),
  ];
}

/** `{ a: { b: text } }` for the path a, b; a number as a name makes a list. */
const put = (path: string[], text: string): unknown =>
  path.reduceRight<unknown>((inner, name) => (name === '0' ? [inner] : { [name]: inner }), text);

describe('text that can’t be stored', () => {
  test('is refused in every text of every operation', async () => {
    const before = await everything();
    const taken: unknown[] = [];
    let texts = 0;
    for (const operation of operations) {
      // Who asks for a session isn't stored.
      if (operation.path.endsWith('/session')) continue;
      for (const path of textsOf(operation.schema ?? {})) {
        texts += 1;
        for (const text of ['\ud83d', 'a\udc00b', 'a\0b', `${smile}\ud83d`]) {
          const { status, error } = await send(operation, put(path, text));
          if (status !== 400 || error !== 'BadText') taken.push([operation.path, path, text, status, error]);
        }
      }
    }
    expect(texts).toBeGreaterThan(20);
    expect(taken).toEqual([]);
    expect(await everything()).toBe(before);
  });

  test('the refusal names the field, however deep it stands, and stays readable', async () => {
    const create = (body: unknown) => studio.api.refused('POST', '/projects', studio.api.json(body));
    const half = await create({ title: '\ud83d' });
    expect(half.body.message).toMatch(/^title holds half of a character/);
    expect((await create({ a: [{ b: 'x\0' }] })).body.message).toMatch(/^a\.0\.b holds the character NUL/);
    expect((await create({ 'x\0': 1 })).body).toMatchObject({ error: 'BadText' });
    const deep = `{"a":${'['.repeat(100_000)}"\\ud83d"${']'.repeat(100_000)}}`;
    const headers = { 'Content-Type': 'application/json' };
    const answer = await studio.api.refused('POST', '/projects', { headers, body: deep });
    expect(answer.status).toBe(400);
    expect(answer.body.message.length).toBeLessThan(400);
  });

  test('whole characters beyond the first plane are kept', async () => {
    const made = await studio.api.createProject({ title: `${smile} 𝔘`, concept: '🇩🇪 \ufffd' });
    expect(await studio.api.project(made.id)).toMatchObject({ title: `${smile} 𝔘`, concept: '🇩🇪 \ufffd' });
  });
});

describe('lengths', () => {
  test('the name of a download is cut between characters', async () => {
    const name = `${'a'.repeat(149)}${smile}.mp4`;
    const response = await fetch(
      `${studio.api.base}/get_video/${take()}?download=${encodeURIComponent(name)}`,
      { headers: { ...bearer, Range: 'bytes=0-1' } },
    );
    await response.body?.cancel();
    expect(response.status).toBe(206);
    expect(response.headers.get('content-disposition')).toContain(encodeURIComponent(smile));
  });

  test('file names of forms and of resumable uploads are cut between characters', async () => {
    const name = `${'a'.repeat(199)}${smile}${smile}.png`;
    const kept = `${'a'.repeat(199)}${smile}`;
    const clip = await plainClip('text-25.mp4', { size: '128x128', rate: '25', seconds: 1 });
    const scene = await studio.api.uploadClip(project.id, 1, clip, name);
    expect(scene.originalTake?.sourceName).toBe(kept);

    const encode = (text: string) => Buffer.from(text).toString('base64');
    const fields = { kind: 'clip', projectId: project.id, sequence: '1', filename: name };
    const begun = await fetch(`${studio.api.base}/uploads`, {
      method: 'POST',
      headers: {
        ...bearer,
        'Tus-Resumable': '1.0.0',
        'Upload-Length': String(Bun.file(clip).size),
        'Upload-Metadata': Object.entries(fields)
          .map(([field, value]) => `${field} ${encode(value)}`)
          .join(','),
      },
    });
    expect(begun.status).toBe(201);
    const finished = await fetch(new URL(begun.headers.get('location') ?? '', studio.api.base), {
      method: 'PATCH',
      headers: {
        ...bearer,
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': '0',
        'Content-Type': 'application/offset+octet-stream',
      },
      body: Bun.file(clip),
    });
    expect(finished.status).toBe(200);
    const job = v.parse(JobSchema, await finished.json());
    expect(await studio.ended(job.id)).toMatchObject({ state: 'succeeded' });
    expect((await studio.api.project(project.id)).scenes[0]?.originalTake?.sourceName).toBe(kept);
  });

  test('a title that ends in a pair where the file name is cut: the project can still be read', async () => {
    const path = `/projects/${project.id}`;
    expectStatus(await studio.ask('PATCH', path, { title: `${'a'.repeat(99)}𝔘𝔘` }), 200);
    await studio.api.compose(project.id);
    const { finalVideo } = await studio.api.project(project.id);
    expect(finalVideo?.downloadUrl).toContain(encodeURIComponent(`${'a'.repeat(99)}𝔘.mp4`));
  });
});

describe('a provider’s words', () => {
  /** A refused lip-sync: the job and its call. */
  async function refusedBy(detail: string) {
    studio.replicate.fail({
      method: 'POST',
      includes: '/predictions',
      reply: answerJson(422, { title: 'Input validation failed', detail, status: 422 }),
    });
    const asked = await studio.ask<Job>(
      'POST',
      `/projects/${project.id}/lipsync/1`,
      { provider: 'replicate' },
      respondAsync,
    );
    const job = await studio.ended(expectStatus(asked, 202).id);
    const { body: ledger } = await studio.ask<Ledger>('GET', `/projects/${project.id}/ledger`);
    return { job, call: ledger.entries.find(({ jobId }) => jobId === job.id) };
  }

  test.each([
    'the face\0 is too small',
    'the face \ud83d is too small',
    `${'x'.repeat(399)}${smile}${smile}`,
  ])(
    'a refusal with NUL, half a character or a pair at its end is the refusal that it was: %j',
    async (detail) => {
      const { job, call } = await refusedBy(detail);
      expect(job).toMatchObject({ state: 'failed', charged: 'no', error: { code: 'ProviderInputRefused' } });
      expect(job.error?.message).toContain('Nothing was charged.');
      expect(call).toMatchObject({ state: 'refused', charged: 'no' });
      expect(JSON.stringify(job)).not.toMatch(/\\u0000|\\ud8/);
    },
  );

  test('the error of a job that ran there is stored as well', async () => {
    studio.replicate.script({ statuses: ['processing', 'failed'], error: 'No \0face\ud83d.' });
    const asked = await studio.ask<Job>(
      'POST',
      `/projects/${project.id}/lipsync/1`,
      { provider: 'replicate' },
      respondAsync,
    );
    const job = await studio.ended(expectStatus(asked, 202).id);
    expect(job).toMatchObject({ state: 'failed', error: { code: 'ProviderFailed' } });
    expect(job.error?.message).toContain('No face\ufffd.');
  });
});
