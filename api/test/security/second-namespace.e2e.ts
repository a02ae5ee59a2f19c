import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { sampleMaterial } from '../../../scripts/demo/sample-material';
import { chromiumArguments, findChromium } from '../../../scripts/lib/chromium.finder';
import { readProcessConfig } from '../../config';
import { testTools } from '../../media/testing/tools';
import { createStage, type Stage, type StudioProcess } from '../process.harness';
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
import { findProxy, type HttpsProxy, type ProxyName, proxyNames, startProxy } from './proxies.harness';

setDefaultTimeout(300_000);

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
    TRUSTED_PROXIES: '127.0.0.1',
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
  const proxy = await startProxy(way, program, { host: namespace.hostAddress, studioPort });
  proxies.push(proxy);
  return proxy.origin;
}

for (const way of ['its own port', ...proxyNames] as const) {
  const skip = reason !== null || (way !== 'its own port' && !programs.has(way));
  test.skipIf(skip)(`from another machine, by ${way}: the whole job in the page`, async () => {
    const origin = await originBehind(way);
    const { context, page, elsewhere, complaints } = await visit(browser, origin);
    try {
      await signIn(page, TOKEN);
      const [cookie] = await context.cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', secure: way !== 'its own port' });
      const projectId = await openSample(page);
      await playPreview(page);
      await uploadClip(page, 1, await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }));
      await lipsync(page, 2);
      await playFinalVideo(page);
      expect(elsewhere).toEqual([]);
      expect(complaints).toEqual([]);
      // The next one begins with an empty studio, too.
      const headers = { Authorization: `Bearer ${TOKEN}` };
      expect((await studio.api.call('DELETE', `/projects/${projectId}`, { headers })).status).toBe(204);
    } catch (thrown) {
      const picture = await keepPicture(page, way.replaceAll(' ', '-'));
      console.log(`The page as it was: ${picture}`, { elsewhere: elsewhere.slice(0, 5), complaints });
      throw thrown;
    } finally {
      await context.close();
    }
  });
}
