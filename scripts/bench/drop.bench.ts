import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { chromium, type Page } from 'playwright';
import { readProcessConfig } from '../../api/config';
import type { Scene } from '../../api/contract/scene.schema';
import { ffmpeg, sharedClip, testTools } from '../../api/media/testing/tools';
import { buildPage } from '../../api/page/build-page';
import { chromiumArguments, findChromium } from '../../api/test/chromium.finder';
import { startTestStudio, type TestStudio } from '../../api/test/studio.harness';

const FILES = 20;
const SCENE_SECONDS = 4;

/** What a phone, a camera, a screen recorder and the web bring. */
const kinds: { name: string; arguments: string[] }[] = [
  { name: 'wide.mp4', arguments: ['-f', 'lavfi', '-i', 'testsrc2=s=1920x1080:r=25:d=8'] },
  { name: 'phone.mov', arguments: ['-f', 'lavfi', '-i', 'testsrc2=s=1080x1920:r=30:d=6'] },
  { name: 'small.mkv', arguments: ['-f', 'lavfi', '-i', 'mandelbrot=s=640x360:r=24', '-t', '5'] },
  {
    name: 'web.webm',
    arguments: [
      ...['-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=30:d=4'],
      ...['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
    ],
  },
  { name: 'photo.jpg', arguments: ['-f', 'lavfi', '-i', 'testsrc2=s=4000x3000', '-frames:v', '1'] },
];

async function makeFiles(folder: string): Promise<string[]> {
  const tools = await testTools();
  const made: string[] = [];
  for (const { name, arguments: input } of kinds) {
    const path = join(folder, name);
    const isH264 = !input.includes('-c:v') && !name.endsWith('.jpg');
    const encoder = isH264 ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] : [];
    await ffmpeg(tools, [...input, ...encoder, path]);
    made.push(path);
  }
  const real = sharedClip('talking-woman-10s.mp4');
  if (real !== null) made.unshift(real);
  return Promise.all(
    Array.from({ length: FILES }, async (_, index) => {
      const from = made[index % made.length] ?? '';
      const path = join(folder, `shot ${index + 1}${extname(from)}`);
      await copyFile(from, path);
      return path;
    }),
  );
}

/** Notes when each scene's card has a picture, since `begin`: painted, or below the fold, where none is loaded. */
const watchCards = `
  window.seen = new Map();
  const look = () => {
    for (const card of document.querySelectorAll('[data-scene-card]')) {
      const image = card.querySelector('img, video');
      const isFar = card.getBoundingClientRect().top > innerHeight;
      const isSeen = image !== null && (isFar || image.naturalWidth > 0 || image.readyState >= 2);
      if (isSeen && !window.seen.has(card.dataset.sceneCard))
        window.seen.set(card.dataset.sceneCard, performance.now() - window.begin);
    }
    requestAnimationFrame(look);
  };
  document.querySelector('[data-add-files]').addEventListener('change', () => {
    window.begin = performance.now();
  }, { capture: true });
  look();`;

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;

async function measure(studio: TestStudio, page: Page, paths: string[]): Promise<void> {
  const { api } = studio;
  const project = await api.createProject({ title: 'Drop', format: { width: 1920, height: 1080, fps: 25 } });
  for (let index = 0; index < FILES; index++) {
    await api.addScene(project.id, { plannedDuration: SCENE_SECONDS });
  }
  await page.goto(`${studio.studio.url}/edit/${project.id}`);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.evaluate(watchCards);
  const began = performance.now();
  await page.locator('[data-add-files]').first().setInputFiles(paths);
  const dialog = page.getByRole('dialog');
  // A clip of another rate or shape may be asked about first: nothing is sent before the answer.
  const whenSeen = (count: number) =>
    page.evaluate(`new Promise((resolve) => {
      const look = () => (window.seen.size >= ${count} ? resolve() : requestAnimationFrame(look));
      look();
    })`);
  await Promise.race([dialog.waitFor(), whenSeen(1)]);
  if (await dialog.isVisible()) {
    await page.evaluate('window.begin = performance.now()');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  }
  await whenSeen(1);
  const seen = () => page.evaluate<number[]>('[...window.seen.values()].sort((a, b) => a - b)');
  const [first = Number.NaN] = await seen();
  console.log(`first picture on its card after ${seconds(first)} (load average ${loadavg()[0]?.toFixed(1)})`);
  // Without pictures of the page's own, nothing would be seen before this.
  const isReady = (scene: Scene) =>
    (scene.currentTake !== null && !scene.fitting) || scene.imageTake !== null;
  while (!(await api.project(project.id)).scenes.some(isReady)) await Bun.sleep(100);
  const times = await seen();
  console.log(
    `first file ready in the studio after ${seconds(performance.now() - began)}; by then ${times.length} of ${FILES} are seen, the last after ${seconds(times.at(-1) ?? Number.NaN)}`,
  );
}

/** Twenty mixed files given to twenty empty scenes at once: when each is seen on its card, and when the first is ready. */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-drop-'));
  await buildPage();
  const studio = await startTestStudio();
  const browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: [...chromiumArguments],
  });
  try {
    const paths = await makeFiles(folder);
    await measure(studio, await browser.newPage({ viewport: { width: 1440, height: 900 } }), paths);
  } finally {
    await browser.close();
    await studio.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
