import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import type { Project } from '../../api/contract/project.schema';
import { plainClip, singerClip, songFile } from '../../api/test/test-media';
import { framesApart, watchStalls } from './in-step.harness';
import { choose, framesBecome, giveFile, type StudioPage, startStudioPage } from './page.harness';

setDefaultTimeout(180_000);

/** The whole way of a video, by the page alone: nothing here calls the API but to look at the outcome. */
let at: StudioPage;
let projectId = '';
beforeAll(async () => {
  at = await startStudioPage();
});
afterAll(() => at.stop());

const now = (): Promise<Project> => at.studio.api.project(projectId);
/** Seconds that a job may take on a machine that runs other tests as well. */
const JOB = { timeout: 90_000 };

test('create: the song is drawn at once, scenes are proposed, nothing is begun before the button', async () => {
  const { page } = at;
  await at.open('/');
  await page.getByRole('heading', { name: 'Your first video starts with a song' }).waitFor();
  await page.locator('#content').getByRole('link', { name: 'New project' }).click();
  await page.getByRole('heading', { name: 'New project' }).waitFor();
  await giveFile(page, await songFile(), () => page.getByRole('button', { name: 'choose a file' }).click());
  await page.getByRole('slider', { name: 'Song waveform' }).waitFor();
  await page.getByText('Song ready').waitFor(JOB);
  await page.getByLabel('Title').fill('A night out');
  await page.getByLabel('Concept').fill('A singer on a stage');
  await page.getByRole('spinbutton', { name: 'Number of scenes' }).fill('3');
  await page.keyboard.press('Tab');
  await page.getByText(/^3 scenes · 1920×1080 · 30 fps$/).waitFor();
  await page.getByRole('radio', { name: '720p' }).click();
  await page.getByRole('radio', { name: '25' }).click();
  await page.getByText(/^3 scenes · 1280×720 · 25 fps$/).waitFor();
  await page.getByRole('button', { name: 'Create project' }).click();
  await page.waitForURL('**/edit/*');
  projectId = page.url().split('/').at(-1) ?? '';
  await page.getByRole('heading', { name: 'A night out' }).waitFor();
  const project = await now();
  expect(project).toMatchObject({ title: 'A night out', concept: 'A singer on a stage', sceneCount: 3 });
  expect(project.song?.duration).toBeCloseTo(8, 2);
  // Together they cover the song, to the frame.
  expect(project.frames).toBe(200);
});

test('three clips are uploaded by the menus', async () => {
  const { page } = at;
  const clips = [
    await plainClip('tall-30.mp4', { size: '360x640', rate: '30', seconds: 2.52, sound: true }),
    await singerClip(),
    await plainClip('last.mp4', { size: '320x180', rate: '25', seconds: 1.2 }),
  ];
  for (const [index, clip] of clips.entries()) {
    await giveFile(page, clip, () => choose(page, index + 1, 'Upload clip'));
    if (index > 0) continue;
    const advice = page.getByRole('dialog', { name: 'Add 1 file' });
    await advice.getByText(/One frame in 6 will be dropped/).waitFor();
    await advice.getByRole('switch', { name: /Use 30 fps, 720 × 1280 for this project/ }).click();
    await advice.getByRole('button', { name: 'Add', exact: true }).click();
    await advice.waitFor({ state: 'detached' });
  }
  // The cuts stay where they were proposed, however long the clips are.
  await framesBecome(at, projectId, [59, 66, 75]);
});

test('trim: keys move the point by a frame, and what moves is said before', async () => {
  const { page } = at;
  await choose(page, 1, 'Trim');
  const dialog = page.getByRole('dialog', { name: 'Trim scene 1' });
  await dialog.getByRole('slider', { name: 'Out' }).focus();
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await dialog.getByText('47 frames of 63').waitFor();
  await dialog.getByText('Scenes 2 and 3 start 12 frames earlier.').waitFor();
  await dialog.getByRole('button', { name: 'Trim' }).click();
  await dialog.waitFor({ state: 'detached' });
  await framesBecome(at, projectId, [47, 66, 75]);
  expect((await now()).scenes.map(({ startFrame, frames }) => [startFrame, frames])).toEqual([
    [0, 47],
    [47, 66],
    [113, 75],
  ]);
});

test('Add Lipsync: the slice, a face by keyboard, the price; the card shows the work and then the badge', async () => {
  const { page } = at;
  await choose(page, 2, 'Add Lipsync');
  const modal = page.getByRole('dialog', { name: 'Add Lipsync to scene 2' });
  await modal.getByText('frame 47', { exact: true }).waitFor();
  await modal.getByText('frame 113', { exact: true }).waitFor();
  await modal.getByRole('button', { name: 'Play this part' }).click();
  await modal.getByRole('button', { name: 'Stop' }).click();
  await modal.getByRole('slider', { name: 'Lip movement expressiveness' }).press('ArrowRight');
  const face = modal.getByRole('slider', { name: 'Face, left to right' });
  await face.press('ArrowUp');
  await face.press('ArrowRight');
  await modal.getByText('Selected: 52 % from left, 40 % from top').waitFor();
  await modal.getByText('Free: runs on this computer').waitFor();
  await modal.getByRole('button', { name: 'Start lip-sync' }).click();
  await modal.waitFor({ state: 'detached' });
  await page.getByRole('progressbar', { name: 'Lip-sync' }).first().waitFor();
  await page.getByRole('button', { name: 'Lip-sync of scene 2: In sync' }).waitFor(JOB);
  const take = (await now()).scenes[1]?.currentTake;
  expect(take?.audioSegment).toMatchObject({ startFrame: 47, endFrame: 113 });
  expect(take?.madeBy['options']).toMatchObject({ temperature: 0.55, speaker: { x: 0.52, y: 0.4 } });
});

test('the preview shows at every cut the frame of the song’s own clock', async () => {
  const { page } = at;
  const starts = (await now()).scenes.map((scene) => scene.start ?? 0);
  const watch = `new Promise((resolve) => {
    const song = document.querySelector('audio');
    const starts = ${JSON.stringify(starts)};
    const off = {};${watchStalls}
    // Both elements of the preview, also the one that holds no scene yet.
    for (const clip of document.querySelector('video[data-scene]').parentElement.querySelectorAll('video')) {
      const shown = begin();
      const look = () => {
        if (song.currentTime > starts[2] + 0.5) return resolve({ off, stalledMs });
        clip.requestVideoFrameCallback(look);
        const isShown = !(song.paused || clip.paused || clip.classList.contains('invisible'));
        shown(isShown);
        if (!isShown) return;
        off[clip.dataset.scene] ??= Math.abs(clip.currentTime - (song.currentTime - starts[clip.dataset.scene - 1])) * 25;
      };
      clip.requestVideoFrameCallback(look);
    }
  })`;
  const apart = await framesApart(async () => {
    await page.getByRole('button', { name: 'Go to start' }).click();
    const watched = page.evaluate<{ off: Record<string, number>; stalledMs: number }>(watch);
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    const { off, stalledMs } = await watched;
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    return { off: Math.max(off['2'] ?? 99, off['3'] ?? 99), stalledMs };
  });
  expect(apart).toBeLessThan(1);
});

test('compose: how far it is, then a player whose keys and sliders work; the video plays to its end', async () => {
  const { page } = at;
  await page.getByRole('button', { name: 'Compose', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Before you compose' });
  await question.getByText('Scenes 2 and 3 are longer than their clips.').waitFor();
  await question.getByRole('button', { name: 'Compose', exact: true }).click();
  await page.getByRole('heading', { name: 'Final video' }).waitFor();
  const player = page.getByRole('region', { name: 'Final video player' });
  await player.waitFor(JOB);
  await page.getByText('Up to date').waitFor();
  await player.getByRole('slider', { name: 'Position in the video' }).press('End');
  await player.getByRole('slider', { name: 'Position in the video' }).press('Home');
  await player.getByRole('button', { name: 'Play' }).click();
  const ended = await player
    .locator('video')
    .evaluate<{ duration: number; error: boolean }, HTMLVideoElement>(
      (video) =>
        new Promise((resolve) => {
          const tell = () => resolve({ duration: video.duration, error: video.error !== null });
          video.onended = tell;
          video.onerror = tell;
        }),
    );
  expect(ended.error).toBe(false);
  expect(ended.duration).toBeCloseTo(188 / 25, 1);
  expect(await page.getByRole('link', { name: 'Download' }).getAttribute('download')).not.toBeNull();
  expect(at.problems).toEqual([]);
});
