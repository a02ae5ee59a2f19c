import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { singerClip, songFile } from '../../api/test/test-media';
import { sideways } from './accessibility.harness';
import { giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** A phone: 390 pixels wide, a finger and no pointer. Review, play, upload, lip-sync, compose. */
let at: StudioPage;
let page: Page;
let project: Project;
beforeAll(async () => {
  at = await startStudioPage();
  project = await at.studio.api.createProject({
    title: 'On the train',
    format: { width: 640, height: 360, fps: 25 },
  });
  const phone = await at.browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    locale: 'en-US',
    baseURL: at.studio.studio.url ?? '',
  });
  page = await phone.newPage();
  page.on('pageerror', (error) => at.problems.push(error.message));
  await page.goto('/');
});
afterAll(() => at.stop());

const JOB = { timeout: 90_000 };
const now = () => at.studio.api.project(project.id);
const button = (name: string) => page.getByRole('button', { name, exact: true });

/** Buttons in sight that are too small for a finger: WCAG 2.2 asks for 24 pixels, this page for 32. */
function tooSmall(): Promise<string[]> {
  // All at one moment: a toast may go meanwhile, and its button with it.
  return page.locator('button:visible, a:visible').evaluateAll((all: HTMLElement[]) =>
    all
      .filter((each) => {
        const { width, height } = each.getBoundingClientRect();
        return width > 1 && Math.min(width, height) < 32;
      })
      .map((each) => each.getAttribute('aria-label') ?? each.textContent ?? ''),
  );
}

test('an empty project says how to begin; the song and a clip are uploaded', async () => {
  await page.getByRole('link', { name: 'On the train' }).tap();
  await page.getByRole('heading', { name: 'Start with a song and a scene' }).waitFor();
  await giveFile(page, await songFile(), () => button('Upload song').first().tap());
  await button('Replace song').waitFor(JOB);
  expect((await now()).song?.duration).toBeCloseTo(8, 2);
  await button('Add scene').first().tap();
  await giveFile(page, await singerClip(), async () => {
    await page.getByRole('button', { name: 'Actions for scene 1' }).tap();
    await page.getByRole('menuitem', { name: 'Upload clip' }).tap();
  });
  // The scene keeps its five seconds, however short the clip is.
  await page.locator('[data-scene-card]').getByText('Clip', { exact: true }).waitFor(JOB);
  await page.getByText('125 frames', { exact: true }).waitFor();
  expect(await sideways(page)).toBe(0);
});

test('the preview plays under a finger, and the timeline goes where it is touched', async () => {
  await button('Play').tap();
  const place = page.getByRole('slider', { name: 'Position in the song' });
  const time = async () => Number(await place.getAttribute('aria-valuenow'));
  await page.locator('[role=slider][aria-label="Position in the song"]:not([aria-valuenow="0"])').waitFor();
  await button('Pause').tap();
  // The viewer stays in sight; further down the timeline would lie under it.
  await page.evaluate('scrollTo(0, 0)');
  const box = await place.boundingBox();
  if (box === null) throw new Error('The timeline is not in view.');
  await page.touchscreen.tap(box.x + 20, box.y + box.height / 2);
  expect(await time()).toBeGreaterThan(0);
});

test('a lip-sync is started from the sheet and shown on the card', async () => {
  await button('Add Lipsync').first().tap();
  const sheet = page.getByRole('dialog', { name: 'Add Lipsync to scene 1' });
  await sheet.getByText('Free: runs').waitFor();
  await sheet.getByRole('switch', { name: 'Active speaker detection' }).tap();
  await sheet.getByRole('button', { name: 'Start lip-sync' }).tap();
  await sheet.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Lip-sync of scene 1: In sync' }).waitFor(JOB);
});

test('compose, and the final video plays under a finger', async () => {
  await button('Compose').tap();
  await page.getByRole('dialog').getByRole('button', { name: 'Compose', exact: true }).tap();
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor(JOB);
  await player.getByRole('button', { name: 'Play' }).tap();
  await player.locator('video').evaluate(
    (video: HTMLVideoElement) =>
      new Promise<void>((resolve) => {
        if (video.currentTime > 0) resolve();
        video.ontimeupdate = () => {
          if (video.currentTime > 0) resolve();
        };
      }),
  );
  expect(await page.getByRole('link', { name: 'Download' }).getAttribute('download')).not.toBeNull();
  expect(await sideways(page)).toBe(0);
});

test('nothing is too small for a finger', async () => {
  expect(await tooSmall()).toEqual([]);
  await page.goto('/create');
  await button('choose a file').waitFor();
  expect(await tooSmall()).toEqual([]);
  await page.goto('/settings');
  await page.getByText('Ready').first().waitFor();
  expect(await tooSmall()).toEqual([]);
  expect(at.problems).toEqual([]);
});
