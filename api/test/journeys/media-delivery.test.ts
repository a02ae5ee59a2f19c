import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { parse as parseDisposition } from 'content-disposition';
import type { FinalVideo, Project } from '../../contract/project.schema';
import { createApiClient, expectStatus, startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

const OWNER = 'owner-token-of-the-delivery-tests-0123456789';
let studio: TestStudio;
let origin: string;
let clip: Uint8Array;
let project: Project;
let tokens: { reader: string };
let clipUrl: string;

const asOwner = { Authorization: `Bearer ${OWNER}` };
const get = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(new URL(url, origin), { method, headers });
const bytes = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const read = async (token: string) => {
  const answer = await fetch(`${studio.api.base}/projects/${project.id}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return (await answer.json()) as Project;
};

beforeAll(async () => {
  studio = await startTestStudio({ API_TOKENS: OWNER });
  origin = new URL(studio.api.base).origin;
  const path = await plainClip('delivery-25.mp4', { size: '128x128', rate: '25', seconds: 2 });
  const api = createApiClient(studio.api.base, OWNER);
  project = await api.createProject({ format: { width: 128, height: 128, fps: 25 } });
  await api.addScene(project.id);
  await api.uploadSong(project.id, await songFile());
  await api.uploadClip(project.id, 1, path);
  project = await api.project(project.id);
  clipUrl = project.scenes[0]?.currentTake?.url ?? '';
  clip = await bytes(await get(clipUrl));
  tokens = { reader: await studio.studio.services.access.createToken('reader', 'read') };
});
afterAll(() => studio.stop());

test('every address in an answer is a signed path of the studio, with no other way in', async () => {
  const urls = JSON.stringify(project).match(/"(?:url|masterUrl|posterUrl|sourceUrl)":"[^"]+"/g) ?? [];
  expect(urls.length).toBeGreaterThan(3);
  for (const one of urls)
    expect(one).toMatch(/:"\/media\/[\w./-]+\?grant=e\.[0-9a-f]{16}&expires=\d+&signature=/);
  const answer = await get(clipUrl);
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'video/mp4',
    'accept-ranges': 'bytes',
    'content-length': String(project.scenes[0]?.currentTake?.bytes),
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(answer.headers.get('cache-control')).toMatch(/^private, max-age=\d+, immutable$/);
  expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  const { pathname } = new URL(clipUrl, origin);
  for (const path of [
    pathname,
    `${clipUrl}x`,
    clipUrl.replace('grant=e', 'grant=t'),
    '/media/',
    '/media/x',
  ]) {
    const refused = await get(path, asOwner);
    expect([path, refused.status]).toEqual([path, 403]);
    expect(await refused.json()).toMatchObject({ error: 'MediaUrlInvalid' });
  }
});

test('a revoked token and a session that signed out end their addresses at once', async () => {
  const theirs = (await read(tokens.reader)).scenes[0]?.currentTake?.url ?? '';
  expect(theirs).not.toBe(clipUrl);
  expect((await get(theirs)).status).toBe(200);
  await studio.studio.services.access.revokeToken('reader');
  const ended = await get(theirs);
  expect([ended.status, await ended.json()]).toMatchObject([403, { error: 'MediaUrlEnded' }]);
  expect((await get(clipUrl)).status).toBe(200);

  const signedIn = await fetch(`${studio.api.base}/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token: OWNER }),
  });
  const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const page = { Cookie: cookie, 'Sec-Fetch-Site': 'same-origin' };
  const answer = await fetch(`${studio.api.base}/projects/${project.id}`, { headers: page });
  const own = ((await answer.json()) as Project).scenes[0]?.currentTake?.url ?? '';
  expect(own).toContain('grant=s.');
  expect((await get(own)).status).toBe(200);
  await fetch(`${studio.api.base}/session`, { method: 'DELETE', headers: page });
  expect((await get(own)).status).toBe(403);
});

test('what a reader has from another caller is not answered as unchanged', async () => {
  const first = await fetch(`${studio.api.base}/projects/${project.id}`, { headers: asOwner });
  const etag = first.headers.get('etag') ?? '';
  const token = await studio.studio.services.access.createToken('second', 'read');
  const ask = (value: string) =>
    fetch(`${studio.api.base}/projects/${project.id}`, {
      headers: { Authorization: `Bearer ${value}`, 'If-None-Match': etag },
    });
  expect((await ask(OWNER)).status).toBe(304);
  expect((await ask(token)).status).toBe(200);
});

test('one range, several, the end, none that exists, and another version', async () => {
  const total = clip.length;
  const one = await get(clipUrl, { Range: 'bytes=10-19' });
  expect([one.status, one.headers.get('content-range')]).toEqual([206, `bytes 10-19/${total}`]);
  expect(await bytes(one)).toEqual(clip.slice(10, 20));
  const last = await get(clipUrl, { Range: 'bytes=-7' });
  expect(await bytes(last)).toEqual(clip.slice(-7));
  const outside = await get(clipUrl, { Range: `bytes=${total}-` });
  expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${total}`]);
  expect(await outside.json()).toMatchObject({ error: 'RangeNotSatisfiable' });

  const several = await get(clipUrl, { Range: 'bytes=0-4, 100-109' });
  const body = await bytes(several);
  expect(several.status).toBe(206);
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(
    several.headers.get('content-type') ?? '',
  )?.[1];
  const part = (start: number, end: number) =>
    Buffer.concat([
      Buffer.from(
        `\r\n--${boundary}\r\nContent-Type: video/mp4\r\nContent-Range: bytes ${start}-${end}/${total}\r\n\r\n`,
      ),
      clip.slice(start, end + 1),
    ]);
  const expected = Buffer.concat([part(0, 4), part(100, 109), Buffer.from(`\r\n--${boundary}--\r\n`)]);
  expect(Buffer.from(body)).toEqual(expected);

  const etag = one.headers.get('etag') ?? '';
  expect((await get(clipUrl, { Range: 'bytes=0-4', 'If-Range': etag })).status).toBe(206);
  expect((await get(clipUrl, { Range: 'bytes=0-4', 'If-Range': '"other"' })).status).toBe(200);
  const unchanged = await get(clipUrl, { 'If-None-Match': `"x", ${etag}` });
  expect([unchanged.status, await unchanged.text()]).toEqual([304, '']);
});

test('HEAD tells what GET would send, and nothing can be written', async () => {
  const head = await get(clipUrl, { Range: 'bytes=0-4' }, 'HEAD');
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
    200,
    String(clip.length),
    '',
  ]);
  for (const method of ['PUT', 'POST', 'DELETE', 'PATCH']) {
    expect([method, (await get(clipUrl, asOwner, method)).status]).toEqual([method, 404]);
  }
});

test('a download has the name that was asked for, whatever it is', async () => {
  const api = createApiClient(studio.api.base, OWNER);
  const final = await api.compose(project.id);
  for (const name of [
    'Mein Käse "1".mp4',
    '夜の歌.mp4',
    '../../etc/passwd',
    'a\r\nSet-Cookie: x=1',
    'cut\ud83d',
  ]) {
    // A lone surrogate has no URL encoding; browsers send its replacement.
    const query = `download=${encodeURIComponent(name.toWellFormed())}`;
    for (const url of [`${clipUrl}&${query}`, `/api/mv/get_video/${final.id}?${query}`]) {
      const answer = await get(url, asOwner);
      expect(answer.status).toBe(200);
      const header = answer.headers.get('content-disposition') ?? '';
      expect(parseDisposition(header)).toMatchObject({ type: 'attachment' });
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  }
  expect(await bytes(await get(final.url))).toEqual(await bytes(await get(final.downloadUrl, asOwner)));
});

test('the studio’s own addresses are taken where a clip and a sound are named by URL', async () => {
  const api = createApiClient(studio.api.base, OWNER);
  const song = (await api.project(project.id)).song?.url ?? '';
  const final = expectStatus(await api.call<FinalVideo>('GET', `/projects/${project.id}/final-video`), 200);
  const ask = (video_url: string, audio_url: string) =>
    api.call<{ error: string; id: string }>(
      'POST',
      '/lipsync',
      api.json({ video_url, audio_url }, { Prefer: 'respond-async' }),
    );
  for (const video of [
    clipUrl,
    `${origin}${clipUrl}`,
    `https://studio.example/api/mv/get_video/${final.id}`,
  ]) {
    const { id } = expectStatus(await ask(video, song), 202);
    const ended = await studio.studio.services.jobs.wait(id, { timeoutMs: 60_000 });
    // The clip came from the store; a test pattern has no face to sync.
    expect(ended.error?.code).toBe('NoFaceFound');
  }
  const stranger = await ask(`${clipUrl}x`, song);
  expect([stranger.status, stranger.body.error]).toEqual([403, 'MediaUrlInvalid']);
  const drawn = expectStatus(
    await api.call<{ imageUrl: string }>(
      'POST',
      `/projects/${project.id}/scenes/1/generate_image`,
      api.json({ prompt: 'rain' }),
    ),
    200,
  );
  const image = await api.call<{ id: string }>(
    'POST',
    '/generate_video',
    api.json({ prompt: 'push in', image_url: drawn.imageUrl, duration: 1 }, { Prefer: 'respond-async' }),
  );
  const made = await studio.studio.services.jobs.wait(expectStatus(image, 202).id, { timeoutMs: 100_000 });
  expect([made.state, JSON.stringify(made.options).includes('signature')]).toEqual(['succeeded', false]);
});
