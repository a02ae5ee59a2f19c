import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Project } from '../../api/contract/project.schema';
import { singerClip, songFile } from '../../api/test/test-media';
import { accessibilityProblems } from './accessibility.harness';
import { framesApart } from './in-step.harness';
import { choose, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** Versions, comparing, batch, and the same by keyboard alone and on a small screen. */
let at: StudioPage;
let project: Project;
beforeAll(async () => {
  at = await startStudioPage();
  const { api } = at.studio;
  project = await api.createProject({ title: 'Versions', format: { width: 320, height: 180, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  for (const [index, prompt] of ['First', 'Second'].entries()) {
    await api.addScene(project.id, { prompt });
    await api.uploadClip(project.id, index + 1, await singerClip());
  }
  await api.trim(project.id, 1, { inFrame: 10, outFrame: 40 });
  await at.open(`/edit/${project.id}`);
  await at.page.getByRole('heading', { name: 'Versions' }).waitFor();
});
afterAll(() => at.stop());

const JOB = { timeout: 90_000 };
const now = () => at.studio.api.project(project.id);

test('batch: the sum before anything is begun, then every scene is synced', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Lip-sync all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lip-sync all scenes' });
  await dialog.getByText('Free: runs').waitFor();
  await dialog.getByRole('button', { name: 'Start 2 lip-syncs' }).click();
  await dialog.waitFor({ state: 'detached' });
  for (const sequence of [1, 2]) {
    await page.getByRole('button', { name: `Lip-sync of scene ${sequence}: In sync` }).waitFor(JOB);
  }
});

test('compare: both run on one clock, lined up by the frames of the original', async () => {
  const { page } = at;
  await choose(page, 1, 'Compare with original');
  const dialog = page.getByRole('dialog', { name: 'Compare versions of scene 1' });
  await dialog.getByText('frame 1 of 30').waitFor();
  // Watched from the press of the button until both stand still again at the end of the clips.
  const watch = `new Promise((resolve) => {
    const [right, left] = document.querySelectorAll('[role=dialog] video');
    const off = [];
    let [drawnAt, stalledMs] = [null, 0];
    const look = () => {
      const now = performance.now();
      if (drawnAt !== null) stalledMs = Math.max(stalledMs, now - drawnAt);
      drawnAt = left.paused ? null : now;
      // The original is ten frames ahead in its own time.
      if (!left.paused && !right.paused) off.push(Math.abs(left.currentTime - right.currentTime - 10 / 25) * 25);
      if (off.length > 0 && left.paused) resolve({ off, stalledMs });
      else requestAnimationFrame(look);
    };
    document.querySelector('[role=dialog] button[aria-label="Play both"]').click();
    look();
  })`;
  const apart = await framesApart(async () => {
    const seen = await page.evaluate<{ off: number[]; stalledMs: number }>(watch);
    const off = seen.off.sort((a, b) => a - b);
    return { off: off[Math.floor(off.length / 2)] ?? 99, stalledMs: seen.stalledMs };
  });
  expect(apart).toBeLessThan(1);
  await dialog.getByRole('radio', { name: 'Wipe' }).click();
  const wipe = dialog.getByRole('slider', { name: 'Wipe position' });
  await wipe.press('Home');
  expect(await wipe.getAttribute('aria-valuetext')).toBe('0% left version');
  await dialog.getByRole('button', { name: 'Use left' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect((await now()).scenes[0]).toMatchObject({ slotFrames: 50, currentTake: { kind: 'original' } });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Lip-sync of scene 1: In sync' }).waitFor();
  expect((await now()).scenes[0]).toMatchObject({ slotFrames: 30, currentTake: { kind: 'lipsynced' } });
});

test('versions: every one with how it was made; another is chosen, and the original had back', async () => {
  const { page } = at;
  await choose(page, 1, 'Versions');
  const dialog = page.getByRole('dialog', { name: 'Versions of scene 1' });
  await dialog.getByText('Frames 10 to 39 of the original').waitFor();
  const synced = dialog.getByRole('article', { name: /^Lip-synced/ });
  expect(await synced.textContent()).toContain('expressiveness 0.5');
  const trimmed = dialog.getByRole('article', { name: /^Trimmed/ });
  await trimmed.getByRole('button', { name: /^Use this version/ }).click();
  await trimmed.getByText('In use').waitFor();
  await synced.getByRole('button', { name: /^Use this version/ }).click();
  await synced.getByText('In use').waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect((await now()).scenes[0]).toMatchObject({ slotFrames: 30, currentTake: { kind: 'lipsynced' } });
  await choose(page, 1, 'Revert to original');
  const revert = page.getByRole('alertdialog', { name: 'Revert scene 1 to its original?' });
  await revert.getByRole('button', { name: 'Revert to original' }).click();
  await page.getByRole('button', { name: 'Lip-sync of scene 1: Add Lipsync' }).waitFor();
});

test('by keyboard alone: the menu, the modal, its options and its start', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Actions for scene 1' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Add Lipsync' }).waitFor();
  await page.keyboard.type('Add');
  await page.keyboard.press('Enter');
  const modal = page.getByRole('dialog', { name: 'Add Lipsync to scene 1' });
  await modal.getByText('Free: runs').waitFor();
  // Every control is met by Tab, in the order in which they are read; the last starts it.
  const met: string[] = [];
  for (let step = 0; step < 20; step++) {
    const name = await page.evaluate<string>(`(() => {
      const at = document.activeElement;
      const label = at.id && document.querySelector('label[for="' + at.id + '"]')?.textContent;
      return at.getAttribute('aria-label') || label || at.textContent.trim();
    })()`);
    if (met.at(-1) !== name) met.push(name);
    if (name === 'Active speaker detection') await page.keyboard.press('Space');
    if (name === 'Start lip-sync') break;
    await page.keyboard.press('Tab');
  }
  expect(met.slice(-6)).toEqual([
    'Lip movement expressiveness',
    'Active speaker detection',
    'Occlusion detection',
    'Provider',
    'Cancel',
    'Start lip-sync',
  ]);
  await page.keyboard.press('Enter');
  await modal.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Lip-sync of scene 1: In sync' }).waitFor(JOB);
  expect((await now()).scenes[0]?.currentTake?.madeBy['options']).toMatchObject({
    active_speaker_detection: true,
  });
});

test('nothing broke', () => expect(at.problems).toEqual([]));
