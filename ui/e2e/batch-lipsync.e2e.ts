import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, singerClip, songFile } from '../../api/test/test-media';
import { accessibilityProblems, sideways } from './accessibility.harness';
import { type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(300_000);

/** Two seconds of a clip, on a machine that is busy with other tests. */
const SYNCED_WITHIN = 240_000;

let at: StudioPage;
let page: Page;
let project: Project;

beforeAll(async () => {
  at = await startStudioPage();
  ({ page } = at);
  const { api } = at.studio;
  project = await api.createProject({ title: 'All at once', format: { width: 640, height: 360, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  const colours = await plainClip('singing-25.mp4', { size: '640x360', rate: '25', seconds: 1 });
  for (const [index, clip] of [await singerClip(), colours, colours].entries()) {
    await api.addScene(project.id, { prompt: `Shot ${index + 1}` });
    await api.uploadClip(project.id, index + 1, clip);
  }
  // Nobody sings in the last one.
  await api.call('PATCH', `/projects/${project.id}/scenes/3`, api.json({ needsLipSync: false }));
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: 'All at once' }).waitFor();
});
afterAll(() => at.stop());

const card = (sequence: number) => page.getByRole('article').nth(sequence - 1);
const scene = (sequence: number) => page.getByRole('checkbox', { name: `Sync scene ${sequence}` });
const ticked = async () =>
  Promise.all([1, 2, 3].map((sequence) => scene(sequence).isChecked({ timeout: 30_000 })));
const chooseOf = async (sequence: number, item: string) => {
  await page.getByRole('button', { name: `Actions for scene ${sequence}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
};

test('a batch begins with the scenes that need it; others are ticked by hand', async () => {
  await card(3).getByText('Left out of lip-sync').waitFor();
  await page.getByRole('button', { name: 'Lip-sync all' }).click();
  await page.getByRole('button', { name: 'Start 2 lip-syncs' }).waitFor();
  expect(await ticked()).toEqual([true, true, false]);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Select none' }).click();
  expect(await page.getByRole('button', { name: 'Start 0 lip-syncs' }).isDisabled()).toBe(true);
  // By keys, and by the row: the picture belongs to the check box.
  await scene(2).focus();
  await page.keyboard.press('Space');
  await page.getByText('Scene 1', { exact: true }).last().click();
  await page.getByRole('button', { name: 'Start 2 lip-syncs' }).waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await sideways(page)).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole('button', { name: 'Start 2 lip-syncs' }).click();
  // The singer is synced; in the colours there is nobody, which trying again does not change.
  await card(2).getByText('Lip-sync failed').waitFor({ timeout: SYNCED_WITHIN });
  await card(1).getByText('Lip-sync', { exact: true }).waitFor({ timeout: SYNCED_WITHIN });
  expect(await card(2).getByRole('button', { name: 'Try again' }).count()).toBe(0);
});

test('an error that was put away stays away', async () => {
  await card(2).getByRole('button', { name: 'Dismiss' }).click();
  await card(2).getByText('Lip-sync failed').waitFor({ state: 'detached' });
  await page.reload();
  await card(2).waitFor();
  expect(await card(2).getByText('Lip-sync failed').count()).toBe(0);
});

test('what is in sync is not done again unless it is ticked, and keeps its settings', async () => {
  await chooseOf(2, 'Leave out of lip-sync');
  await card(2).getByText('Left out of lip-sync').waitFor();
  await page.getByRole('button', { name: 'Lip-sync all' }).click();
  await page.getByRole('button', { name: 'Start 0 lip-syncs' }).waitFor();
  expect(await ticked()).toEqual([false, false, false]);
  await scene(1).check();
  await page.getByRole('button', { name: 'Start 1 lip-sync' }).waitFor();
  expect(await page.getByRole('switch', { name: 'Keep settings of synced scenes' }).isChecked()).toBe(true);
  expect(await page.getByRole('dialog').getByRole('slider').count()).toBe(0);
  await page.keyboard.press('Escape');
});

test('a re-sync is opened with the settings of the lip-sync before; another face without them', async () => {
  const { api } = at.studio;
  const body = api.json({ temperature: 0.85, speaker: { x: 0.5, y: 0.4 } });
  await api.call('POST', `/projects/${project.id}/lipsync/1`, body);
  await chooseOf(1, 'Regenerate Lip-Sync');
  await page.getByText('0.85').waitFor();
  await page.getByText('Selected: 50 % from left, 40 % from top').waitFor();
  await page.keyboard.press('Escape');
  await chooseOf(1, 'Add Lipsync');
  await page.getByText('0.50').waitFor();
  expect(await page.getByText('Selected: 50 %').count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(at.problems).toEqual([]);
});
