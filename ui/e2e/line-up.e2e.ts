import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Project } from '../../api/contract/project.schema';
import { filmedClip, melodyFile, plainClip } from '../../api/test/test-media';
import { choose, problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** Clips that were filmed to the song: found, looked at, lined up. */
let at: StudioPage;
let project: Project;
beforeAll(async () => {
  at = await startStudioPage();
  const { api } = at.studio;
  project = await api.createProject({ title: 'Lined up', format: { width: 320, height: 180, fps: 25 } });
  await api.uploadSong(project.id, await melodyFile());
  for (const prompt of ['Wide shot', 'Street', 'Close up'])
    await api.addScene(project.id, { prompt, plannedDuration: 2 });
  const early = await filmedClip('filmed-early.mp4', { start: -1, seconds: 12 });
  const other = await plainClip('line-up-other.mp4', {
    size: '320x180',
    rate: '25',
    seconds: 4,
    sound: true,
  });
  await api.uploadClip(project.id, 1, early, 'stage-left.mp4');
  await api.uploadClip(project.id, 2, other, 'street.mp4');
  await at.open(`/edit/${project.id}`);
  await at.page.getByRole('heading', { name: 'Lined up' }).waitFor();
});
afterAll(() => at.stop());

const LISTENING = { timeout: 120_000 };

test('all clips are listened to; what is certain is chosen, and lined up at once', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Line up all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Line up with the song' });
  await dialog.getByRole('button', { name: 'Line up 2 scenes' }).waitFor(LISTENING);
  const row = (sequence: number) => dialog.getByRole('listitem').filter({ hasText: `Scene ${sequence}` });
  await row(1).getByText('The clip will start at 0:01.0').waitFor();
  await row(1).getByText('Certain').filter({ visible: true }).waitFor();
  await row(2).getByText('Its sound isn’t this song.').waitFor();
  await row(2).getByText('Does not belong').filter({ visible: true }).waitFor();
  expect(await row(2).getByRole('checkbox').count()).toBe(0);
  await row(3).getByText('stage-left.mp4, from 0:05.0').waitFor();
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  // By keyboard: off, and on again.
  const third = row(3).getByRole('checkbox', { name: 'Scene 3' });
  await third.focus();
  await page.keyboard.press('Space');
  await dialog.getByRole('button', { name: 'Line up 1 scene' }).waitFor();
  await page.keyboard.press('Space');
  await dialog.getByRole('button', { name: 'Line up 2 scenes' }).click();
  await dialog.waitFor({ state: 'detached' });
  const card = page.locator('[data-scene-card]').first();
  await card.getByText('In sync').waitFor(LISTENING);
  const { scenes } = await at.studio.api.project(project.id);
  expect(scenes.map(({ window, slotFrames }) => [window.inFrame, slotFrames])).toEqual([
    [25, 50],
    [0, 50],
    [125, 50],
  ]);
});

test('one scene says that its clip does not belong, and can be left by Escape', async () => {
  const { page } = at;
  await choose(page, 2, 'Line up with song');
  const dialog = page.getByRole('dialog', { name: 'Line up scene 2 with the song' });
  await dialog.getByText('Does not belong').filter({ visible: true }).waitFor(LISTENING);
  expect(await dialog.getByRole('listitem').count()).toBe(1);
  expect(await dialog.getByRole('button', { name: 'Line up 0 scenes' }).isDisabled()).toBeTrue();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(at.problems).toEqual([]);
});
