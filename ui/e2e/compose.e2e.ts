import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, songFile } from '../../api/test/test-media';
import { problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(120_000);
/** A composition takes seconds, more of them on a busy machine. */
const JOB = { timeout: 90_000 };

let at: StudioPage;
let page: Page;
let project: Project;

beforeAll(async () => {
  // axe is given to the page past its content policy.
  at = await startStudioPage(undefined, { bypassCSP: true });
  ({ page } = at);
  const { api } = at.studio;
  project = await api.createProject({ title: 'Rough cut', format: { width: 320, height: 180, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  const clip = await plainClip('plain-1s.mp4', { size: '320x180', rate: '25', seconds: 1 });
  // A clip that fills its scene, a scene without one, and a clip that ends early.
  await api.addScene(project.id, { plannedDuration: 1 });
  await api.addScene(project.id, { plannedDuration: 0.4 });
  await api.addScene(project.id, { plannedDuration: 1.2 });
  await api.uploadClip(project.id, 1, clip);
  await api.uploadClip(project.id, 3, clip);
  await at.open(`/edit/${project.id}`);
});
afterAll(() => at.stop());

const open = (name: string) => page.getByRole('button', { name, exact: true }).first().click();

test('a rough cut tells what is missing, and can play the whole song, without a fade', async () => {
  await open('Compose');
  const dialog = page.getByRole('dialog', { name: 'The video is shorter than the song' });
  await dialog.getByText('Scene 2 has no clip and will be black.').waitFor();
  await dialog.getByText('Scene 3 is longer than its clip. The last frame is held.').waitFor();
  await dialog.getByText(/won’t be heard/).waitFor();
  expect(await dialog.getByRole('switch', { name: 'Fade out' }).isChecked()).toBe(true);
  expect(await problemsInEveryLook(page)).toEqual([]);
  // By keys alone: the next ending, the fade off, and off it goes.
  await dialog.getByRole('radio', { name: 'End with the scenes' }).focus();
  await page.keyboard.press('ArrowRight');
  await dialog.getByText(/The last frame stays for/).waitFor();
  await dialog.getByRole('switch', { name: 'Fade out' }).press('Space');
  await dialog.getByRole('button', { name: 'Compose', exact: true }).press('Enter');
  await page.getByText('Up to date').waitFor(JOB);
  const { finalVideo, song } = await at.studio.api.project(project.id);
  expect(finalVideo?.duration).toBeCloseTo(song?.duration ?? 0, 1);
  expect(finalVideo?.composedWith).toMatchObject({ ending: 'fill', fadeOutSeconds: 0, allowMissing: true });
});

test('composed again, it starts from what was chosen last', async () => {
  const { call, json } = at.studio.api;
  await call('PATCH', `/projects/${project.id}/scenes/2`, json({ plannedDuration: 0.6 }));
  await page.getByText('Out of date').waitFor();
  await open('Compose again');
  const dialog = page.getByRole('dialog', { name: 'The video is shorter than the song' });
  expect(await dialog.getByRole('radio', { name: 'Hold the last frame' }).isChecked()).toBe(true);
  expect(await dialog.getByRole('switch', { name: 'Fade out' }).isChecked()).toBe(false);
  await page.keyboard.press('Escape');
  expect(at.problems).toEqual([]);
});
