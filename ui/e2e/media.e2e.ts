import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, songFile } from '../../api/test/test-media';
import { type Dropped, drop } from './drop.harness';
import { problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);
/** Files are prepared one after the other on a machine that has other things to do. */
const JOB = { timeout: 150_000 };

let at: StudioPage;
let page: Page;
let clipPath: string;
let otherPath: string;
let imagePath: string;
beforeAll(async () => {
  at = await startStudioPage();
  ({ page } = at);
  clipPath = await plainClip('bring-in.mp4', { size: '320x180', rate: '25', seconds: 0.6 });
  otherPath = await plainClip('bring-in-short.mp4', { size: '320x180', rate: '25', seconds: 0.4 });
  imagePath = await plainClip('bring-in.jpg', { size: '320x180', rate: '25', seconds: 0, still: true });
});
afterAll(() => at.stop());

const clip = (name: string, path = clipPath): Dropped => ({ name, type: 'video/mp4', path });
const image = (name: string): Dropped => ({ name, type: 'image/jpeg', path: imagePath });
const uploads = () => page.getByRole('region', { name: 'Uploads' });
const viewer = () => page.getByRole('region', { name: 'Viewer' });
const panel = () => page.getByRole('region', { name: 'Media', exact: true });
const media = (name: string) => panel().getByRole('article', { name });

/** A project whose scenes are of half a second each, opened with its media in sight. */
async function openProject(title: string, scenes: number): Promise<Project> {
  const { api } = at.studio;
  const project = await api.createProject({ title, format: { width: 320, height: 180, fps: 25 } });
  for (let index = 0; index < scenes; index++) await api.addScene(project.id, { plannedDuration: 0.5 });
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: title }).waitFor();
  await page.getByRole('button', { name: 'Media', exact: true }).click();
  return project;
}
const sources = async (project: Project) =>
  (await at.studio.api.project(project.id)).scenes.map((scene) => scene.originalTake?.sourceName ?? null);
async function choose(name: string, action: string): Promise<void> {
  await media(name)
    .getByRole('button', { name: `Actions for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: action }).click();
}

test('files dropped on the media stay there; what is not used is deleted and taken back', async () => {
  const project = await openProject('Kept', 1);
  await panel().getByText('No media yet').waitFor();
  await drop(panel(), [clip('spare.mp4'), image('photo.jpg')], 'Drop to keep in Media');
  await media('spare.mp4').waitFor(JOB);
  await media('photo.jpg').waitFor(JOB);
  await uploads().waitFor({ state: 'detached', ...JOB });
  expect(await sources(project)).toEqual([null]);
  await media('spare.mp4').getByText('Not used').waitFor();

  await choose('spare.mp4', 'Delete');
  await media('spare.mp4').waitFor({ state: 'detached' });
  await page.getByText('“spare.mp4” deleted').waitFor();
  await page
    .getByRole('region', { name: /Notifications/ })
    .getByRole('button', { name: 'Undo' })
    .click();
  await media('spare.mp4').waitFor();
  await choose('spare.mp4', 'Delete');
  await media('spare.mp4').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'Recently deleted' }).click();
  const bin = page.getByRole('dialog', { name: 'Recently deleted' });
  await bin.getByRole('button', { name: 'Restore spare.mp4' }).waitFor();
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await bin.getByRole('button', { name: 'Restore spare.mp4' }).click();
  await bin.getByText('Nothing here').waitFor();
  await page.keyboard.press('Escape');
  await media('spare.mp4').waitFor();

  // One that a scene shows says why it can't be deleted, and is replaced everywhere.
  await media('spare.mp4').getByRole('button', { name: 'Use in scenes: spare.mp4' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: 'Scene 1' }).check();
  await dialog.getByRole('button', { name: 'Use in 1 scene' }).click();
  await media('spare.mp4').getByText('Scene 1', { exact: true }).waitFor();
  await media('spare.mp4').getByRole('button', { name: 'Actions for spare.mp4' }).click();
  await page.getByRole('menuitem', { name: 'Delete', disabled: true }).waitFor();
  await page.keyboard.press('Escape');
  await drop(panel(), [clip('better.mp4', otherPath)], 'Drop to keep in Media');
  await media('better.mp4').waitFor(JOB);
  await choose('spare.mp4', 'Replace everywhere …');
  await dialog.getByRole('radio', { name: 'better.mp4' }).check();
  await dialog.getByRole('button', { name: 'Replace' }).click();
  await media('better.mp4').getByText('Scene 1', { exact: true }).waitFor();
  expect(await sources(project)).toEqual(['better.mp4']);
  expect(await problemsInEveryLook(page)).toEqual([]);
});

test('clips beyond the end of the song are asked about, and can stay in the media', async () => {
  const { api } = at.studio;
  const project = await openProject('Full', 1);
  await api.uploadSong(project.id, await songFile());
  const { song } = await api.project(project.id);
  await api.call('PATCH', `/projects/${project.id}/scenes/1`, api.json({ plannedDuration: song?.duration }));
  await page.reload();
  await page.getByRole('heading', { name: 'Full' }).waitFor();
  await page.getByRole('button', { name: 'Media', exact: true }).click();
  const files = [clip('1.mp4'), clip('2.mp4', otherPath)];
  await drop(viewer(), files, 'Drop to fill the empty scenes in order');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('1 file stays in Media, ready for any scene.').waitFor();
  await dialog.getByRole('radio', { name: 'Add new scenes' }).click();
  await dialog.getByText('1 file gets a new scene.').waitFor();
  await dialog.getByRole('radio', { name: 'Keep in Media' }).click();
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await media('2.mp4').waitFor(JOB);
  await uploads().waitFor({ state: 'detached', ...JOB });
  expect(await sources(project)).toEqual(['1.mp4']);
});

test('a file is seen on its card, the timeline and in the viewer before it is sent', async () => {
  await openProject('Seen', 2);
  await page.route('**/api/mv/uploads**', () => undefined);
  await drop(viewer(), [clip('1.mp4'), image('2.jpg')], 'Drop to fill the empty scenes in order');
  const local = (place: string) => page.locator(`${place} img[src^="blob:"]`);
  await local('[data-scene-card]').nth(1).waitFor(JOB);
  await local('[data-scene-block]').nth(1).waitFor();
  expect(await local('[data-scene-card]').count()).toBe(2);
  await local('section[aria-label="Viewer"]').waitFor();
  const painted = await page.evaluate(`(() => {
    const image = document.querySelector('[data-scene-card] img');
    return image.decode().then(() => image.naturalWidth);
  })()`);
  expect(painted).toBe(320);
  page.once('dialog', (dialog) => void dialog.accept());
  await at.open('/');
  await page.unroute('**/api/mv/uploads**');
  expect(at.problems).toEqual([]);
});
