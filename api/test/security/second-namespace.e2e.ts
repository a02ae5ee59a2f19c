import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { readProcessConfig } from '../../config';
import { testTools } from '../../media/testing/tools';
import { sampleMaterial } from '../../sample/sample-material';
import { chromiumArguments, findChromium } from '../chromium.finder';
import { createStage, type Stage, type StudioProcess } from '../process.harness';
import { expectStatus } from '../studio.harness';
import { plainClip } from '../test-media';
import {
  keepPicture,
  lipsync,
  openSample,
  playFinalVideo,
  playPreview,
  signIn,
  uploadClip,
  visit,
} from './journey.harness';
import { createNamespace, type Namespace, whyNoNamespaces } from './namespace.harness';
import {
  findProxy,
  freePort,
  type HttpsProxy,
  type ProxyName,
  proxyNames,
  startProxy,
} from './proxies.harness';

setDefaultTimeout(600_000);

/** The studio as another machine reaches it: by its own port, and behind a proxy with HTTPS. */
const TOKEN = 'a-token-of-the-settings-0123456789abcdef';
const reason = await whyNoNamespaces();
if (reason !== null) console.log(`Skipped: the studio from another machine (${reason}).`);
const programs = new Map<ProxyName, string>();
if (reason === null) {
  for (const name of proxyNames) {
    const program = await findProxy(name);
    if (program === null) console.log(`Skipped: the studio behind ${name} (it can't be had here).`);
    else programs.set(name, program);
  }
}

let stage: Stage;
let namespace: Namespace;
let studio: StudioProcess;
let browser: Browser;
const proxies: HttpsProxy[] = [];
/** Where the studio was found, by each way. */
const origins: string[] = [];

/** The sample's song and clips, made once and kept between runs. */
async function giveSampleMaterial(directory: string): Promise<void> {
  const kept = join(import.meta.dir, '..', '..', '..', '.cache', 'test-media', 'sample');
  const { ffmpegPath } = await testTools();
  const format = { width: 1280, height: 720, fps: 25 } as const;
  await sampleMaterial(kept)({ format, signal: AbortSignal.timeout(240_000), ffmpegPath });
  await mkdir(directory, { recursive: true });
  await cp(kept, join(directory, 'demo'), { recursive: true });
}

beforeAll(async () => {
  if (reason !== null) return;
  stage = await createStage();
  namespace = await createNamespace();
  await giveSampleMaterial(join(stage.directory, 'data'));
  studio = await stage.start('start', {
    HOST: '0.0.0.0',
    API_TOKENS: TOKEN,
    TRUSTED_PROXIES: 'loopback',
  });
  browser = await chromium.launch({
    executablePath: await namespace.programThere(findChromium(readProcessConfig().CHROMIUM_BIN)),
    args: [...chromiumArguments, '--autoplay-policy=no-user-gesture-required'],
  });
});
afterAll(async () => {
  await browser?.close();
  for (const proxy of proxies) await proxy.stop();
  await stage?.stop();
  await namespace?.remove();
});

/** Where the other machine finds the studio. */
async function originBehind(way: 'its own port' | ProxyName): Promise<string> {
  const studioPort = Number(new URL(studio.url).port);
  if (way === 'its own port') return `http://${namespace.hostAddress}:${studioPort}`;
  const program = programs.get(way) ?? '';
  const host = namespace.hostAddress;
  const proxy = await startProxy(way, program, { host, port: await freePort(host), studioPort });
  proxies.push(proxy);
  return proxy.origin;
}

/** The next one begins with an empty studio, too. */
async function emptyStudio(): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const listed = await studio.api.call<{ projects: { id: string }[] }>('GET', '/projects', { headers });
  for (const { id } of expectStatus(listed, 200).projects) {
    expect((await studio.api.call('DELETE', `/projects/${id}`, { headers })).status).toBe(204);
  }
}

for (const way of ['its own port', ...proxyNames] as const) {
  const skip = reason !== null || (way !== 'its own port' && !programs.has(way));
  test.skipIf(skip)(`from another machine, by ${way}: the whole job in the page`, async () => {
    const origin = await originBehind(way);
    origins.push(origin);
    const { context, page, elsewhere, complaints } = await visit(browser, origin);
    try {
      await signIn(page, TOKEN);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: way !== 'its own port' });
      await openSample(page);
      await playPreview(page);
      await uploadClip(page, 1, await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }));
      await lipsync(page, 2);
      await playFinalVideo(page);
      expect(elsewhere).toEqual([]);
      expect(complaints).toEqual([]);
    } catch (thrown) {
      const picture = await keepPicture(page, way.replaceAll(' ', '-'));
      console.log(`The page as it was: ${picture}`, { elsewhere: elsewhere.slice(0, 5), complaints });
      throw thrown;
    } finally {
      await context.close();
      await emptyStudio();
    }
  });
}

/** Guesses of tokens from the page, each with another word for where it comes from. */
const guess = (times: number) => `(async () => {
  const statuses = [];
  for (let at = 0; at < ${times}; at++) {
    const headers = { Authorization: 'Bearer guess-' + at, 'X-Forwarded-For': '203.0.113.' + at };
    statuses.push((await fetch('/api/mv/projects', { headers })).status);
  }
  return statuses;
})()`;

// Last: from here on the other machine has to wait.
test.skipIf(reason !== null)(
  'guesses from another machine are slowed down, whatever they claim',
  async () => {
    expect(origins.length).toBeGreaterThan(0);
    for (const [index, origin] of origins.entries()) {
      const { context, page } = await visit(browser, origin);
      await page.goto('/');
      const statuses = await page.evaluate<number[]>(guess(20));
      if (index === 0) expect(statuses).toContain(401);
      // By every way it is the same machine that guesses.
      expect([origin, statuses.at(-1)]).toEqual([origin, 429]);
      await context.close();
    }
  },
);
