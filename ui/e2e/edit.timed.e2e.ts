import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, singerClip, songFile } from '../../api/test/test-media';
import { accessibilityProblems, sideways } from './accessibility.harness';
import { framesApart, watchStalls } from './in-step.harness';
import { giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(120_000);

let at: StudioPage;
let page: Page;
let project: Project;

beforeAll(async () => {
  at = await startStudioPage();
  ({ page } = at);
  const { api } = at.studio;
  project = await api.createProject({ title: 'Night drive', format: { width: 640, height: 360, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  const clips = [
    await plainClip('tall-30.mp4', { size: '360x640', rate: '30', seconds: 2.52, sound: true }),
    await singerClip(),
  ];
  for (const [index, clip] of clips.entries()) {
    await api.addScene(project.id, { prompt: `Shot ${index + 1}` });
    await api.uploadClip(project.id, index + 1, clip);
  }
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: 'Night drive' }).waitFor();
});
afterAll(() => at.stop());

const menu = (sequence: number) => page.getByRole('button', { name: `Actions for scene ${sequence}` });
const choose = async (sequence: number, item: string) => {
  await menu(sequence).click();
  await page.getByRole('menuitem', { name: item }).click();
};
const now = () => at.studio.api.project(project.id);

test('the preview follows the song over the cut, within a frame', async () => {
  const starts = (await now()).scenes.map((scene) => scene.start ?? 0);
  // Both clocks, read at the first picture of the second scene and at every one around it; and the longest
  // time without a picture, of the page or of a clip.
  const watch = `new Promise((resolve) => {
    const song = document.querySelector('audio');
    const seen = [];${watchStalls}
    for (const clip of document.querySelectorAll('video[data-scene]')) {
      const shown = begin();
      const look = () => {
        if (song.currentTime > 3.5) {
          // At once: the song ends soon.
          document.querySelector('button[aria-label="Pause"]')?.click();
          return resolve({ seen, stalledMs });
        }
        clip.requestVideoFrameCallback(look);
        const isShown = !(song.paused || clip.paused || clip.classList.contains('invisible'));
        shown(isShown);
        if (!isShown) return;
        const scene = Number(clip.dataset.scene);
        seen.push({ scene, off: clip.currentTime - (song.currentTime - ${JSON.stringify(starts)}[scene - 1]) });
      };
      clip.requestVideoFrameCallback(look);
    }
  })`;
  const apart = await framesApart(async () => {
    const watched = page.evaluate<{ seen: { scene: number; off: number }[]; stalledMs: number }>(watch);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const { seen, stalledMs } = await watched;
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Go to start' }).click();
    const second = seen.filter((frame) => frame.scene === 2).map((frame) => Math.abs(frame.off) * 25);
    expect(new Set(seen.map((frame) => frame.scene)).size).toBe(2);
    return { off: Math.max(second[0] ?? 99, ...second.slice(8)), stalledMs };
  });
  expect(apart).toBeLessThan(1);
});

test('a menu item that can’t be done says why and does nothing', async () => {
  await menu(1).click();
  const item = page.getByRole('menuitem', { name: 'Revert to original' });
  expect(await item.getAttribute('aria-disabled')).toBe('true');
  expect(await item.textContent()).toContain('the scene already shows the original');
  await page.keyboard.press('Escape');
});

test('Trim says what moves before it is applied, and cuts to the frame', async () => {
  await choose(1, 'Trim');
  const out = page.getByRole('spinbutton', { name: 'Out (frame)' });
  await out.fill('40');
  await out.press('Tab');
  await page.getByText('Scene 2 starts 23 frames earlier.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Trim' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('40 frames', { exact: true }).waitFor();
  expect((await now()).scenes.map((scene) => scene.frames)).toEqual([40, 50]);
});

test('Add Lipsync: menu, modal, work on the card, badge', async () => {
  await choose(2, 'Add Lipsync');
  const modal = page.getByRole('dialog', { name: 'Add Lipsync to scene 2' });
  await modal.waitFor();
  expect(await modal.textContent()).toContain('0 = subtle, 1 = exaggerated');
  expect(await modal.getByRole('region', { name: 'Part of the song' }).textContent()).toMatch(
    /From\s*0:01\.6\s*frame 40\s*To\s*0:03\.6\s*frame 90\s*Length\s*0:02\.0\s*50 frames/,
  );
  const expressiveness = modal.getByRole('slider', { name: 'Lip movement expressiveness' });
  expect(await expressiveness.getAttribute('aria-valuenow')).toBe('0.5');
  await modal.getByText('Free: runs on this computer').waitFor();
  await modal.getByRole('switch', { name: 'Active speaker detection' }).click();
  await modal.getByRole('button', { name: 'Start lip-sync' }).click();
  await modal.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Lip-sync of scene 2: In sync' }).waitFor({ timeout: 60_000 });
  const scene = (await now()).scenes[1];
  expect(scene?.currentTake?.kind).toBe('lipsynced');
  expect(scene?.currentTake?.madeBy['options']).toMatchObject({
    temperature: 0.5,
    active_speaker_detection: true,
  });
});

test('another order makes the lip-sync stale, and the card says so', async () => {
  await choose(2, 'Move up');
  await page.getByText('The scene has moved in the song.').waitFor();
  await choose(1, 'Move down');
  await page.getByText('The scene has moved in the song.').waitFor({ state: 'detached' });
});

test('another song is asked for first when lip-syncs were made for this one', async () => {
  const before = (await now()).song?.id;
  const song = await songFile();
  const replace = () => page.getByRole('button', { name: 'Replace song' });
  const dialog = page.getByRole('alertdialog', { name: 'Replace song?' });
  await giveFile(page, song, () => replace().click());
  await dialog.getByText('One scene is lip-synced to the current song').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await now()).song?.id).toBe(before ?? '');
  await giveFile(page, song, () => replace().click());
  await dialog.getByRole('button', { name: 'Replace song' }).click();
  await page.getByText('The song has changed.').waitFor({ timeout: 60_000 });
  expect((await now()).song?.id).not.toBe(before ?? '');
  await choose(2, 'Regenerate Lip-Sync');
  await page.getByRole('dialog').getByRole('button', { name: 'Start lip-sync' }).click();
  await page.getByRole('button', { name: 'Lip-sync of scene 2: In sync' }).waitFor({ timeout: 60_000 });
});

test('compose: the final video appears; a later change puts it out of date', async () => {
  await page.getByRole('button', { name: 'Compose', exact: true }).click();
  // The scenes don't fill the song, which is said before anything is composed.
  const question = page.getByRole('dialog', { name: 'The video is shorter than the song' });
  await question.getByText(/The song stops when the video ends/).waitFor();
  await question.getByRole('button', { name: 'Compose', exact: true }).click();
  await page.getByRole('heading', { name: 'Final video' }).waitFor({ timeout: 60_000 });
  await choose(2, 'Revert to original');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revert to original' }).click();
  await page.getByText('Out of date').waitFor();
  expect((await now()).scenes[1]?.currentTake?.kind).toBe('original');
});

test('words save by themselves and start nothing', async () => {
  await page.getByRole('textbox').first().fill('A long road at night');
  await page.getByText('Saved', { exact: true }).waitFor();
  const { scenes, activeJobs } = await now();
  expect(scenes.map((scene) => scene.prompt)).toContain('A long road at night');
  expect([...activeJobs, ...scenes.map((scene) => scene.activeJob)].filter((job) => job !== null)).toEqual(
    [],
  );
});

test('axe finds nothing, light and dark, wide and narrow, and nothing runs out of the page', async () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      expect([colorScheme, width, await accessibilityProblems(page)]).toEqual([colorScheme, width, []]);
      expect([width, await sideways(page)]).toEqual([width, 0]);
    }
  }
  expect(at.problems).toEqual([]);
});
