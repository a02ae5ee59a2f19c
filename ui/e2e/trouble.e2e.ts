import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Locator, Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import {
  FAULT_STUDIO_TOKEN,
  type FaultStudio,
  startFaultStudio,
} from '../../api/test/provider-faults/fault.studio';
import { singerClip, songFile } from '../../api/test/test-media';
import { choose, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** What goes wrong, and what people see of it: a paid provider that fails, reloads, lost connections. */
let studio: FaultStudio;
let at: StudioPage;
let project: Project;
beforeAll(async () => {
  studio = await startFaultStudio();
  at = await startStudioPage(studio.studio);
  const { api } = studio;
  project = await api.createProject({ title: 'Trouble', format: { width: 320, height: 180, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  for (const [index, prompt] of ['First', 'Second'].entries()) {
    await api.addScene(project.id, { prompt });
    await api.uploadClip(project.id, index + 1, await singerClip());
  }
  // A studio with a public name needs a token.
  const token = FAULT_STUDIO_TOKEN;
  await at.page.request.post(`${studio.studio.studio.url}/api/mv/session`, { data: { token } });
  await at.open(`/edit/${project.id}`);
  await at.page.getByRole('heading', { name: 'Trouble' }).waitFor();
});
afterAll(async () => {
  await at.browser.close();
  await studio.stop();
});

const JOB = { timeout: 60_000 };
const now = () => studio.api.project(project.id);

/** Opens the modal of a scene and chooses the paid provider in it; its price is shown. */
async function choosePaid(sequence: number): Promise<Locator> {
  const { page } = at;
  await choose(page, sequence, 'Add Lipsync');
  const modal = page.getByRole('dialog');
  await modal.getByLabel('Provider').click();
  await page
    .getByRole('option', { name: /^Replicate/ })
    .first()
    .click();
  await modal.getByText(/^Costs (about )?\$/).waitFor();
  return modal;
}

/** Starts the lip-sync of a scene by the paid provider. */
async function startPaid(sequence: number) {
  const modal = await choosePaid(sequence);
  await modal.getByRole('button', { name: 'Start lip-sync' }).click();
  await modal.waitFor({ state: 'detached' });
}

/** The next error that the page writes to the console and that begins so. */
const consoleError = async (page: Page, begins: string): Promise<string> => {
  const message = await page.waitForEvent('console', {
    predicate: (one) => one.type() === 'error' && one.text().startsWith(begins),
    ...JOB,
  });
  return message.text();
};

test('the modal names price and what the provider has no means for', async () => {
  const modal = await choosePaid(1);
  await modal.getByText('Not available with Replicate.').first().waitFor();
  await modal.getByRole('button', { name: 'Cancel' }).click();
  await modal.waitFor({ state: 'detached' });
  expect(studio.replicate.ledger).toEqual([]);
});

test('batch: the sum of a paid provider is told before anything can be started', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Lip-sync all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lip-sync all scenes' });
  await dialog.getByText(/^Free: runs/).waitFor();
  await dialog.getByLabel('Provider').click();
  await page
    .getByRole('option', { name: /^Replicate/ })
    .first()
    .click();
  // The list of scenes says what each of them costs.
  const sum = dialog.locator('[aria-live=polite]').getByText(/^Costs (about )?\$/);
  await sum.waitFor();
  const { body } = await studio.api.call<{ totalUsd: number }>(
    'POST',
    `/projects/${project.id}/lipsync/estimate`,
    studio.api.json({ scenes: 'all', provider: 'replicate' }),
  );
  expect(body.totalUsd).toBeGreaterThan(0);
  expect(await sum.textContent()).toContain(body.totalUsd.toFixed(2));
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await dialog.waitFor({ state: 'detached' });
  expect(studio.replicate.ledger).toEqual([]);
});

test('a failed provider: why, whether it was charged, Retry; the old clip still plays', async () => {
  const { page } = at;
  studio.replicate.script({ statuses: ['processing', 'failed'], error: 'The face is too small.' });
  const told = consoleError(page, 'ProviderFailed: ');
  await startPaid(1);
  const note = page.getByRole('article').getByRole('alert');
  await note.waitFor(JOB);
  expect(await note.textContent()).toContain('The face is too small.');
  expect(await told).toContain('The face is too small.');
  await note.getByRole('button', { name: 'Try again' }).waitFor();
  const scene = (await now()).scenes[0];
  expect(scene?.currentTake?.kind).toBe('original');
  await page.getByRole('button', { name: 'Go to start' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.evaluate(`new Promise((resolve) => {
    const clip = document.querySelector('video[data-scene="1"]');
    const look = () => (clip.currentTime > 0.3 && !clip.paused ? resolve() : requestAnimationFrame(look));
    look();
  })`);
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
});

test('the same in German: what to do in German, what the provider said below it', async () => {
  const { page } = at;
  const speak = async (language: string): Promise<void> => {
    await page.evaluate(`localStorage.setItem('songreel.language', '${language}')`);
    await page.reload();
  };
  await speak('de');
  const note = page.getByRole('article').getByRole('alert');
  await note.getByText('Das Modell des Anbieters ist gescheitert.').waitFor(JOB);
  const english = note.locator('[lang=en]');
  expect(await english.textContent()).toContain('The face is too small.');
  await note.getByRole('button', { name: 'Erneut versuchen' }).waitFor();
  await speak('en');
  await note.getByText('The face is too small.').waitFor(JOB);
  expect(await english.count()).toBe(0);
});

test('a reload in the middle of a job, and a second tab: both show it, and both see it end', async () => {
  const { page } = at;
  const bytes = new Uint8Array(await Bun.file(await singerClip()).arrayBuffer());
  studio.replicate.script({
    by: 'advance',
    statuses: ['processing', 'succeeded'],
    output: { bytes, contentType: 'video/mp4' },
  });
  const creates = studio.replicate.ledger.length;
  await startPaid(2);
  const created = await studio.replicate.awaitCreate(creates + 1);
  await page.reload();
  const running = { name: 'Lip-sync', exact: true };
  await page.getByRole('progressbar', running).first().waitFor(JOB);
  const other = await at.tab(`/edit/${project.id}`);
  await other.getByRole('progressbar', running).first().waitFor(JOB);
  await studio.replicate.finish(created.id, 'succeeded');
  for (const tab of [page, other]) {
    await tab.getByRole('button', { name: 'Lip-sync of scene 2: In sync' }).waitFor(JOB);
  }
  expect(studio.replicate.ledger.length).toBe(creates + 1);

  // What one of them changes, the other shows: the new order, and the lip-sync that it makes stale.
  await choose(page, 2, 'Move up');
  await other.getByText('The scene has moved in the song.').waitFor();
  await choose(other, 1, 'Move down');
  await page.getByText('The scene has moved in the song.').waitFor({ state: 'detached' });
  await other.close();
});

test('what the API refuses is told in a toast and in the console', async () => {
  const { page } = at;
  const told = consoleError(page, 'SceneNotFound: ');
  await page.route('**/scenes/1/duplicate', (route) =>
    route.continue({ url: route.request().url().replace('/scenes/1/', '/scenes/9/') }),
  );
  await choose(page, 1, 'Duplicate');
  expect(await told).toContain('numbered 1 to 2');
  await page.getByText('There is no scene "9"').waitFor();
  await page.unroute('**/scenes/1/duplicate');
});

test('a lost connection is told of; what happened meanwhile is caught up', async () => {
  const { page, context } = at;
  await context.setOffline(true);
  const banner = page.getByText('Connection lost');
  await banner.waitFor(JOB);
  // While nobody is there it can be asked for, and the banner stays.
  await page.getByRole('button', { name: 'Reconnect now' }).click();
  await banner.waitFor(JOB);
  await studio.api.call(
    'PATCH',
    `/projects/${project.id}/scenes/1`,
    studio.api.json({ prompt: 'Meanwhile' }),
  );
  await context.setOffline(false);
  await banner.waitFor({ state: 'detached', timeout: 60_000 });
  await page.getByRole('heading', { name: 'Meanwhile' }).waitFor(JOB);
  expect(at.problems).toEqual([]);
});
