import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { SongStructure } from '../../api/contract/song-structure.schema';
import { expectStatus } from '../../api/test/studio.harness';
import { plainClip, songFile } from '../../api/test/test-media';
import { type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(120_000);

/** Three scenes of two seconds, each of a clip of four that is shown from its second second on. */
let at: StudioPage;
let page: Page;
let id: string;

beforeAll(async () => {
  // Waiting for something in the page is done by a text that it evaluates; edit.e2e.ts keeps the policy.
  at = await startStudioPage(undefined, { bypassCSP: true });
  ({ page } = at);
  const clip = await plainClip('plain-25-4.mp4', { size: '320x180', rate: '25', seconds: 4 });
  const { api } = at.studio;
  ({ id } = await api.createProject({ title: 'Cuts', format: { width: 320, height: 180, fps: 25 } }));
  await api.uploadSong(id, await songFile());
  for (const [index, prompt] of ['First', 'Second', 'Third'].entries()) {
    await api.addScene(id, { prompt, plannedDuration: 2 });
    await api.uploadClip(id, index + 1, clip);
  }
  await at.open(`/edit/${id}`);
  await page.getByText('180 BPM').waitFor();
});
afterAll(() => at.stop());

beforeEach(async () => {
  for (const sequence of [1, 2, 3]) await put(sequence, { inFrame: 25, slotFrames: 50 });
  await page.waitForFunction(`(() => {
    const blocks = [...document.querySelectorAll('[data-scene-block]')];
    return blocks.length === 3 && new Set(blocks.map((block) => block.clientWidth)).size === 1;
  })()`);
});

async function put(sequence: number, change: object): Promise<void> {
  const { call, json } = at.studio.api;
  expectStatus(await call('PUT', `/projects/${id}/scenes/${sequence}/window`, json(change)), 200);
}
/** Length and in point of each scene, as the studio has them. */
async function slots(): Promise<string> {
  const { scenes } = await at.studio.api.project(id);
  return scenes.map((scene) => `${scene.slotFrames}@${scene.window.inFrame}`).join(' ');
}
/** Until the studio has these lengths and in points: looked at after each answer that the page gets. */
async function untilSlots(wanted: string | RegExp): Promise<void> {
  for (;;) {
    const answer = page.waitForResponse((response) => response.url().includes(`/projects/${id}`), {
      timeout: 20_000,
    });
    // Whoever doesn't need it any more must not be told that it never came.
    answer.catch(() => undefined);
    const found = await slots();
    if (typeof wanted === 'string' ? found === wanted : wanted.test(found)) return;
    await answer.catch(() => {
      throw new Error(`The scenes are ${found}, not ${wanted}.`);
    });
  }
}
const block = (sequence: number) => page.locator('[data-scene-block]').nth(sequence - 1);
const edge = (sequence: number, which: 'start' | 'end') =>
  page.locator(`li:has(> [data-scene-block]) >> nth=${sequence - 1}`).locator(`[data-edge=${which}]`);
const perFrame = async () => ((await block(1).boundingBox())?.width ?? 0) / 50;

/** Takes hold of something and moves it by so many frames, held there until `let go`. */
async function drag(what: ReturnType<typeof edge>, frames: number): Promise<void> {
  const box = await what.boundingBox();
  if (box === null) throw new Error('It is not in view.');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const by = frames * (await perFrame());
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by / 2, y, { steps: 3 });
  await page.mouse.move(x + by, y, { steps: 3 });
}
const undo = async (words: string) => {
  await page.keyboard.press('Control+z');
  await page.getByText(`Undid: ${words}`).first().waitFor();
};

test('an edge rolls: the neighbour gives, nothing else moves; undo says so', async () => {
  await page.keyboard.press('n');
  await drag(edge(1, 'end'), 10);
  await page.locator('[data-edit=roll]').getByText('Roll +10 f').waitFor();
  // It is seen before it is let go, and nothing is sent before.
  expect(await slots()).toBe('50@25 50@25 50@25');
  await page.waitForFunction(
    "(() => { const [a, b] = document.querySelectorAll('[data-scene-block]'); return a.clientWidth > b.clientWidth * 1.3 })()",
  );
  await page.mouse.up();
  await untilSlots('60@25 40@35 50@25');
  await undo('Move cut');
  await untilSlots('50@25 50@25 50@25');
});

test('with Shift or the switch it ripples: what comes after moves', async () => {
  await page.keyboard.press('n');
  await page.keyboard.down('Shift');
  await drag(edge(1, 'end'), -10);
  await page.locator('[data-edit=ripple]').waitFor();
  await page.mouse.up();
  await page.keyboard.up('Shift');
  await untilSlots('40@25 50@25 50@25');
  await page.getByRole('button', { name: 'Ripple: later scenes move when you trim' }).click();
  await page.mouse.move(0, 0);
  await drag(edge(2, 'start'), 20);
  await page.mouse.up();
  await untilSlots('40@25 34@41 50@25');
  await page.keyboard.press('r');
});

test('an edge snaps to a bar, with a guide, and by keys goes from bar to bar', async () => {
  const call = await at.studio.api.call<SongStructure>('GET', `/projects/${id}/song/structure`);
  const bars = expectStatus(call, 200).bars.map((seconds) => Math.round(seconds * 25));
  const bar = bars.find((frame) => frame > 54) ?? 0;
  expect(bar).toBeGreaterThan(54);
  await drag(edge(1, 'end'), bar - 50 - 0.7);
  await page.locator('[data-snap]').waitFor();
  await page.mouse.up();
  await untilSlots(`${bar}@25 ${100 - bar}@${bar - 25} 50@25`);
  await page.locator('[data-snap]').waitFor({ state: 'detached' });
  await page.keyboard.press('Alt+PageUp');
  const before = bars.findLast((frame) => frame < bar) ?? 0;
  await untilSlots(`${before}@25 ${100 - before}@${before - 25} 50@25`);
});

test('by keys: roll, ripple and slip by one frame, with Shift by ten; presses in a row are one change', async () => {
  await block(2).click();
  await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Alt+ArrowRight');
  await page.keyboard.press('Alt+Shift+ArrowRight');
  await untilSlots('50@25 62@25 38@37');
  await page.keyboard.press('q');
  await untilSlots('49@25 63@24 38@37');
  await page.keyboard.press(',');
  await untilSlots('49@25 63@23 38@37');
  await page.keyboard.press('Shift+>');
  await untilSlots('49@25 63@33 38@37');
  await undo('Slip clip in scene 2');
  await untilSlots('49@25 63@23 38@37');
  await page.keyboard.press('Control+z');
  await untilSlots('49@25 63@24 38@37');
  await page.getByRole('button', { name: 'Undo: Move cut after scene 1' }).waitFor();
  await undo('Move cut after scene 1');
  await untilSlots('50@25 62@25 38@37');
  await page.getByRole('button', { name: 'Undo: Move cut after scene 2' }).waitFor();
  await undo('Move cut after scene 2');
  await untilSlots('50@25 50@25 50@25');
  await block(2).click();
  await page.keyboard.press('r');
  await page.keyboard.press('Alt+ArrowLeft');
  await untilSlots('50@25 49@25 50@25');
  await page.keyboard.press('r');
});

test('from the menu: the same', async () => {
  await block(1).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByRole('menuitem', { name: 'End one frame later' }).click();
  await untilSlots('51@25 49@26 50@25');
});

test('a clip slides under its scene: on screen at once, without asking the studio; Escape takes it back', async () => {
  await block(2).click();
  // The picture of a frame is known by its place in the original.
  const shows = (frame: number) =>
    `[...document.querySelectorAll('video')].some((v) => !v.classList.contains('invisible') && !v.seeking && v.readyState >= 2 && Math.floor(v.currentTime * 25) === ${frame})`;
  const width = await perFrame();
  const box = await block(2).boundingBox();
  if (box === null) throw new Error('The block is not in view.');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.keyboard.down('Alt');
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x - 5 * width, y, { steps: 2 });
  await page.waitForFunction(shows(30));
  await page.mouse.move(x - 8 * width, y);
  await page.waitForFunction(shows(33));
  expect(await slots()).toBe('50@25 50@25 50@25');
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await page.keyboard.up('Alt');
  await page.locator('[data-edit]').waitFor({ state: 'detached' });
  expect(await slots()).toBe('50@25 50@25 50@25');
  // The grip of the chosen scene does it without a key.
  await drag(page.locator('[data-slip]'), -5);
  await page.locator('[data-edit=slip]').getByText('Slip +5 f').waitFor();
  await page.mouse.up();
  await untilSlots('50@25 50@30 50@25');
  // Its own pictures come when they are rendered.
  await page.waitForFunction(shows(0));
  await undo('Slip clip in scene 2');
});

const names = async () =>
  (await at.studio.api.project(id)).scenes.map((scene) => scene.prompt[0] ?? '-').join('');
/** Until cards and studio have the scenes in an order; each by the first letter of its words. */
async function untilNames(wanted: string): Promise<void> {
  await page.waitForFunction(
    `[...document.querySelectorAll('[data-scene-card] h3')].map((h) => h.textContent.trim()[0]).join('') === '${wanted}'`,
  );
  expect((await names()).replaceAll('-', 'S')).toBe(wanted);
}
const picture = (sequence: number) => page.locator('[data-scene-card] [data-scene-choose]').nth(sequence - 1);

test('cards are dragged to another place, several together', async () => {
  const dragCard = async (from: number, to: number) => {
    const [card, other] = [await picture(from).boundingBox(), await picture(to).boundingBox()];
    if (card === null || other === null) throw new Error('The cards are not in view.');
    await page.mouse.move(card.x + 40, card.y + 30);
    await page.mouse.down();
    await page.mouse.move(card.x + 40, card.y + 50, { steps: 2 });
    await page.mouse.move(card.x + 40, other.y + (to > from ? other.height + 20 : -4), { steps: 4 });
    await page.locator('[data-drop]').waitFor();
    await page.mouse.up();
  };
  await dragCard(1, 2);
  await untilNames('SFT');
  await undo('Move scene');
  await untilNames('FST');
  await picture(2).click();
  await picture(3).click({ modifiers: ['Control'] });
  await dragCard(3, 1);
  await untilNames('STF');
  await page.keyboard.press('Alt+ArrowDown');
  await untilNames('FST');
});

test('several scenes are deleted at once, and come back at once', async () => {
  await block(1).click();
  await block(2).click({ modifiers: ['Shift'] });
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('alertdialog', { name: 'Delete 2 scenes?' });
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.waitFor({ state: 'detached' });
  await untilNames('T');
  // What comes after has moved up.
  expect((await at.studio.api.project(id)).scenes[0]?.startFrame).toBe(0);
  await undo('Delete 2 scenes');
  await untilNames('FST');
});

test('a scene is inserted after the selection, and one is split at the playhead', async () => {
  await block(1).click();
  await page.keyboard.press('a');
  await untilNames('FSST');
  await page.getByRole('button', { name: 'Undo: Add scene 2' }).click();
  await untilNames('FST');
  await block(2).click();
  for (let frame = 0; frame < 20; frame++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('s');
  await untilSlots('50@25 20@25 30@45 50@25');
  await undo('Split scene 2');
  await untilSlots('50@25 50@25 50@25');
});

const trim = () => page.getByRole('dialog', { name: 'Trim scene' });
const openTrim = async () => {
  await page.getByRole('button', { name: 'Actions for scene 1' }).click();
  await page.getByRole('menuitem', { name: 'Trim' }).click();
  await trim().waitFor();
};
const setIn = async (frame: number) => {
  const field = trim().getByRole('spinbutton', { name: 'In (frame)' });
  await field.fill(String(frame));
  await field.press('Tab');
};

test('the trim keeps a scene’s length when it is asked to', async () => {
  await openTrim();
  await trim().getByRole('switch', { name: 'Keep scene length' }).click();
  await setIn(40);
  expect(await trim().getByRole('spinbutton', { name: 'Out (frame)' }).inputValue()).toBe('90');
  await trim().getByText('Other scenes stay where they are.', { exact: true }).waitFor();
  await trim().getByRole('button', { name: 'Trim', exact: true }).click();
  await trim().waitFor({ state: 'detached' });
  await untilSlots('50@40 50@25 50@25');
});

test('the trim reaches all of a long clip, also what the file for browsers doesn’t hold', async () => {
  const { api } = at.studio;
  const long = await plainClip('plain-25-15.mp4', { size: '320x180', rate: '25', seconds: 15 });
  const other = await api.createProject({ title: 'Long', format: { width: 320, height: 180, fps: 25 } });
  await api.addScene(other.id, { prompt: 'Long', plannedDuration: 1 });
  await api.uploadClip(other.id, 1, long);
  const cuts = id;
  id = other.id;
  try {
    await at.open(`/edit/${id}`);
    await block(1).waitFor();
    await openTrim();
    await trim().getByText('25 frames of 375').waitFor();
    await trim().getByRole('switch', { name: 'Keep scene length' }).click();
    await setIn(340);
    // Frame 340 of what was brought, which was cut at frame 275 for browsers.
    await page.waitForFunction(`(() => {
      const video = document.querySelector('[role=dialog] video');
      return !video.seeking && video.readyState >= 2 && Math.floor(video.currentTime * 25) === 340;
    })()`);
    await trim().getByRole('button', { name: 'Trim', exact: true }).click();
    await trim().waitFor({ state: 'detached' });
    await untilSlots('25@340');
  } finally {
    id = cuts;
    await at.open(`/edit/${id}`);
    await page.getByText('180 BPM').waitFor();
  }
});

test('with a finger: the chosen scene’s edges and its clip', async () => {
  const phone = await at.browser.newContext({
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    locale: 'en-US',
    baseURL: at.studio.studio.url ?? '',
    bypassCSP: true,
  });
  const wide = page;
  page = await phone.newPage();
  try {
    await page.goto(`/edit/${id}`);
    await page.getByRole('button', { name: 'Zoom in' }).tap();
    await page.getByRole('button', { name: 'Zoom in' }).tap();
    await block(1).tap();
    const touch = await phone.newCDPSession(page);
    const swipe = async (what: ReturnType<typeof edge>, frames: number) => {
      const box = await what.boundingBox();
      if (box === null) throw new Error('It is not in view.');
      const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
      const by = frames * (await perFrame());
      const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
        touch.send('Input.dispatchTouchEvent', { type, touchPoints: points });
      await send('touchStart', [{ x, y }]);
      await send('touchMove', [{ x: x + by / 2, y }]);
      await send('touchMove', [{ x: x + by, y }]);
      await page.locator('[data-edit]').waitFor();
      await send('touchEnd', []);
    };
    await page.getByRole('button', { name: 'Snap', exact: true }).tap();
    await swipe(edge(1, 'end'), 10);
    await untilSlots('60@25 40@35 50@25');
    await swipe(page.locator('[data-slip]'), 4);
    // A finger is as exact as the pixels it is told in.
    await untilSlots(/^60@2[0-2] 40@35 50@25$/);
  } finally {
    await phone.close();
    page = wide;
  }
});

test('nothing went wrong that nobody caught', () => {
  expect(at.problems).toEqual([]);
});
