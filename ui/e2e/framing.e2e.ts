import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import type { Scene } from '../../api/contract/scene.schema';
import { plainClip } from '../../api/test/test-media';
import { problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

const JOB = { timeout: 120_000 };
let at: StudioPage;
let page: Page;
let project: Project;

beforeAll(async () => {
  at = await startStudioPage(undefined, { bypassCSP: true });
  ({ page } = at);
  const { api } = at.studio;
  const clip = await plainClip('wide-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  project = await api.createProject({ title: 'Framing', format: { width: 180, height: 320, fps: 25 } });
  for (const seconds of [3, 1]) await api.addScene(project.id, { plannedDuration: seconds });
  for (const sequence of [1, 2]) await api.uploadClip(project.id, sequence, clip);
  await at.open(`/edit/${project.id}`);
  await inspector().getByText('Framing and speed').waitFor();
});
afterAll(() => at.stop());

const inspector = () => page.getByRole('region', { name: 'Inspector' });
const viewer = () => page.getByRole('region', { name: 'Viewer' });
const remedy = (name: string | RegExp) => inspector().getByRole('button', { name });
const first = async (): Promise<Scene> => {
  const [scene] = (await at.studio.api.project(project.id)).scenes;
  if (scene === undefined) throw new Error('No scene.');
  return scene;
};

/** Waits until the first scene is as it should be: read again whenever the page was told of a change. */
async function becomes(matches: (scene: Scene) => boolean): Promise<Scene> {
  for (;;) {
    const told = page.waitForResponse((answer) => answer.url().endsWith(`/projects/${project.id}`), JOB);
    told.catch(() => undefined);
    const scene = await first();
    if (matches(scene)) return scene;
    await told;
  }
}
const undo = async () => {
  await page.getByRole('button', { name: /^Undo/ }).click();
  await inspector().getByText('Clip is 1.0 sec too short').waitFor(JOB);
};

test('a clip that is too short says so and gets each remedy with one click', async () => {
  await page.locator('[data-scene-card]').first().getByText('1.0 sec short').waitFor();
  await inspector().getByText('Clip is 1.0 sec too short').waitFor();
  expect(await problemsInEveryLook(page)).toEqual([]);

  await remedy('Slow down to 0.67×').click();
  await inspector().getByText('Clip is 1.0 sec too short').waitFor({ state: 'hidden' });
  const slowed = await becomes((scene) => scene.missingFrames === 0 && !scene.fitting);
  expect(slowed.window).toMatchObject({ blend: true, speed: 0.666 });
  expect(slowed.currentTake?.frames).toBe(75);
  await undo();

  await remedy('Play back and forth').click();
  await becomes((scene) => scene.window.ending === 'bounce' && !scene.fitting);
  expect(await remedy('Play back and forth').getAttribute('aria-pressed')).toBe('true');
  await remedy('Hold last frame').click();
  await becomes((scene) => scene.window.ending === 'hold' && !scene.fitting);

  await remedy('Shorten scene to 2.0 sec').click();
  await becomes((scene) => scene.slotFrames === 50 && scene.missingFrames === 0);
  await undo();
});

test('framing is seen before it is rendered, dragged by hand, and replaced by what was rendered', async () => {
  await becomes((scene) => !scene.fitting);
  await inspector().getByText('Framing and speed').click();
  const shown = viewer().locator('video:not(.invisible)');
  // What is rendered can't be there before the server knows of the change.
  const { promise: isSeen, resolve: send } = Promise.withResolvers<void>();
  await page.route('**/window', async (route) => {
    await isSeen;
    await route.continue();
  });
  await viewer().getByRole('button', { name: 'Move clip in frame' }).waitFor();
  const area = await viewer().getByRole('button', { name: 'Move clip in frame' }).boundingBox();
  if (area === null) throw new Error('Nothing to drag.');
  await page.mouse.move(area.x + area.width / 2, area.y + area.height / 2);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width / 2 - area.width / 2, area.y + area.height / 2, { steps: 4 });
  await page.locator('video:not(.invisible)[style*="316"]').waitFor();
  const dragged = await shown.evaluate((video: HTMLVideoElement) => Number.parseFloat(video.style.left));
  // Half a frame to the left of the middle, where it was.
  expect(dragged).toBeCloseTo(-158.02, 0);
  await page.mouse.up();
  send();
  const moved = await becomes((scene) => scene.window.framing.x > 0.6 && !scene.fitting);
  expect(moved.window.framing.x).toBeCloseTo(0.658, 2);
  expect(moved.currentTake).toMatchObject({ kind: 'trimmed', width: 180, height: 320, frames: 75 });
  await page.waitForFunction(() => {
    const video = document.querySelector<HTMLVideoElement>('video:not(.invisible)');
    return video !== null && video.style.width === '' && video.readyState >= 2;
  });
});

test('fit has a background, free is scaled by numbers, and a speed is typed', async () => {
  await inspector().getByRole('radio', { name: 'Fit' }).click();
  await inspector().getByRole('radio', { name: 'Blur' }).click();
  await becomes(({ window: { framing } }) => framing.mode === 'fit' && framing.background === 'blur');
  await inspector().getByRole('radio', { name: 'Free' }).click();
  const scale = inspector().getByRole('spinbutton', { name: 'Scale' });
  await scale.fill('150');
  await scale.press('Enter');
  const speed = inspector().getByRole('spinbutton', { name: 'Speed' });
  await speed.fill('99');
  await speed.press('Enter');
  const scene = await becomes(({ window }) => window.framing.scale === 1.5 && window.speed === 4);
  expect(scene.window.framing).toMatchObject({ mode: 'free', background: 'blur' });
  expect(await problemsInEveryLook(page)).toEqual([]);
  // What is shown of 12 frames is said, and what can't be mended by slowing down doesn't pretend to be.
  await inspector().getByText('Clip is 2.5 sec too short').waitFor();
  await becomes((one) => !one.fitting);
  await viewer().getByRole('button', { name: 'Move clip in frame' }).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await becomes(({ window }) => window.framing.x > 0.55);
  expect(at.problems).toEqual([]);
});

test('a project is duplicated in another shape, where every clip fills the frame', async () => {
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate in another shape' }).click();
  const dialog = page.getByRole('dialog', { name: 'Duplicate in another shape' });
  await dialog.getByRole('radio', { name: '1:1' }).click();
  await dialog.getByText('180 × 180').waitFor();
  expect(await dialog.getByRole('textbox', { name: 'Title' }).inputValue()).toBe('Framing (1:1)');
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Duplicate' }).click();
  await page
    .getByRole('heading', { name: 'Framing (1:1)' })
    .or(page.getByText('Framing (1:1)'))
    .first()
    .waitFor(JOB);
  await inspector().getByText('Framing and speed').waitFor(JOB);
  const copyId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  expect(copyId).not.toBe(project.id);
  const copy = await at.studio.api.project(copyId);
  expect(copy.format).toEqual({ width: 180, height: 180, fps: 25 });
  expect(copy.scenes.map(({ window }) => window.framing.mode)).toEqual(['fill', 'fill']);
  const shape = await viewer().locator('.screen').boundingBox();
  expect((shape?.width ?? 0) / (shape?.height ?? 1)).toBeCloseTo(1, 1);
  expect(at.problems).toEqual([]);
});
