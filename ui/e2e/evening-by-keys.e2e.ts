import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { until } from '../../api/test/process.harness';
import { plainClip, singerClip, songFile } from '../../api/test/test-media';
import { giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(240_000);

/** A video made without a pointer: nothing here clicks, and nothing gets the focus but by Tab. */
let at: StudioPage;
let page: Page;
let project: Project;

const JOB_MS = 120_000;

beforeAll(async () => {
  at = await startStudioPage();
  ({ page } = at);
  const { api } = at.studio;
  project = await api.createProject({ title: 'By keys', format: { width: 640, height: 360, fps: 25 } });
  for (const plannedDuration of [1, 1]) await api.addScene(project.id, { plannedDuration });
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: 'By keys' }).waitFor();
});
afterAll(() => at.stop());

const now = () => at.studio.api.project(project.id);
const cuts = async () => (await now()).scenes.map(({ startFrame }) => startFrame);

/** Tab until something of that name has the focus. */
async function tabTo(name: string): Promise<void> {
  const met: string[] = [];
  for (let step = 0; step < 150; step++) {
    const focused = await page.evaluate<string>(`(() => {
      const at = document.activeElement;
      return at.getAttribute('aria-label') || at.textContent.trim();
    })()`);
    if (focused === name) return;
    met.push(focused.slice(0, 30));
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to “${name}”, but to ${[...new Set(met)].join(', ')}.`);
}
const enter = async (name: string) => {
  await tabTo(name);
  await page.keyboard.press('Enter');
};

test('the song and two clips are chosen', async () => {
  await giveFile(page, await songFile(), () => enter('Upload song'));
  await page.getByRole('button', { name: 'Replace song' }).waitFor({ timeout: JOB_MS });
  const clips = [
    await singerClip(),
    await plainClip('by-keys.mp4', { size: '640x360', rate: '25', seconds: 2 }),
  ];
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), enter('Add files')]);
  await chooser.setFiles(clips);
  await until(
    'both scenes have their clips',
    async () => (await now()).scenes.every(({ currentTake, fitting }) => currentTake !== null && !fitting),
    JOB_MS,
  );
  expect(await cuts()).toEqual([0, 25]);
});

test('a cut rolls, a clip slips, and both are undone', async () => {
  await page.keyboard.press('Home');
  await page.keyboard.press('Alt+Shift+ArrowRight');
  await until('the cut has rolled', async () => (await cuts())[1] === 35);
  await page.keyboard.press('.');
  await until('the clip has slipped', async () => (await now()).scenes[0]?.window.inFrame === 1);
  await page.keyboard.press('Control+z');
  await until('the slip is undone', async () => (await now()).scenes[0]?.window.inFrame === 0);
  await page.keyboard.press('Control+z');
  await until('the roll is undone', async () => (await cuts())[1] === 25);
});

test('the singer is lip-synced, and the video is composed and plays', async () => {
  // The files came in the order of their names.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Shift+L');
  await page.getByRole('dialog', { name: 'Add Lipsync to scene 2' }).waitFor();
  await page.getByText('Free: runs').waitFor();
  await enter('Start lip-sync');
  await until(
    'it is lip-synced',
    async () => (await now()).scenes[1]?.currentTake?.kind === 'lipsynced',
    JOB_MS,
  );
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await enter('Compose');
  await page.getByRole('dialog', { name: 'The video is shorter than the song' }).waitFor();
  await enter('Compose');
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor({ timeout: JOB_MS });
  await enter('Play');
  await until('it plays', () =>
    player.locator('video').evaluate<boolean, HTMLVideoElement>((video) => video.currentTime > 0.5),
  );
  expect(at.problems).toEqual([]);
});
