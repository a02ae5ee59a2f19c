import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Job } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import type { Scene } from '../../contract/scene.schema';
import { startTestStudio, type TestStudio } from '../studio.harness';
import { writeLargeClip } from './large-clip.harness';
import { findProxy, freePort, type HttpsProxy, proxyNames, startProxy } from './proxies.harness';

setDefaultTimeout(180_000);

/** A studio on loopback behind each proxy, as a program meets it; second-namespace.e2e.ts is the browser. */
const TOKEN = 'a-token-of-the-settings-0123456789abcdef';
/** Far above what proxies take or keep in memory by themselves; 2 GiB was tried by hand (decision 0231). */
const LARGE = 64 * 1024 * 1024;
const headers = { Authorization: `Bearer ${TOKEN}` };
const json = { ...headers, 'Content-Type': 'application/json' };

let directory: string;
let clip: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'songreel-large-'));
  clip = join(directory, 'large.mp4');
  await writeLargeClip(clip, LARGE);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

for (const name of proxyNames) {
  const program = await findProxy(name);
  if (program === null) console.log(`Skipped: the studio behind ${name} (it can't be had here).`);

  describe.skipIf(program === null)(`behind ${name}`, () => {
    let studio: TestStudio;
    let proxy: HttpsProxy;
    let project: string;
    /** A request from outside; nobody signed the test's own certificate. */
    const send = (path: string, init: RequestInit = {}) =>
      fetch(`${proxy.origin}${path}`, { ...init, tls: { rejectUnauthorized: false } });
    async function read<Body>(path: string): Promise<Body> {
      const answer = await send(path, { headers });
      expect(answer.status).toBe(200);
      return JSON.parse(await answer.text());
    }

    beforeAll(async () => {
      const host = '127.0.0.1';
      const port = await freePort(host);
      studio = await startTestStudio({
        API_TOKENS: TOKEN,
        // As the README says.
        PUBLIC_URL: `https://${host}:${port}`,
        TRUSTED_PROXIES: 'loopback',
      });
      const studioPort = Number(new URL(studio.studio.url ?? '').port);
      proxy = await startProxy(name, program ?? '', { host, port, studioPort });
      const body = JSON.stringify({ title: 'Behind', format: { width: 320, height: 180, fps: 25 } });
      const made = await send('/api/mv/projects', { method: 'POST', headers: json, body });
      expect(made.status).toBe(201);
      const { id }: Project = JSON.parse(await made.text());
      project = `/api/mv/projects/${id}`;
      for (const prompt of ['One', 'Two']) {
        const scene = { method: 'POST', headers: json, body: JSON.stringify({ prompt }) };
        expect((await send(`${project}/scenes`, scene)).status).toBe(201);
      }
    });
    afterAll(async () => {
      await proxy?.stop();
      await studio?.stop();
    });

    test('the cookie is for HTTPS alone, and so is the studio from then on', async () => {
      const signedIn = await send('/api/mv/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ token: TOKEN }),
      });
      expect(signedIn.status).toBe(201);
      const cookie = signedIn.headers.get('set-cookie') ?? '';
      for (const part of ['Secure', 'HttpOnly', 'SameSite=Strict']) expect(cookie).toContain(part);
      const strict = signedIn.headers.get('strict-transport-security') ?? '';
      expect(strict).toStartWith('max-age=');
      expect(strict).not.toContain('includeSubDomains');
    });

    test('an event arrives within a second', async () => {
      const stream = await send(`${project}/events`, { headers });
      expect(stream.headers.get('content-type')).toStartWith('text/event-stream');
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
      let seen = '';
      const until = async (text: string) => {
        while (!seen.includes(text)) {
          const { done, value } = (await reader?.read()) ?? { done: true };
          if (done) throw new Error(`The stream ended after ${seen}`);
          seen += value;
        }
      };
      await until('event: begin');
      const body = JSON.stringify({ title: 'Another name' });
      const changed = await send(project, { method: 'PATCH', headers: json, body });
      const answeredAt = performance.now();
      expect(changed.status).toBe(200);
      await until('event: project.changed');
      expect(performance.now() - answeredAt).toBeLessThan(1000);
      await reader?.cancel();
    });

    test('large clips go through, in one request and by the resumable protocol', async () => {
      const plain = await send(`${project}/scenes/1/upload_video`, {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/octet-stream' },
        body: Bun.file(clip),
      });
      expect(plain.status).toBe(200);

      const encode = (text: string) => Buffer.from(text).toString('base64');
      const metadata = { kind: 'clip', projectId: project.split('/').at(-1) ?? '', sequence: '2' };
      const tus = { ...headers, 'Tus-Resumable': '1.0.0' };
      const begun = await send('/api/mv/uploads', {
        method: 'POST',
        headers: {
          ...tus,
          'Upload-Length': String(LARGE),
          'Upload-Metadata': Object.entries(metadata)
            .map(([key, value]) => `${key} ${encode(value)}`)
            .join(','),
        },
      });
      expect(begun.status).toBe(201);
      const location = new URL(begun.headers.get('location') ?? '', `${proxy.origin}/api/mv/uploads`);
      expect(location.origin).toBe(proxy.origin);
      const half = LARGE / 2;
      for (const from of [0, half]) {
        const sent = await send(location.pathname, {
          method: 'PATCH',
          headers: {
            ...tus,
            'Content-Type': 'application/offset+octet-stream',
            'Upload-Offset': String(from),
          },
          body: Bun.file(clip).slice(from, from + half),
        });
        expect(sent.status).toBe(from === 0 ? 204 : 200);
        if (from === 0) continue;
        const { id }: Job = JSON.parse(await sent.text());
        await studio.studio.services.jobs.wait(id, { timeoutMs: 120_000 });
      }
      for (const sequence of [1, 2]) {
        const scene = await read<Scene>(`${project}/scenes/${sequence}`);
        expect(scene.currentTake?.frames).toBe(50);
      }
    });

    test('media: whole, in ranges, and of this origin', async () => {
      const { currentTake } = await read<Scene>(`${project}/scenes/1`);
      const url = new URL(currentTake?.url ?? '', proxy.origin);
      expect(url.origin).toBe(proxy.origin);
      const path = `${url.pathname}${url.search}`;
      // As a media element asks: by the address alone.
      const whole = await send(path, { headers: { 'Accept-Encoding': 'gzip' } });
      expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'video/mp4']);
      const bytes = await whole.bytes();
      const head = await send(path, { method: 'HEAD' });
      expect(head.headers.get('content-length')).toBe(String(bytes.length));
      expect(head.headers.get('accept-ranges')).toBe('bytes');
      for (const [range, from, to] of [
        ['bytes=0-99', 0, 100],
        ['bytes=1000-', 1000, bytes.length],
        ['bytes=-10', bytes.length - 10, bytes.length],
      ] as const) {
        const part = await send(path, { headers: { Range: range } });
        expect([part.status, part.headers.get('content-range')]).toEqual([
          206,
          `bytes ${from}-${to - 1}/${bytes.length}`,
        ]);
        expect(Buffer.compare(await part.bytes(), bytes.subarray(from, to))).toBe(0);
      }
      const beyond = await send(path, { headers: { Range: `bytes=${bytes.length}-` } });
      expect(beyond.status).toBe(416);
    });
  });
}
