import type { Page } from 'playwright';
import { FAULT_STUDIO_TOKEN, startFaultStudio } from '../../api/test/provider-faults/fault.studio';
import { expectStatus, startTestStudio, type TestStudio } from '../../api/test/studio.harness';
import type { Catalogue } from '../src/lib/text/en.ts';
import { type StudioPage, startStudioPage } from './page.harness';

/** Files that the projects of the views are made of. */
export type Material = { song: string; singer: string; others: [string, string] };

/** What the views are shown on: a studio with projects in every state, and one that asks for a token. */
export type ViewStudio = {
  at: StudioPage;
  /** Address of the studio that nobody is signed in to. */
  lockedUrl: string;
  material: Material;
  projects: { empty: string; busy: string; finished: string };
  /** Makes the projects; before it there are none. */
  fill(): Promise<void>;
  stop(): Promise<void>;
};

/** A page or a dialog of the studio in one of its states. `show` leaves it on the screen, at any width. */
export type View = { name: string; show(studio: ViewStudio, t: Catalogue): Promise<void> };

const JOB = { timeout: 120_000 };
const TOKEN = 'a-token-of-the-views-0123456789abcdef';

/** A finished project of three scenes; the second sings. */
async function finishedProject({ api }: TestStudio, material: Material): Promise<string> {
  const format = { width: 1280, height: 720, fps: 25 };
  const project = await api.createProject({ title: 'Paper lanterns', format });
  await api.uploadSong(project.id, material.song);
  const [first, last] = material.others;
  for (const [index, [prompt, clip]] of [
    ['The skyline wakes up, window by window', first],
    ['She sings to the street below', material.singer],
    ['An empty stage, one microphone', last],
  ].entries()) {
    await api.addScene(project.id, { prompt });
    await api.uploadClip(project.id, index + 1, clip ?? '');
  }
  expectStatus(await api.call('POST', `/projects/${project.id}/lipsync/2`, api.json({})), 200);
  await api.compose(project.id);
  return project.id;
}

/** Every state that a scene can be in: cut, synced, stale, failed, being made, without a clip. */
async function busyProject(
  studio: Awaited<ReturnType<typeof startFaultStudio>>,
  material: Material,
): Promise<string> {
  const { api, replicate } = studio;
  const format = { width: 1280, height: 720, fps: 25 };
  const project = await api.createProject({ title: 'Night drive along the harbour', format });
  const scenes = `/projects/${project.id}/scenes`;
  await api.uploadSong(project.id, material.song);
  const [first, last] = material.others;
  for (const [index, [prompt, clip]] of [
    ['The skyline at dusk, seen from a moving car', first],
    ['Close on the singer, rain on the window behind her, slow push in', material.singer],
    ['', last],
    ['She turns to the camera for the second line', material.singer],
    ['Headlights over wet asphalt, wide, from above', last],
  ].entries()) {
    await api.addScene(project.id, { prompt });
    await api.uploadClip(project.id, index + 1, clip ?? '');
  }
  await api.addScene(project.id, { prompt: 'The ferry leaves, the last chord', plannedDuration: 2 });
  // One of the first that was deleted again.
  expectStatus(await api.call('POST', `${scenes}/1/duplicate`), 201);
  expectStatus(await api.call('DELETE', `${scenes}/2`), 204);
  await api.trim(project.id, 1, { inFrame: 5, outFrame: 40 });
  const sync = (sequence: number) => `/projects/${project.id}/lipsync/${sequence}`;
  expectStatus(await api.call('POST', sync(2), api.json({})), 200);
  expectStatus(await api.call('POST', sync(4), api.json({ active_speaker_detection: true })), 200);
  // Somewhere else in the song than it was made for: the third goes behind the fourth.
  const order = (await api.project(project.id)).scenes.map((scene) => scene.id);
  const sceneIds = [0, 1, 3, 2, 4, 5].map((place) => order[place]);
  expectStatus(await api.call('PATCH', `${scenes}/reorder`, api.json({ sceneIds })), 200);
  const paid = api.json({ provider: 'replicate' }, { Prefer: 'respond-async' });
  replicate.script({ statuses: ['processing', 'failed'], error: 'No face was found in the first second.' });
  const failing = expectStatus(await api.call<{ id: string }>('POST', sync(4), paid), 202);
  await studio.ended(failing.id);
  replicate.script({ by: 'advance', statuses: ['processing', 'succeeded'] });
  const creates = replicate.ledger.length;
  expectStatus(await api.call('POST', sync(5), paid), 202);
  await replicate.awaitCreate(creates + 1);
  return project.id;
}

/** Starts the studios of the views. */
export async function startViewStudio(material: Material): Promise<ViewStudio> {
  const faulty = await startFaultStudio();
  const locked = await startTestStudio({ API_TOKENS: TOKEN });
  const at = await startStudioPage(faulty.studio);
  // A studio with a public name needs a token.
  const token = FAULT_STUDIO_TOKEN;
  await at.page.request.post(`${faulty.studio.studio.url}/api/mv/session`, { data: { token } });
  const studio: ViewStudio = {
    at,
    material,
    lockedUrl: locked.studio.url ?? '',
    projects: { empty: '', busy: '', finished: '' },
    async fill() {
      const { api } = faulty;
      for (const title of [
        'A very long working title that somebody pasted from the label’s spreadsheet, version 7 final',
        'Morning train',
        'Harbour lights',
      ]) {
        studio.projects.empty = (await api.createProject({ title })).id;
      }
      studio.projects.finished = await finishedProject(faulty.studio, material);
      studio.projects.busy = await busyProject(faulty, material);
    },
    async stop() {
      await at.browser.close();
      await locked.stop();
      await faulty.stop();
    },
  };
  return studio;
}

/** Shows the page light or dark and waits until every picture that is in sight is there and nothing moves. */
export async function lookAt(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  // The theme follows the system in an event of its own; then transitions of colours begin.
  await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
  await page.evaluate('new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(() => r())))');
  await page.evaluate(`Promise.all([...document.images].map((image) => image.complete ||
    image.loading === 'lazy' || new Promise((done) => { image.onload = image.onerror = done; })))`);
  await page.evaluate(`Promise.race([
    Promise.allSettled(document.getAnimations()
      .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
      .map((animation) => animation.finished)),
    new Promise((done) => setTimeout(done, 1000)),
  ]).then(() => undefined)`);
}

async function openEdit({ at }: ViewStudio, project: string, t: Catalogue): Promise<void> {
  await at.open(`/edit/${project}`);
  await at.page.getByRole('button', { name: t.edit.compose, exact: true }).first().waitFor();
}

/** The menu of a finished project, or what an item of it opens. */
const projectMenu = (name: string, item: ((t: Catalogue) => string) | null): View => ({
  name,
  async show({ at: { open, page } }, t) {
    await open('/');
    await page.getByRole('button', { name: t.projects.menu('Paper lanterns') }).click();
    if (item === null) await page.getByRole('menu').waitFor();
    else {
      await page.getByRole('menuitem', { name: item(t) }).click();
      await page.locator('[role=dialog], [role=alertdialog]').waitFor();
    }
  },
});

/** A dialog that a scene's menu opens. */
const sceneDialog = (
  name: string,
  sequence: number,
  item: (t: Catalogue) => string,
  ready?: (page: Page, t: Catalogue) => Promise<void>,
): View => ({
  name,
  async show(studio, t) {
    const { page } = studio.at;
    await openEdit(studio, studio.projects.busy, t);
    await page.getByRole('button', { name: t.edit.sceneMenu(sequence) }).click();
    await page.getByRole('menuitem', { name: item(t) }).click();
    await page.locator('[role=dialog], [role=alertdialog]').waitFor();
    await ready?.(page, t);
  },
});

/** A dialog that a button of the edit page opens. */
const pageDialog = (
  name: string,
  button: (t: Catalogue) => string,
  ready?: (page: Page, t: Catalogue) => Promise<void>,
): View => ({
  name,
  async show(studio, t) {
    await openEdit(studio, studio.projects.busy, t);
    await studio.at.page.getByRole('button', { name: button(t), exact: true }).click();
    await studio.at.page.getByRole('dialog').waitFor();
    await ready?.(studio.at.page, t);
  },
});

const costShown = (page: Page, t: Catalogue) => page.getByText(t.provider.costsNothing).first().waitFor();

/** Every page and dialog. The first is of a studio without projects; what comes later needs `fill`. */
export const emptyViews: View[] = [
  {
    name: 'projects-empty',
    async show({ at }, t) {
      await at.open('/');
      await at.page.getByRole('heading', { name: t.projects.emptyTitle }).waitFor();
    },
  },
];

export const views: View[] = [
  {
    name: 'projects',
    async show({ at }, t) {
      await at.open('/');
      await at.page.getByRole('button', { name: t.projects.menu('Morning train') }).waitFor();
    },
  },
  {
    name: 'projects-no-match',
    async show({ at }, t) {
      await at.open('/');
      await at.page.getByRole('searchbox').fill('submarine');
      await at.page.getByText(t.projects.noMatch('submarine')).waitFor();
    },
  },
  projectMenu('projects-menu', null),
  projectMenu('projects-rename', (t) => t.projects.rename),
  projectMenu('projects-delete', (t) => t.common.delete),
  {
    name: 'create',
    async show({ at }, t) {
      await at.open('/create');
      await at.page.getByRole('heading', { name: t.create.title }).waitFor();
    },
  },
  {
    name: 'create-song',
    async show({ at, material }, t) {
      await at.open('/create');
      const [chooser] = await Promise.all([
        at.page.waitForEvent('filechooser'),
        at.page.getByRole('button', { name: t.create.songChoose }).click(),
      ]);
      await chooser.setFiles(material.song);
      await at.page.getByText(t.create.songReady).waitFor(JOB);
      await at.page.getByLabel(t.create.titleLabel).fill('Paper lanterns');
    },
  },
  {
    name: 'edit-empty',
    show: (studio, t) => openEdit(studio, studio.projects.empty, t),
  },
  {
    name: 'edit',
    async show(studio, t) {
      await openEdit(studio, studio.projects.busy, t);
      await studio.at.page.locator('[data-scene-card] [data-scene-choose]').nth(1).click();
    },
  },
  {
    name: 'edit-menu',
    async show(studio, t) {
      await openEdit(studio, studio.projects.busy, t);
      await studio.at.page.getByRole('button', { name: t.edit.sceneMenu(1) }).click();
      await studio.at.page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'edit-jobs',
    async show(studio, t) {
      await openEdit(studio, studio.projects.busy, t);
      await studio.at.page.getByRole('button', { name: t.jobs.open(1) }).click();
      await studio.at.page.getByRole('heading', { name: t.jobs.title }).waitFor();
    },
  },
  {
    name: 'edit-final',
    async show(studio, t) {
      await openEdit(studio, studio.projects.finished, t);
      await studio.at.page.getByRole('button', { name: t.editor.views.final }).click();
      await studio.at.page.getByText(t.final.upToDate).waitFor();
    },
  },
  {
    name: 'dialog-replace-song',
    async show(studio, t) {
      await openEdit(studio, studio.projects.busy, t);
      const { page } = studio.at;
      const [chooser] = await Promise.all([
        page.waitForEvent('filechooser'),
        page.getByRole('button', { name: t.edit.replaceSong }).first().click(),
      ]);
      await chooser.setFiles(studio.material.song);
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'edit-missing',
    async show({ at }, t) {
      await at.open('/edit/00000000-0000-4000-8000-000000000000');
      await at.page.getByRole('heading', { name: t.errors.notFoundTitle }).waitFor();
    },
  },
  sceneDialog('dialog-lipsync', 1, (t) => t.edit.addLipsync, costShown),
  sceneDialog(
    'dialog-lipsync-paid',
    2,
    (t) => t.edit.regenerateLipsync,
    async (page, t) => {
      await page.getByLabel(t.provider.label).click();
      await page
        .getByRole('option', { name: /^Replicate/ })
        .first()
        .click();
      await page.getByText(t.provider.lacks('Replicate')).first().waitFor();
    },
  ),
  sceneDialog('dialog-trim', 2, (t) => t.edit.trim),
  sceneDialog('dialog-versions', 2, (t) => t.edit.versions),
  sceneDialog('dialog-compare', 2, (t) => t.edit.compare),
  sceneDialog(
    'dialog-compare-wipe',
    2,
    (t) => t.edit.compare,
    (page, t) => page.getByRole('radio', { name: t.compare.wipe }).click(),
  ),
  sceneDialog('dialog-image', 6, (t) => t.edit.generateImage, costShown),
  sceneDialog('dialog-video', 2, (t) => t.edit.regenerateVideo, costShown),
  sceneDialog('dialog-revert', 2, (t) => t.edit.revert),
  sceneDialog('dialog-delete', 2, (t) => t.edit.deleteScene),
  {
    name: 'dialog-bin',
    async show(studio, t) {
      await openEdit(studio, studio.projects.busy, t);
      const { page } = studio.at;
      await page.getByRole('button', { name: t.editor.menu }).click();
      await page.getByRole('menuitem', { name: t.editor.bin.open }).click();
      await page.getByRole('dialog').getByText(t.editor.bin.scenes, { exact: true }).waitFor();
    },
  },
  pageDialog('dialog-batch-all', (t) => t.edit.syncAll, costShown),
  pageDialog('dialog-batch-stale', (t) => t.edit.syncStale, costShown),
  pageDialog('dialog-help', (t) => t.editor.help),
  {
    name: 'settings',
    async show({ at }, t) {
      await at.open('/settings');
      await at.page.getByText(t.settings.partReady).first().waitFor();
      await at.page.getByText(t.settings.free).first().waitFor();
    },
  },
  {
    name: 'sign-in',
    async show({ at, lockedUrl }, t) {
      await at.page.goto(lockedUrl);
      await at.page.getByRole('heading', { name: t.token.title }).waitFor();
    },
  },
  {
    name: 'not-found',
    async show({ at }, t) {
      await at.open('/nowhere');
      await at.page.getByRole('heading', { name: t.errors.notFoundTitle }).waitFor();
    },
  },
];
