import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import type { Project } from '../../api/contract/project.schema';
import { playSong, type TestSong } from '../../api/features/proposal/test/test-songs';
import { localLooks } from '../../api/providers/local/lipsync/look/local.looks';
import { until } from '../../api/test/process.harness';
import { startTestStudio } from '../../api/test/studio.harness';
import { plainClip, singerClip } from '../../api/test/test-media';
import { type Dropped, drop } from './drop.harness';
import { choose, giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(240_000);

/** What a musician does in an evening: a song of three minutes, a folder of twenty files, one video. */
let at: StudioPage;
let page: Page;
let project: Project;
let folder: string;

const JOB = { timeout: 200_000 };
/** 120 beats a minute: a bar is two seconds, 50 frames. */
const BAR = 50;
const chords = [
  [0, 3, 7],
  [8, 12, 15],
  [3, 7, 10],
  [10, 14, 17],
];
const other = [
  [5, 8, 12],
  [10, 14, 17],
  [3, 7, 10],
  [0, 3, 7],
];
const song: TestSong = {
  seed: 41,
  bpm: 120,
  key: 0,
  parts: {
    intro: { chords, drums: 0.3, bass: 0, pad: 0.4, bright: 3, voice: 0 },
    verse: { chords, drums: 0.5, bass: 0.5, pad: 0.25, bright: 3, voice: 0.5 },
    chorus: { chords: other, drums: 0.9, bass: 0.8, pad: 0.6, bright: 7, voice: 0.7 },
  },
  form: [
    ['intro', 8],
    ['verse', 16],
    ['chorus', 8],
    ['verse', 16],
    ['chorus', 16],
    ['verse', 10],
    ['chorus', 16],
  ],
};
/** Scenes of four and five bars in turns: 90 bars, three minutes. */
const lengths = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 8 : 10));
const cuts = lengths.map((_, index) => 25 * lengths.slice(0, index).reduce((sum, length) => sum + length, 0));

const now = () => at.studio.api.project(project.id);
const starts = async () => (await now()).scenes.map(({ startFrame }) => startFrame);

beforeAll(async () => {
  at = await startStudioPage(await startTestStudio({}, { looks: localLooks }));
  ({ page } = at);
  folder = await mkdtemp(join(tmpdir(), 'songreel-evening-'));
  await Bun.write(join(folder, 'song.wav'), playSong(song).wav);
  const { api } = at.studio;
  project = await api.createProject({ title: 'Tonight', format: { width: 320, height: 180, fps: 25 } });
  for (const plannedDuration of lengths) await api.addScene(project.id, { plannedDuration });
  await at.open(`/edit/${project.id}`);
  await page.getByRole('heading', { name: 'Tonight' }).waitFor();
});
afterAll(async () => {
  await at.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Longer and shorter than their scenes, of other rates and shapes, pictures; the third sings. */
async function files(): Promise<Dropped[]> {
  const long = await plainClip('evening-long.mp4', { size: '320x180', rate: '25', seconds: 14 });
  const paths = [
    long,
    await plainClip('evening-upright.mp4', { size: '180x320', rate: '30', seconds: 11 }),
    await singerClip(),
    await plainClip('evening-short.mp4', { size: '320x180', rate: '24', seconds: 3, sound: true }),
    await plainClip('evening.jpg', { size: '400x300', rate: '25', seconds: 0, still: true }),
  ];
  return lengths.map((_, index) => {
    // One singer is enough.
    const path = index > 4 && index % 5 === 2 ? long : (paths[index % 5] ?? null);
    const isImage = path?.endsWith('.jpg') ?? false;
    return {
      name: `take ${index + 1}.${isImage ? 'jpg' : 'mp4'}`,
      type: isImage ? 'image/jpeg' : 'video/mp4',
      path,
    };
  });
}

test('the song, then twenty mixed files at once: every cut stays where it is', async () => {
  await giveFile(page, join(folder, 'song.wav'), () =>
    page.getByRole('button', { name: 'Upload song' }).first().click(),
  );
  await page.getByRole('button', { name: 'Replace song' }).waitFor(JOB);
  expect(await starts()).toEqual(cuts);
  await drop(
    page.getByRole('region', { name: 'Viewer' }),
    await files(),
    'Drop to fill the empty scenes in order',
  );
  await page.getByText('20 files added.').first().waitFor(JOB);
  expect(await starts()).toEqual(cuts);
  expect((await now()).scenes.filter(({ currentTake }) => currentTake !== null)).toHaveLength(16);
});

/** The cut after a scene, as the studio has it. */
const cutAfter = async (sequence: number) => (await starts())[sequence];

test('a cut goes to the next bar, a clip slips, and nothing else moves', async () => {
  const block = (sequence: number) => page.locator('[data-scene-block]').nth(sequence - 1);
  await block(6).click();
  await page.keyboard.press('Alt+PageDown');
  await until('the cut is a bar later', async () => (await cutAfter(6)) === (cuts[6] ?? 0) + BAR);
  await page.keyboard.press('Control+z');
  await until('it is back', async () => (await cutAfter(6)) === cuts[6]);
  // By mouse, and not quite as far: the bar draws it the rest of the way.
  const place = await block(11).boundingBox();
  if (place === null) throw new Error('The timeline is not in view.');
  const [right, middle] = [place.x + place.width, place.y + place.height / 2];
  await page.mouse.move(right - 2, middle);
  await page.mouse.down();
  await page.mouse.move(right + (place.width / 200) * (BAR - 4), middle, { steps: 6 });
  await page.locator('[data-snap]').waitFor();
  await page.mouse.up();
  await until('the cut is on the bar', async () => (await cutAfter(11)) === (cuts[11] ?? 0) + BAR);
  await page.keyboard.press('Control+z');
  await until('it is back', async () => (await cutAfter(11)) === cuts[11]);
  const inFrame = async () => (await now()).scenes[0]?.window.inFrame;
  await block(1).click();
  await page.keyboard.press('Shift+>');
  await until('the clip has slipped', async () => (await inFrame()) === 10);
  await page.keyboard.press('Control+z');
  await until('it is back', async () => (await inFrame()) === 0);
  expect(await starts()).toEqual(cuts);
});

test('who sings is lip-synced, nobody else', async () => {
  await page.getByRole('button', { name: 'Lip-sync all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Lip-sync all scenes' });
  await dialog.getByRole('button', { name: 'Start 1 lip-sync' }).click(JOB);
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Lip-sync of scene 3: In sync' }).waitFor(JOB);
  const { currentTake } = (await now()).scenes[2] ?? {};
  expect(currentTake?.audioSegment).toMatchObject({ startFrame: cuts[2], endFrame: cuts[3] });
});

/** What undo has to give back: every scene with its length, clip and window. */
const timeline = async () =>
  (await now()).scenes.map(({ id, startFrame, slotFrames, window, originalTake, prompt }) => ({
    id,
    startFrame,
    slotFrames,
    window,
    prompt,
    original: originalTake?.id ?? null,
  }));

test('five kinds of change are undone one by one, and done again', async () => {
  const states = [await timeline()];
  const changes: (() => Promise<unknown>)[] = [
    () => choose(page, 2, 'Move down'),
    () => choose(page, 4, 'Duplicate'),
    async () => {
      await choose(page, 6, 'Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    },
    async () => {
      await choose(page, 1, 'Trim');
      const dialog = page.getByRole('dialog', { name: 'Trim scene 1' });
      await dialog.getByRole('spinbutton', { name: 'Out (frame)' }).fill('150');
      await page.keyboard.press('Tab');
      await dialog.getByRole('button', { name: 'Trim' }).click();
    },
    async () => {
      const clip = await plainClip('evening-other.mp4', { size: '320x180', rate: '25', seconds: 5 });
      await giveFile(page, clip, () => choose(page, 8, 'Upload clip'));
    },
  ];
  for (const change of changes) {
    await change();
    const before = JSON.stringify(states.at(-1));
    await until('the timeline has changed', async () => JSON.stringify(await timeline()) !== before, 60_000);
    states.push(await timeline());
  }
  for (const state of states.slice(0, -1).reverse()) {
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('it is undone', async () => Bun.deepEquals(await timeline(), state), 60_000);
  }
  for (const state of states.slice(1)) {
    await page.getByRole('button', { name: 'Redo' }).click();
    await until('it is done again', async () => Bun.deepEquals(await timeline(), state), 60_000);
  }
  for (const state of states.slice(0, -1).reverse()) {
    await page.keyboard.press('Control+z');
    await until('it is undone by key', async () => Bun.deepEquals(await timeline(), state), 60_000);
  }
});

test('compose, and the video plays: as long as the song, nothing left out', async () => {
  await page.getByRole('button', { name: 'Compose', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Before you compose' });
  await question.getByText('Scenes 5, 10, 15 and 20 have no clips and will be black.').waitFor();
  await question.getByText(/are longer than their clips/).waitFor();
  await question.getByRole('button', { name: 'Compose', exact: true }).click();
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor(JOB);
  await player.getByRole('button', { name: 'Play' }).click();
  const video = player.locator('video');
  await until('it plays', () => video.evaluate<boolean, HTMLVideoElement>((shown) => shown.currentTime > 1));
  expect(await video.evaluate<number, HTMLVideoElement>((shown) => shown.duration)).toBeCloseTo(180, 1);
  expect(at.problems).toEqual([]);
});

test('the same as 9:16: every cut at its place, the lip-sync carried over', async () => {
  await page.getByRole('button', { name: 'Project menu' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate in another shape' }).click();
  const dialog = page.getByRole('dialog', { name: 'Duplicate in another shape' });
  await dialog.getByRole('radio', { name: '9:16' }).click();
  await dialog.getByRole('button', { name: 'Duplicate' }).click();
  await page.waitForURL((url) => !url.pathname.includes(project.id));
  const copyId = page.url().split('/').at(-1) ?? '';
  const copy = await until(
    'the lip-sync is in the new shape',
    async () => {
      const read = await at.studio.api.project(copyId);
      return read.scenes[2]?.currentTake?.kind === 'lipsynced' && read;
    },
    120_000,
  );
  expect(copy.format.height).toBeGreaterThan(copy.format.width);
  expect(copy.scenes.map(({ startFrame }) => startFrame)).toEqual(cuts);
  expect(copy.scenes[2]?.lipsync?.stale).toBe(false);
  expect(at.problems).toEqual([]);
});
