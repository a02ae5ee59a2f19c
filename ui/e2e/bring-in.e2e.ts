import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page, Route } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, songFile } from '../../api/test/test-media';
import { accessibilityProblems } from './accessibility.harness';
import { type Dropped, drop } from './drop.harness';
import { problemsInEveryLook, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);
/** Twenty files are prepared one after the other on a machine that has other things to do. */
const JOB = { timeout: 150_000 };

let at: StudioPage;
let page: Page;
let folder: string;
let clipPath: string;
let imagePath: string;
beforeAll(async () => {
  at = await startStudioPage();
  ({ page } = at);
  folder = await mkdtemp(join(tmpdir(), 'songreel-bring-in-'));
  clipPath = await plainClip('bring-in.mp4', { size: '320x180', rate: '25', seconds: 0.6 });
  imagePath = await plainClip('bring-in.jpg', { size: '320x180', rate: '25', seconds: 0, still: true });
});
afterAll(async () => {
  await at.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A project with so many empty scenes of half a second, opened. */
async function openProject(title: string, scenes: number): Promise<Project> {
  const { api } = at.studio;
  const project = await api.createProject({ title, format: { width: 320, height: 180, fps: 25 } });
  for (let index = 0; index < scenes; index++) await api.addScene(project.id, { plannedDuration: 0.5 });
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: title }).waitFor();
  return project;
}

const clip = (name: string): Dropped => ({ name, type: 'video/mp4', path: clipPath });
const image = (name: string): Dropped => ({ name, type: 'image/jpeg', path: imagePath });
/** Says that it is a clip, and is none. */
const broken = (name: string): Dropped => ({ name, type: 'video/mp4', path: null });

const uploads = () => page.getByRole('region', { name: 'Uploads' });
const viewer = () => page.getByRole('region', { name: 'Viewer' });
const rows = () => uploads().getByRole('listitem');
const row = (name: string) => rows().filter({ hasText: name });
/** The source of each scene's clip or image, in order. */
const sources = async (project: Project) =>
  (await at.studio.api.project(project.id)).scenes.map(
    (scene) => scene.originalTake?.sourceName ?? scene.imageTake?.sourceName ?? null,
  );
const UPLOADS = '**/api/mv/uploads**';

test('twenty mixed files dropped at once fill the scenes in the order of their names', async () => {
  const project = await openProject('Twenty', 14);
  const names = Array.from({ length: 20 }, (_, index) => `take ${index + 1}`);
  const isClip = (index: number) => index % 3 === 1;
  const files = names.map((name, index) =>
    index === 7 ? broken(`${name}.mp4`) : isClip(index) ? clip(`${name}.mp4`) : image(`${name}.jpg`),
  );
  // As a folder may list them: 1, 10, 11, … 2, 20, 3.
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  await drop(viewer(), files, 'Drop to fill the empty scenes in order');
  await uploads().getByText('1 file could not be added').waitFor(JOB);
  expect(await sources(project)).toEqual(
    names.map((name, index) => (index === 7 ? null : `${name}.${isClip(index) ? 'mp4' : 'jpg'}`)),
  );
  expect(await page.getByText('19 files added.').first().isVisible()).toBe(true);
  // What failed stays, and names file, scene and what to do.
  const failed = row('take 8.mp4');
  await failed.getByText('Scene 8').waitFor();
  await failed.getByRole('button', { name: 'Choose another file: take 8.mp4' }).waitFor();
  await page.reload();
  await failed.getByText('Scene 8').waitFor();
  expect(await problemsInEveryLook(page)).toEqual([]);
  await failed.getByRole('button', { name: 'Dismiss: take 8.mp4' }).click();
  await uploads().waitFor({ state: 'detached' });
});

test('a few are sent at a time; one is canceled, one that failed is tried again', async () => {
  const project = await openProject('Retry', 5);
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let failures = 1;
  // The first two creations: one waits, one is answered with a refusal for now.
  await page.route(UPLOADS, async (route: Route) => {
    if (route.request().method() !== 'POST') return route.fallback();
    const metadata = route.request().headers()['upload-metadata'] ?? '';
    const name = Buffer.from(
      /filename (\S+)/.exec(metadata.replaceAll(',', ' '))?.[1] ?? '',
      'base64',
    ).toString();
    if (name === 'b.mp4' && failures > 0) {
      failures -= 1;
      return route.fulfill({ status: 429, json: { error: 'TooManyUploads', message: 'Too many at once.' } });
    }
    if (name !== 'b.mp4') await gate;
    return route.fallback();
  });
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) => clip(`${name}.mp4`));
  await drop(viewer(), files, 'Drop to fill the empty scenes in order');
  await row('b.mp4').getByText('Too many at once.').waitFor(JOB);
  // a, c and d are sent now; e waits.
  await row('e.mp4').getByText('Waiting').waitFor();
  await row('c.mp4').getByRole('button', { name: 'Cancel: c.mp4' }).click();
  await row('c.mp4').waitFor({ state: 'detached' });
  const leaving = page.waitForEvent('dialog');
  const gone = page.evaluate('location.reload()').catch(() => undefined);
  const warning = await leaving;
  expect(warning.type()).toBe('beforeunload');
  await warning.dismiss();
  await gone;
  open();
  await row('b.mp4').getByRole('button', { name: 'Try again: b.mp4' }).click();
  await uploads().waitFor({ state: 'detached', ...JOB });
  await page.unroute(UPLOADS);
  expect(await sources(project)).toEqual(['a.mp4', 'b.mp4', null, 'd.mp4', 'e.mp4']);
});

test('after a reload what was kept goes on by itself; what was not asks for its file', async () => {
  const project = await openProject('Reload', 2);
  await page.route(UPLOADS, (route) => (route.request().method() === 'POST' ? undefined : route.fallback()));
  await drop(viewer(), [clip('one.mp4'), clip('two.mp4')], 'Drop to fill the empty scenes in order');
  await row('two.mp4').waitFor();
  // Both are kept before one of them is taken away again.
  await page.evaluate(`new Promise((resolve, reject) => {
    const look = () => {
      const request = indexedDB.open('songreel', 1);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const store = database.transaction('files', 'readwrite').objectStore('files');
        const keys = store.getAllKeys();
        keys.onsuccess = () => {
          if (keys.result.length < 2) { database.close(); requestAnimationFrame(look); return; }
          const saved = JSON.parse(sessionStorage.getItem('songreel.uploads.${project.id}'));
          const two = saved.find((one) => one.name === 'two.mp4');
          store.delete('upload|' + two.id).onsuccess = () => { database.close(); resolve(); };
        };
      };
    };
    look();
  })`);
  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await page.unroute(UPLOADS);
  const interrupted = row('two.mp4');
  await interrupted.getByText('Choose the same file again').waitFor(JOB);
  const again = interrupted.getByRole('button', { name: 'Choose the file again: two.mp4' });
  const choose = async (name: string) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), again.click()]);
    await chooser.setFiles({
      name,
      mimeType: 'video/mp4',
      buffer: Buffer.from(await Bun.file(clipPath).arrayBuffer()),
    });
  };
  await choose('other.mp4');
  await interrupted.getByText('That is another file.').waitFor();
  await choose('two.mp4');
  await uploads().waitFor({ state: 'detached', ...JOB });
  expect(await sources(project)).toEqual(['one.mp4', 'two.mp4']);
});

test('on a card with a clip it says what is replaced, a song is asked about, and a rate is said', async () => {
  const project = await openProject('Ask', 2);
  const card = page.getByRole('article').first();
  await drop(card, [clip('first.mp4')], 'Drop to add to scene 1');
  await card.getByText('Clip', { exact: true }).waitFor(JOB);
  await drop(card, [clip('second.mp4')], 'Drop to replace the clip of scene 1');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('“second.mp4” replaces the clip of scene 1.').waitFor();
  expect(await problemsInEveryLook(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await uploads().waitFor();
  await uploads().waitFor({ state: 'detached', ...JOB });
  expect(await sources(project)).toEqual(['second.mp4', null]);

  await drop(
    viewer(),
    [{ name: 'my.wav', type: 'audio/wav', path: await songFile() }],
    'Drop to use as the song',
  );
  await dialog.getByText('“my.wav” becomes the project’s song.').waitFor();
  await dialog.getByRole('button', { name: 'Use as song' }).click();
  await page.getByRole('button', { name: 'Replace song' }).first().waitFor(JOB);

  const thirty = await plainClip('bring-in-30.mp4', { size: '180x320', rate: '30', seconds: 0.6 });
  await drop(
    viewer(),
    [{ name: 'phone.mp4', type: 'video/mp4', path: thirty }],
    'Drop to fill the empty scenes in order',
  );
  await dialog
    .getByText(
      'The clip is 30 fps, 180 × 320; the project is 25 fps, 320 × 180. One frame in 6 will be dropped.',
    )
    .waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
});

test('one clip of the bin is used in two scenes: by choosing it, and by dragging it', async () => {
  const { api } = at.studio;
  const project = await openProject('Bin', 3);
  await api.uploadClip(project.id, 1, clipPath, 'only.mp4');
  await page.getByRole('button', { name: 'Media', exact: true }).click();
  const media = page.getByRole('article', { name: 'only.mp4' });
  await media.getByText('Scene 1', { exact: true }).waitFor(JOB);
  await media.getByRole('button', { name: 'Use in scenes: only.mp4' }).click();
  const dialog = page.getByRole('dialog', { name: 'Use “only.mp4”' });
  await dialog.getByRole('checkbox', { name: 'Scene 3' }).check();
  expect(await accessibilityProblems(page, '[role=dialog]')).toEqual([]);
  await dialog.getByRole('button', { name: 'Use in 1 scene' }).click();
  await media.getByText('Scenes 1, 3').waitFor();

  const dataTransfer = await page.evaluateHandle('new DataTransfer()');
  await media
    .getByRole('button', { name: 'Use in scenes: only.mp4' })
    .dispatchEvent('dragstart', { dataTransfer });
  const block = page.locator('[data-scene-block]').nth(1);
  const box = await block.boundingBox();
  if (box === null) throw new Error('No second scene on the timeline.');
  const place = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
  await block.dispatchEvent('dragover', { dataTransfer, ...place });
  await page.locator('[data-drop-mark]').getByText('Drop to use in scene 2').waitFor();
  await block.dispatchEvent('drop', { dataTransfer, ...place });
  await media.getByText('Scenes 1, 2, 3').waitFor();
  expect(await sources(project)).toEqual(['only.mp4', 'only.mp4', 'only.mp4']);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('the first clip offers its own rate and shape for the project', async () => {
  const project = await openProject('Format', 0);
  const thirty = await plainClip('bring-in-30.mp4', { size: '180x320', rate: '30', seconds: 0.6 });
  await drop(
    viewer(),
    [{ name: 'phone.mp4', type: 'video/mp4', path: thirty }],
    'Drop to fill the empty scenes in order',
  );
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('switch', { name: 'Use 30 fps, 180 × 320 for this project', checked: true })
    .waitFor();
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('article').getByText('Clip', { exact: true }).waitFor(JOB);
  const now = await at.studio.api.project(project.id);
  expect(now.format).toEqual({ width: 180, height: 320, fps: 30 });
  expect(now.scenes[0]?.frames).toBe(18);
  expect(at.problems).toEqual([]);
});
