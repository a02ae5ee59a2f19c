import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { expectStatus } from '../../api/test/studio.harness';
import { plainClip, songFile } from '../../api/test/test-media';
import { accessibilityProblems, sideways } from './accessibility.harness';
import { type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(120_000);

let at: StudioPage;
let page: Page;
let project: Project;

beforeAll(async () => {
  // Waiting for something in the page is done by a text that it evaluates; edit.timed.e2e.ts keeps the policy.
  at = await startStudioPage(undefined, { bypassCSP: true });
  ({ page } = at);
  const { api } = at.studio;
  project = await api.createProject({ title: 'Night drive', format: { width: 320, height: 180, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  for (const [index, prompt] of ['First', 'Second', 'Third'].entries()) {
    await api.addScene(project.id, { prompt });
    await api.uploadClip(project.id, index + 1, clip);
  }
  await at.open(`/edit/${project.id}`);
  await block(1).waitFor();
});
afterAll(() => at.stop());

/** A scene's block on the timeline. */
const block = (sequence: number) =>
  page.locator('[data-scene-block]').filter({ hasText: new RegExp(`^\\s*${sequence}\\b`) });
const order = async () => (await at.studio.api.project(project.id)).scenes.map((scene) => scene.prompt);
/** Until the studio has the scenes in an order. */
async function untilOrder(wanted: string[]): Promise<void> {
  await page.waitForFunction(
    `JSON.stringify([...document.querySelectorAll('[data-scene-card] h3')].map((h) => h.textContent.trim())) === '${JSON.stringify(wanted)}'`,
  );
  expect(await order()).toEqual(wanted);
}
const playhead = () =>
  page.getByRole('slider', { name: 'Position in the song' }).getAttribute('aria-valuenow');

test('a scene dragged along the timeline plays elsewhere; undo and redo take it back and forth', async () => {
  await page.waitForFunction(
    "document.querySelector('[data-scene-block]').getBoundingClientRect().width > 100",
  );
  const [from, to] = [await block(1).boundingBox(), await block(3).boundingBox()];
  if (from === null || to === null) throw new Error('The blocks are not in view.');
  await page.mouse.move(from.x + 20, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(from.x + 60, from.y + 20);
  await page.mouse.move(to.x + to.width - 4, to.y + 20, { steps: 4 });
  await page.mouse.up();
  await untilOrder(['Second', 'Third', 'First']);
  await page.keyboard.press('Control+z');
  await untilOrder(['First', 'Second', 'Third']);
  await page.getByRole('button', { name: 'Redo' }).click();
  await untilOrder(['Second', 'Third', 'First']);
  await page.getByRole('button', { name: 'Undo' }).click();
  await untilOrder(['First', 'Second', 'Third']);
});

test('undo says what it undid, and is the same for someone else, after a reload and in another tab', async () => {
  await page.keyboard.press('Alt+ArrowDown');
  await untilOrder(['Second', 'First', 'Third']);
  const ids = (await at.studio.api.project(project.id)).scenes.map((scene) => scene.id).toReversed();
  const { call, json } = at.studio.api;
  expectStatus(await call('PATCH', `/projects/${project.id}/scenes/reorder`, json({ sceneIds: ids })), 200);
  await untilOrder(['Third', 'First', 'Second']);
  await page.keyboard.press('Control+z');
  await page.getByText('Undid: Reorder scenes').waitFor();
  await untilOrder(['Second', 'First', 'Third']);
  await page.reload();
  await block(1).waitFor();
  await page.getByRole('button', { name: 'Undo: Move scene' }).click();
  await untilOrder(['First', 'Second', 'Third']);
  const tab = await at.tab(`/edit/${project.id}`);
  await tab.getByRole('button', { name: 'Redo: Move scene' }).click();
  await untilOrder(['Second', 'First', 'Third']);
  await page.keyboard.press('Control+Shift+z');
  await page.getByText('Redid: Reorder scenes').waitFor();
  await untilOrder(['Third', 'First', 'Second']);
  await tab.getByRole('button', { name: 'Undo: Reorder scenes' }).waitFor();
  await tab.close();
});

test('what was not seen yet is not undone: it is shown first', async () => {
  const { call, json } = at.studio.api;
  const words = (prompt: string) => call('PATCH', `/projects/${project.id}/scenes/1`, json({ prompt }));
  // The change of somebody else comes while the page asks.
  await page.route(
    '**/undo',
    async (route) => {
      expectStatus(await words('Unseen'), 200);
      await route.continue();
    },
    { times: 1 },
  );
  await page.keyboard.press('Control+z');
  await page.getByText('The timeline was changed meanwhile').waitFor();
  await page.getByRole('button', { name: 'Undo: Edit text of scene 1' }).click();
  await untilOrder(['Third', 'First', 'Second']);
});

test('a deleted scene comes back by undo, and from the deleted scenes', async () => {
  const remove = async () => {
    await page.locator('[data-scene-card] [data-scene-choose]').nth(1).click();
    await page.keyboard.press('Delete');
    const confirm = page.getByRole('alertdialog');
    await confirm.getByRole('button', { name: 'Delete' }).click();
    // Keys are the dialog's until it is gone.
    await confirm.waitFor({ state: 'detached' });
    await untilOrder(['Third', 'Second']);
  };
  await remove();
  await page.keyboard.press('Control+z');
  await page.getByText('Undid: Delete scene 2').waitFor();
  await untilOrder(['Third', 'First', 'Second']);
  await remove();
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'Recently deleted' }).click();
  const bin = page.getByRole('dialog', { name: 'Recently deleted' });
  await bin.getByRole('button', { name: 'Restore scene 2: First' }).waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await bin.getByRole('button', { name: 'Restore scene 2: First' }).click();
  await bin.getByText('Nothing here').waitFor();
  await page.keyboard.press('Escape');
  await bin.waitFor({ state: 'detached' });
  await untilOrder(['Third', 'First', 'Second']);
});

test('keys: frames, seconds, scenes, zoom, help, and why something can’t be done', async () => {
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  expect(await playhead()).toBe('2');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('ArrowLeft');
  expect(await playhead()).toBe('26');
  await page.keyboard.press('Home');
  await page.keyboard.press('s');
  await page.getByText('the playhead is outside this scene').first().waitFor();
  await page.locator('[data-scene-card] [data-scene-choose][tabindex="0"]').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate<string>("document.activeElement?.getAttribute('aria-label') ?? ''");
  await page.waitForFunction("document.activeElement?.getAttribute('aria-label')?.startsWith('Scene 2')");
  expect(await focused()).toContain('Scene 2, First');
  expect(await playhead()).toBe('50');
  const before = await block(1).boundingBox();
  await page.keyboard.press('+');
  await page.waitForFunction(
    `document.querySelector('[data-scene-block]').getBoundingClientRect().width > ${(before?.width ?? 0) + 1}`,
  );
  await page.keyboard.press('0');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+L');
  await page.getByRole('dialog', { name: 'Add Lipsync to scene 2' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('I and O open the trim at the playhead; J, K and L are a shuttle', async () => {
  await page.keyboard.press('Home');
  for (let frame = 0; frame < 12; frame++) await page.keyboard.press('ArrowRight');
  const trim = page.getByRole('dialog');
  for (const [key, field, value] of [
    ['i', 'In (frame)', '12'],
    ['o', 'Out (frame)', '13'],
  ] as const) {
    await page.keyboard.press(key);
    await trim.waitFor();
    expect(await trim.getByRole('spinbutton', { name: field }).inputValue()).toBe(value);
    await page.keyboard.press('Escape');
    await trim.waitFor({ state: 'detached' });
  }
  // Standing still, L plays.
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('l');
  await page.waitForFunction("document.querySelector('audio').playbackRate > 1");
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.waitForFunction("document.querySelector('audio').playbackRate < 1");
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Speed: 1×', exact: true }).waitFor();
  expect(await page.evaluate<number>("document.querySelector('audio').playbackRate")).toBe(1);
  await page.keyboard.press('k');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
});

test('Split at the playhead makes two of one, to the frame', async () => {
  await page.keyboard.press('Home');
  for (let frame = 0; frame < 20; frame++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('s');
  await page.waitForFunction("document.querySelectorAll('[data-scene-card]').length === 4");
  const { scenes } = await at.studio.api.project(project.id);
  expect(scenes.map((scene) => scene.frames)).toEqual([20, 30, 50, 50]);
});

test('words typed while others are saved are kept, and are undone on the page', async () => {
  const words = page.getByRole('textbox', { name: 'Prompt' });
  await words.fill('A road');
  await page.getByText('Saved', { exact: true }).waitFor();
  await words.blur();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction("document.querySelector('textarea').value !== 'A road'");
  expect(await order()).not.toContain('A road');
});

test('after a dialog that a scene’s menu opened, Space plays and the menu stays shut', async () => {
  await page.getByRole('button', { name: 'Actions for scene 1' }).click();
  await page.getByRole('menuitem', { name: 'Versions' }).click();
  await page.getByRole('dialog', { name: 'Versions of scene 1' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.waitForFunction("document.activeElement?.matches('[data-scene-choose]')");
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  expect(await page.getByRole('menu').count()).toBe(0);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
});

test('a menu longer than the window says that it goes on', async () => {
  const menu = page.getByRole('menu');
  await page.setViewportSize({ width: 1024, height: 560 });
  await page.getByRole('button', { name: 'Actions for scene 1' }).click();
  await menu.waitFor();
  const [hint, hidden] = await menu.evaluate((element) => [
    getComputedStyle(element).backgroundAttachment,
    element.scrollHeight - element.clientHeight,
  ]);
  expect(hint).toContain('local');
  expect(hidden).toBeGreaterThan(0);
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('a new scene is chosen and in view; the length counts scenes without a clip', async () => {
  await page.getByRole('button', { name: 'Add scene' }).click();
  const card = page.locator('[data-scene-card][aria-current="true"]');
  await card.getByText('No clip', { exact: true }).waitFor();
  await page.waitForFunction(`(() => {
    const card = document.querySelector('[data-scene-card][aria-current="true"]').getBoundingClientRect();
    const list = document.querySelector('[data-scene-list-scroller]').getBoundingClientRect();
    return card.top >= list.top - 1 && card.bottom <= list.bottom + 1;
  })()`);
  // 6 seconds of clips and 5 of the new scene.
  await page.locator('.timecode').getByText('/ 0:11.0').waitFor();
});

test('the project is renamed where its title stands; Escape leaves it', async () => {
  await page.getByRole('button', { name: 'Night drive' }).click();
  const field = page.getByRole('textbox', { name: 'Title' });
  await field.fill('Something else');
  await field.press('Escape');
  await page.getByRole('button', { name: 'Night drive' }).click();
  await field.fill('Morning drive');
  await field.press('Enter');
  await page.getByRole('button', { name: 'Morning drive' }).waitFor();
  expect((await at.studio.api.project(project.id)).title).toBe('Morning drive');
});

test('panels are shut and stay shut over a reload', async () => {
  await page.getByRole('button', { name: 'Hide Scenes' }).click();
  await page.getByRole('button', { name: 'Show Scenes' }).waitFor();
  // Panels are written down when they have been still for a tenth of a second.
  await page.waitForFunction("localStorage.getItem('paneforge:songreel.edit.columns')?.includes('[0,')");
  await page.reload();
  await page.getByRole('button', { name: 'Show Scenes' }).click();
  await page.getByRole('button', { name: 'Hide Scenes' }).waitFor();
});

test('one column at 390 px: nothing runs out of it, axe finds nothing in light and dark', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect([colorScheme, await accessibilityProblems(page)]).toEqual([colorScheme, []]);
  }
  expect(await sideways(page)).toBe(0);
});
