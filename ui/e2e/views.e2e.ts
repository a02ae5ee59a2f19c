import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { plainClip, singerClip, songFile } from '../../api/test/test-media';
import { en } from '../src/lib/text/en.ts';
import { problemsInEveryLook } from './page.harness';
import { emptyViews, startViewStudio, type View, type ViewStudio, views } from './views.harness';

setDefaultTimeout(240_000);

/** Every page and dialog, light and dark, wide and narrow: axe finds nothing, all of it is in reach. */
let studio: ViewStudio;
beforeAll(async () => {
  studio = await startViewStudio({
    song: await songFile(),
    singer: await singerClip(),
    others: [
      await plainClip('views-first.mp4', { size: '640x360', rate: '25', seconds: 2 }),
      await plainClip('views-last.mp4', { size: '640x360', rate: '25', seconds: 1.2 }),
    ],
  });
});
afterAll(() => studio.stop());

/** Buttons of an open dialog that lie outside of a phone's screen. */
async function outOfReach(): Promise<string[]> {
  const { page } = studio.at;
  await page.setViewportSize({ width: 390, height: 844 });
  const found: string[] = [];
  for (const button of await page.locator('[data-dialog-footer] button').all()) {
    const box = await button.boundingBox();
    const isIn = box !== null && box.x >= 0 && box.x + box.width <= 390 && box.y + box.height <= 844;
    if (!isIn) found.push((await button.textContent()) ?? '');
  }
  return found;
}

async function expectGood(view: View): Promise<void> {
  await studio.at.page.setViewportSize({ width: 1440, height: 900 });
  await view.show(studio, en);
  // What lies under a dialog is looked at as the page that it is.
  const within = view.name.startsWith('dialog-') ? '[role=dialog], [role=alertdialog]' : undefined;
  expect(await problemsInEveryLook(studio.at.page, within)).toEqual([]);
  expect(await outOfReach()).toEqual([]);
}

for (const view of emptyViews) test(view.name, () => expectGood(view));

test('projects in every state', () => studio.fill());

for (const view of views) test(view.name, () => expectGood(view));

test('nothing broke on any of them', () => expect(studio.at.problems).toEqual([]));
