import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright';
import { choose, giveFile } from '../../../ui/e2e/page.harness';
import { until } from '../process.harness';

/** A person at another machine: a browser there, and all that it asked for and complained of. */
export type Visitor = {
  context: BrowserContext;
  page: Page;
  /** Requests to any origin but the studio's. */
  elsewhere: string[];
  /** What stood in the browser's console as an error, and scripts that broke. */
  complaints: string[];
};

/** A job on a machine that runs other tests as well. */
const JOB = { timeout: 180_000 };
const JOB_MS = 180_000;

export async function visit(browser: Browser, origin: string): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    baseURL: origin,
    // Nobody signed the test's own certificate.
    ignoreHTTPSErrors: origin.startsWith('https:'),
  });
  const page = await context.newPage();
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) elsewhere.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Before the sign-in the page is told that it needs a token; browsers note every 401.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  return { context, page, elsewhere, complaints };
}

export async function signIn(page: Page, token: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Open sample project' }).waitFor();
}

/** The sample project from the empty studio's button, until each scene shows its poster. */
export async function openSample(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Open sample project' }).click();
  await page.waitForURL('**/edit/*');
  const posters = () =>
    page.evaluate<number[]>(
      "[...document.querySelectorAll('[data-scene-card] img')].map((picture) => picture.naturalWidth)",
    );
  await until(
    'three posters show',
    async () => {
      const widths = await posters();
      return widths.length === 3 && widths.every((width) => width > 0);
    },
    JOB_MS,
  );
}

/** The preview plays: song and picture go on. */
export async function playPreview(page: Page): Promise<void> {
  const clocks = () =>
    page.evaluate<{ song: number; clip: number }>(`({
      song: document.querySelector('audio')?.currentTime ?? 0,
      clip: document.querySelector('video[data-scene]:not(.invisible)')?.currentTime ?? 0,
    })`);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await until('the preview goes on', async () => {
    const { song, clip } = await clocks();
    return song > 0.5 && clip > 0.3;
  });
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
}

/** A clip through the page's own resumable upload, in the place of the scene's first one. */
export async function uploadClip(page: Page, sequence: number, path: string): Promise<void> {
  const poster = () =>
    page.evaluate<{ path: string; width: number }>(`(() => {
      const card = document.querySelectorAll('[data-scene-card]')[${sequence - 1}];
      const picture = card?.querySelector('img');
      return { path: new URL(picture?.src || '/', location.href).pathname, width: picture?.naturalWidth ?? 0 };
    })()`);
  const before = await poster();
  await giveFile(page, path, () => choose(page, sequence, 'Upload clip'));
  await until(
    'the new clip has its poster',
    async () => {
      const now = await poster();
      return now.path !== before.path && now.width > 0;
    },
    JOB_MS,
  );
}

export async function lipsync(page: Page, sequence: number): Promise<void> {
  await choose(page, sequence, 'Add Lipsync');
  const dialog = page.getByRole('dialog', { name: `Add Lipsync to scene ${sequence}` });
  await dialog.getByRole('button', { name: 'Start lip-sync' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: `Lip-sync of scene ${sequence}: In sync` }).waitFor(JOB);
}

/** Composes, and plays the finished video until it has shown a second of itself and its end. */
export async function playFinalVideo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Compose', exact: true }).click();
  // The clip of two seconds is held in its scene, which is said first.
  const question = page.getByRole('dialog', { name: 'Before you compose' });
  await question.getByText('Scene 1 is longer than its clip.').waitFor();
  await question.getByRole('button', { name: 'Compose', exact: true }).click();
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor(JOB);
  await player.getByRole('button', { name: 'Play' }).click();
  const at = () => player.locator('video').evaluate<number, HTMLVideoElement>((video) => video.currentTime);
  await until('the finished video plays', async () => (await at()) > 1);
  // A jump to the end asks for a range that nothing has read before.
  await player.getByRole('slider', { name: 'Position in the video' }).press('End');
  await until('the finished video ends', () =>
    player.locator('video').evaluate<boolean, HTMLVideoElement>((video) => video.currentTime > 14),
  );
}

/** Keeps a picture of the page when something failed; resolves to where it is. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'songreel-picture-')), `${name}.png`);
  await page.screenshot({ path });
  return path;
}
