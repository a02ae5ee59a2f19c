import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, songFile } from '../../api/test/test-media';
import { giveFile, problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(120_000);

const JOB = { timeout: 90_000 };
let at: StudioPage;
let page: Page;
let project: Project;
let clip: string;

beforeAll(async () => {
  at = await startStudioPage(undefined, { bypassCSP: true });
  ({ page } = at);
  const { api } = at.studio;
  clip = await plainClip('tall-25.mp4', { size: '180x320', rate: '25', seconds: 2 });
  project = await api.createProject({ title: 'Tall', format: { width: 180, height: 320, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  for (const prompt of ['Rooftop', 'Street']) {
    await api.addScene(project.id, { prompt, plannedDuration: 2 });
  }
  await at.open(`/edit/${project.id}`);
});
afterAll(() => at.stop());

const viewer = () => page.getByRole('region', { name: 'Viewer' });
const now = () => at.studio.api.project(project.id);

test('an empty scene says in viewer, card and inspector how it gets a clip', async () => {
  await viewer().getByText('Scene 1 has no clip yet').waitFor();
  for (const place of [
    viewer(),
    page.locator('[data-scene-card]').first(),
    page.getByRole('region', { name: 'Inspector' }),
  ]) {
    await place.getByRole('button', { name: 'Upload clip' }).waitFor();
    await place.getByRole('button', { name: 'Generate clip' }).waitFor();
  }
  // Why it can't be composed is seen without pointing at anything.
  await page.getByText('add a clip first').first().waitFor();
  expect(await problemsInEveryLook(page)).toEqual([]);
  await giveFile(page, clip, () => viewer().getByRole('button', { name: 'Upload clip' }).click());
  await page.locator('[data-scene-card]').first().getByText('Clip', { exact: true }).waitFor(JOB);
});

test('a scene’s image is seen large in the viewer', async () => {
  await page.locator('[data-scene-card] [data-scene-choose]').nth(1).click();
  await viewer().getByRole('button', { name: 'Generate image' }).click();
  const dialog = page.getByRole('dialog', { name: 'Generate image for scene 2' });
  await dialog.getByText('A drawn placeholder for planning').waitFor();
  expect(await dialog.getByRole('combobox', { name: 'Provider' }).textContent()).toContain(
    'Storyboard draft',
  );
  await dialog.getByRole('button', { name: 'Generate image' }).click();
  const image = viewer().getByRole('img', { name: 'Street' });
  await image.waitFor(JOB);
  expect((await image.boundingBox())?.height).toBeGreaterThan(300);
});

test('concept, character and product are seen and edited in the project', async () => {
  await page.getByRole('button', { name: 'Project details' }).click();
  const dialog = page.getByRole('dialog', { name: 'Project details' });
  await dialog.getByText('180×320, 25 fps').waitFor();
  await dialog.getByRole('textbox', { name: 'Concept' }).fill('A walk home');
  await dialog.getByRole('textbox', { name: 'Character' }).fill('Red coat');
  await dialog.getByRole('textbox', { name: 'Title' }).fill('');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Enter a title.').waitFor();
  await dialog.getByRole('textbox', { name: 'Title' }).fill('Walk');
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(await now()).toMatchObject({
    title: 'Walk',
    concept: 'A walk home',
    characterDescription: 'Red coat',
    productDescription: '',
  });
});

test('the final player of an upright video has a slider of some width, at 1440 and at 390', async () => {
  await at.studio.api.uploadClip(project.id, 2, clip);
  await page.getByRole('button', { name: 'Compose', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'The video is shorter than the song' });
  await question.waitFor();
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await question.getByRole('button', { name: 'Compose', exact: true }).click();
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor(JOB);
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const track = player.getByRole('slider', { name: 'Position in the video' }).locator('xpath=..');
    expect((await track.boundingBox())?.width).toBeGreaterThan(90);
  }
  expect(at.problems).toEqual([]);
});
