import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { type ClientRequest, request } from 'node:http';
import { join } from 'node:path';
import { readConfig } from '../../config';
import type { ErrorBody } from '../../contract/error.schema';
import { MAX_UNFINISHED, STEP_BYTES } from '../../features/uploads/uploads.space';
import { type Studio, startStudio } from '../../main';
import type { StudioOptions } from '../../services.types';
import { until } from '../process.harness';
import { createApiClient, startTestStudio, type TestStudio } from '../studio.harness';
import { songFile } from '../test-media';

setDefaultTimeout(120_000);

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
const MINIMUM = GIB;
/** Less than a test may take, so that what did not happen is told. */
const PATIENCE_MS = 20_000;
const tus = { 'Tus-Resumable': '1.0.0' };
const bytesType = { 'Content-Type': 'application/offset+octet-stream' };

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(options: StudioOptions, settings: Record<string, string> = {}): Promise<TestStudio> {
  const studio = await startTestStudio({ MIN_FREE_DISK_BYTES: String(MINIMUM), ...settings }, options);
  stops.push(() => studio.stop());
  return studio;
}

type Begun = { status: number; error: string | undefined; url: URL };

/** Begins a resumable upload of a song; without `bytes` its length is told later. */
async function begin(
  base: string,
  projectId: string,
  bytes: number | null,
  headers: Record<string, string> = {},
): Promise<Begun> {
  const encode = (text: string) => Buffer.from(text).toString('base64');
  const response = await fetch(`${base}/uploads`, {
    method: 'POST',
    headers: {
      ...tus,
      ...headers,
      ...(bytes === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(bytes) }),
      'Upload-Metadata': `kind ${encode('song')},projectId ${encode(projectId)},startedBy ${encode('somebody')}`,
    },
  });
  const text = await response.text();
  const body: Partial<ErrorBody> = text === '' ? {} : JSON.parse(text);
  return {
    status: response.status,
    error: body.error,
    url: new URL(response.headers.get('location') ?? '/', base),
  };
}

const give = (url: URL) => fetch(url, { method: 'DELETE', headers: tus });

const offsetOf = async (url: URL) =>
  Number((await fetch(url, { method: 'HEAD', headers: tus })).headers.get('upload-offset'));

type Sent = { status: number; error: string | undefined };

/** Sends a body in pieces without saying how long it is. */
async function sendChunked(
  method: string,
  url: URL,
  headers: Record<string, string>,
  bytes: number,
  around: { before: string; after: string } = { before: '', after: '' },
): Promise<Sent> {
  async function* pieces() {
    yield new TextEncoder().encode(around.before);
    for (let sent = 0; sent < bytes; sent += MIB) yield new Uint8Array(MIB);
    yield new TextEncoder().encode(around.after);
  }
  const response = await fetch(url, { method, headers, body: pieces() });
  const text = await response.text();
  const body: Partial<ErrorBody> = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: response.status, error: body.error };
}

/** A request that announces a body, sends its beginning and then nothing. */
function sendBeginning(url: URL, announced: number): ClientRequest {
  const sending = request(url, {
    method: 'PUT',
    headers: { 'Content-Type': 'audio/wav', 'Content-Length': announced },
    agent: false,
  });
  // It is broken off by the test.
  sending.on('error', () => undefined);
  sending.write(Buffer.alloc(1000));
  return sending;
}

async function bytesIn(directory: string): Promise<number> {
  const sizes = (await readdir(directory).catch(() => [])).map(
    async (name) => (await stat(join(directory, name)).catch(() => null))?.size ?? 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** A disk with room for so many bytes of uploads beyond the minimum. */
function smallDisk(room: number) {
  const disk = { room, directory: '' };
  const received = async () =>
    (await bytesIn(join(disk.directory, 'uploads-in-progress'))) +
    (await bytesIn(join(disk.directory, 'outputs', 'uploads')));
  return {
    disk,
    received,
    freeBytes: async () => MINIMUM + disk.room - (disk.directory === '' ? 0 : await received()),
  };
}

test('of 60 resumable uploads of 8 GB, as many are taken as 75 GB hold, also after a restart', async () => {
  const freeBytes = async () => 75e9;
  const { api, dataDirectory, databaseUrl } = await start({ freeBytes });
  const { id } = await api.createProject();
  const begun = await Promise.all(Array.from({ length: 60 }, () => begin(api.base, id, 8 * GIB)));
  const taken = begun.filter(({ status }) => status === 201);
  expect(taken).toHaveLength(Math.floor((75e9 - MINIMUM) / (8 * GIB)));
  const refused = begun.filter(({ status }) => status !== 201);
  expect(new Set(refused.map(({ status, error }) => `${status} ${error}`))).toEqual(
    new Set(['507 DiskNearlyFull']),
  );
  // What is announced counts for files that come in one request as well.
  const wav = await api.refused('PUT', `/projects/${id}/audio`, {
    headers: { 'Content-Type': 'audio/wav' },
    body: 'no song at all',
  });
  expect(wav.status).toBe(415);
  const big = sendBeginning(new URL(`${api.base}/projects/${id}/audio`), 8 * GIB);
  const [answer] = await once(big);
  expect(answer).toBe(507);

  expect((await give(taken[0]?.url ?? new URL(api.base))).status).toBe(204);
  expect((await begin(api.base, id, 8 * GIB)).status).toBe(201);
  expect((await begin(api.base, id, 8 * GIB)).status).toBe(507);

  const again: Studio = await startStudio(
    readConfig({ DATABASE_URL: databaseUrl, DATA_DIR: dataDirectory, PORT: '0', LOG_LEVEL: 'silent' }),
    { freeBytes },
  );
  stops.push(() => again.stop());
  const after = createApiClient(`${again.url}/api/mv`);
  expect((await begin(after.base, id, 8 * GIB)).status).toBe(507);
});

/** Status of a request's answer. */
function once(sending: ClientRequest): Promise<[number]> {
  return new Promise((resolve) => {
    sending.once('response', (answer) => {
      answer.resume();
      resolve([answer.statusCode ?? 0]);
      sending.destroy();
    });
  });
}

test('a file on its way in one request holds its room until it broke off', async () => {
  const { api, dataDirectory } = await start({ freeBytes: async () => MINIMUM + 100 * MIB });
  const { id } = await api.createProject();
  const held = sendBeginning(new URL(`${api.base}/projects/${id}/audio`), 80 * MIB);
  const received = join(dataDirectory, 'outputs', 'uploads');
  await until('the first file comes', async () => (await readdir(received)).length === 1, PATIENCE_MS);
  expect((await begin(api.base, id, 40 * MIB)).status).toBe(507);
  held.destroy();
  await until(
    'its room is free again',
    async () => (await begin(api.base, id, 40 * MIB)).status === 201,
    PATIENCE_MS,
  );
});

test('a resumable upload of unknown length is stopped when the disk is full, and goes on when there is room', async () => {
  const { disk, received, freeBytes } = smallDisk(3 * STEP_BYTES);
  const { api, dataDirectory } = await start({ freeBytes });
  disk.directory = dataDirectory;
  const { id } = await api.createProject();
  const { url, status } = await begin(api.base, id, null);
  expect(status).toBe(201);
  const patch = async () =>
    sendChunked(
      'PATCH',
      url,
      { ...tus, ...bytesType, 'Upload-Offset': String(await offsetOf(url)) },
      5 * STEP_BYTES,
    );
  expect(await patch()).toEqual({ status: 507, error: 'DiskNearlyFull' });
  const kept = await offsetOf(url);
  expect(kept).toBeGreaterThan(STEP_BYTES);
  expect(await received()).toBeLessThanOrEqual(3 * STEP_BYTES);
  // Nothing is held for it while nobody sends.
  disk.room = (await received()) + 2 * MIB;
  expect((await begin(api.base, id, MIB)).status).toBe(201);
  disk.room = 20 * STEP_BYTES;
  expect((await patch()).status).toBe(204);
  expect(await offsetOf(url)).toBe(kept + 5 * STEP_BYTES);
  // Its length, once told, has to have room as well.
  const told = await fetch(url, {
    method: 'PATCH',
    headers: {
      ...tus,
      ...bytesType,
      'Upload-Offset': String(kept + 5 * STEP_BYTES),
      'Upload-Length': String(40 * STEP_BYTES),
    },
    body: 'more',
  });
  expect(told.status).toBe(507);
});

test('a chunked PATCH of an announced upload is stopped when something else has filled the disk', async () => {
  const { disk, freeBytes } = smallDisk(10 * STEP_BYTES);
  const { api, dataDirectory } = await start({ freeBytes });
  disk.directory = dataDirectory;
  const { id } = await api.createProject();
  const { url } = await begin(api.base, id, 6 * STEP_BYTES);
  disk.room = 2 * STEP_BYTES;
  const headers = { ...tus, ...bytesType, 'Upload-Offset': '0' };
  const stopped = await sendChunked('PATCH', url, headers, 6 * STEP_BYTES);
  expect(stopped).toEqual({ status: 507, error: 'DiskNearlyFull' });
  const kept = await offsetOf(url);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThanOrEqual(2 * STEP_BYTES);
});

for (const form of [false, true]) {
  test(`a chunked ${form ? 'form' : 'file'} is stopped before the disk is full, and nothing of it stays`, async () => {
    const { disk, received, freeBytes } = smallDisk(3 * STEP_BYTES);
    const { api, dataDirectory } = await start({ freeBytes });
    disk.directory = dataDirectory;
    const { id } = await api.createProject();
    const url = new URL(`${api.base}/projects/${id}/audio`);
    const answer = form
      ? await sendChunked(
          'PUT',
          url,
          { 'Content-Type': 'multipart/form-data; boundary=edge' },
          5 * STEP_BYTES,
          {
            before:
              '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n',
            after: '\r\n--edge--\r\n',
          },
        )
      : await sendChunked('PUT', url, { 'Content-Type': 'audio/wav' }, 5 * STEP_BYTES);
    expect(answer).toEqual({ status: 507, error: 'DiskNearlyFull' });
    expect(await received()).toBe(0);
  });
}

test('a chunked file may be no larger than MAX_UPLOAD_BYTES either', async () => {
  const { api } = await start({}, { MAX_UPLOAD_BYTES: String(3 * MIB) });
  const { id } = await api.createProject();
  const url = new URL(`${api.base}/projects/${id}/audio`);
  expect(await sendChunked('PUT', url, { 'Content-Type': 'audio/wav' }, 8 * MIB)).toEqual({
    status: 413,
    error: 'FileTooLarge',
  });
  const deferred = await begin(api.base, id, null);
  const headers = { ...tus, ...bytesType, 'Upload-Offset': '0' };
  expect((await sendChunked('PATCH', deferred.url, headers, 8 * MIB)).status).toBe(413);
});

test('what was begun a day ago goes while the studio runs, and what broke off; what is newer stays', async () => {
  const { api, dataDirectory } = await start({ pruneEveryMs: 50 });
  const { id } = await api.createProject();
  const old = await begin(api.base, id, 1000);
  const recent = await begin(api.base, id, 1000);
  const directory = join(dataDirectory, 'uploads-in-progress');
  const received = join(dataDirectory, 'outputs', 'uploads');
  const nameOf = ({ url }: Begun) => url.pathname.split('/').at(-1) ?? '';
  const note = join(directory, `${nameOf(old)}.json`);
  const dayAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
  const facts = JSON.parse(await readFile(note, 'utf8'));
  await writeFile(note, JSON.stringify({ ...facts, creation_date: dayAgo.toISOString() }));
  // Halves that a full disk or a crash left, of which the protocol's own cleaning knows nothing.
  const halves = ['note-without-bytes.json', 'cut-short.json', 'cut-short', 'bytes-without-note'];
  for (const name of halves) {
    await writeFile(join(directory, name), name === 'cut-short.json' ? '{"id":' : '{}');
    await utimes(join(directory, name), dayAgo, dayAgo);
  }
  for (const [name, when] of [
    ['dead.part', dayAgo],
    ['coming.part', new Date()],
  ] as const) {
    await writeFile(join(received, name), 'half');
    await utimes(join(received, name), when, when);
  }
  await until('the old ones are gone', async () => (await readdir(directory)).length === 2, PATIENCE_MS);
  expect((await readdir(directory)).sort()).toEqual([nameOf(recent), `${nameOf(recent)}.json`].sort());
  await until('the dead part is gone', async () => (await readdir(received)).length === 1, PATIENCE_MS);
  expect(await readdir(received)).toEqual(['coming.part']);
  expect((await fetch(old.url, { method: 'HEAD', headers: tus })).status).toBe(404);
  expect(await offsetOf(recent.url)).toBe(0);
});

test('one token has at most so many unfinished uploads, and takes none from another', async () => {
  const secret = 'a'.repeat(40);
  const { api, studio } = await start({}, { API_TOKENS: secret });
  const admin = { Authorization: `Bearer ${secret}` };
  const other = { Authorization: `Bearer ${await studio.services.access.createToken('other', 'edit')}` };
  const { id } = await createApiClient(api.base, secret).createProject({ title: 'Many' });
  const begun: Begun[] = [];
  for (let count = 0; count < MAX_UNFINISHED; count++) begun.push(await begin(api.base, id, 10, admin));
  expect(begun.filter(({ status }) => status !== 201)).toEqual([]);
  expect(await begin(api.base, id, 10, admin)).toMatchObject({ status: 429, error: 'TooManyUploads' });
  expect((await begin(api.base, id, 10, other)).status).toBe(201);
  const [first] = begun;
  await fetch(first?.url ?? api.base, { method: 'DELETE', headers: { ...tus, ...admin } });
  expect((await begin(api.base, id, 10, admin)).status).toBe(201);
});

test('the files beside an upload are no uploads', async () => {
  const { api, dataDirectory } = await start({});
  const { id } = await api.createProject();
  const bytes = await Bun.file(await songFile()).bytes();
  const { url } = await begin(api.base, id, bytes.length);
  const note = new URL(`${url}.json`);
  for (const method of ['DELETE', 'HEAD']) {
    expect((await fetch(note, { method, headers: tus })).status).toBe(404);
  }
  expect(await readdir(join(dataDirectory, 'uploads-in-progress'))).toHaveLength(2);
  const sent = await fetch(url, {
    method: 'PATCH',
    headers: { ...tus, ...bytesType, 'Upload-Offset': '0' },
    body: bytes,
  });
  expect(sent.status).toBe(200);
  expect(await readdir(join(dataDirectory, 'uploads-in-progress'))).toEqual([]);
});
