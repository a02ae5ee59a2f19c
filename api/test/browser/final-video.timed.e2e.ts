import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright';
import { readProcessConfig } from '../../config';
import type { FinalVideo } from '../../contract/project.schema';
import { output } from '../../media/testing/tools';
import { chromiumArguments, findChromium } from '../chromium.finder';
import { startTestStudio, type TestStudio } from '../studio.harness';
import { plainClip, singerClip, songFile } from '../test-media';

setDefaultTimeout(120_000);

let studio: TestStudio;
let browser: Browser;
let final: FinalVideo;

beforeAll(async () => {
  studio = await startTestStudio();
  browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: chromiumArguments,
  });
  const { api } = studio;
  const project = await api.createProject({ format: { width: 640, height: 360, fps: 25 } });
  await api.uploadSong(project.id, await songFile());
  const clips = [
    await plainClip('tall-30.mp4', { size: '360x640', rate: '30', seconds: 2.52, sound: true }),
    await singerClip(),
    await plainClip('wide-ntsc.mp4', { size: '854x480', rate: '30000/1001', seconds: 1.2 }),
  ];
  for (const [index, clip] of clips.entries()) {
    await api.addScene(project.id);
    await api.uploadClip(project.id, index + 1, clip);
  }
  final = await api.compose(project.id);
});
afterAll(async () => {
  await browser.close();
  await studio.stop();
});

type Played = { totalVideoFrames: number; duration: number; size: [number, number] };

/** Runs in the page (as text: the product's own code knows no DOM). */
const playToEnd = `(async () => {
  const video = document.querySelector('video');
  const ended = new Promise((resolve, reject) => {
    video.onended = resolve;
    video.onerror = () => reject(new Error(video.error?.message));
  });
  await video.play();
  await ended;
  const { totalVideoFrames } = video.getVideoPlaybackQuality();
  return { totalVideoFrames, duration: video.duration, size: [video.videoWidth, video.videoHeight] };
})()`;

test('the finished video plays to its end in Chromium, every frame of it', async () => {
  const page = await browser.newPage();
  // Media are for the studio's own pages alone.
  await page.goto(studio.studio.url ?? '');
  await page.evaluate(`document.body.innerHTML = '<video src="${final.url}" muted></video>'`);
  const played = await page.evaluate<Played>(playToEnd);
  expect(played.size).toEqual([640, 360]);
  expect(played.totalVideoFrames).toBe(final.frames);
  // The sound's last AAC frame may reach up to 21 ms beyond the last picture.
  expect(Math.abs(played.duration - final.duration)).toBeLessThan(0.03);
  await page.close();
});

/** The first seconds of a file's sound: mono, 8 kHz. */
async function sound(path: string): Promise<Float32Array> {
  const { ffmpegPath } = studio.studio.services.mediaTools;
  const bytes = await output([
    ...[ffmpegPath, '-v', 'error', '-i', path, '-vn', '-ac', '1', '-ar', '8000'],
    ...['-f', 'f32le', 'pipe:1'],
  ]);
  return new Float32Array(bytes.buffer);
}

/** Correlation of b, moved by `lag` samples, with a over samples [from, to). */
function correlation(a: Float32Array, b: Float32Array, lag: number, from: number, to: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = from; i < to; i++) {
    const [x, y] = [a[i] ?? 0, b[i + lag] ?? 0];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / Math.sqrt(aa * bb);
}

test('its sound is the song, in step with it', async () => {
  const path = join(studio.dataDirectory, 'final.mp4');
  await Bun.write(path, await studio.api.media(final.url));
  const [mine, song] = [await sound(path), await sound(await songFile())];
  expect(Math.abs(mine.length / 8000 - final.duration)).toBeLessThan(0.05);
  const lags = Array.from({ length: 161 }, (_, index) => index - 80);
  // The last second holds the fade-out.
  const until = mine.length - 8000;
  const best = lags
    .map((lag) => ({ lag, value: correlation(song, mine, lag, 800, until) }))
    .reduce((a, b) => (b.value > a.value ? b : a));
  expect(best.value).toBeGreaterThan(0.98);
  expect(Math.abs(best.lag)).toBeLessThanOrEqual(8); // 1 ms
});

test('the API page shows every route, at 1440 and at 390 pixels, without errors or other hosts', async () => {
  for (const width of [1440, 390]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== studio.studio.url && !request.url().startsWith('data:')) {
        problems.push(`asked ${request.url()}`);
      }
    });
    await page.goto(`${studio.studio.url}/docs`);
    await page.locator('.opblock').first().waitFor();
    const paths = await page.locator('.opblock-summary-path').allInnerTexts();
    const plain = paths.map((text) => text.replace(/\u200b/g, ''));
    for (const path of [
      '/api/mv/projects/{projectId}/lipsync/{sequence}',
      '/api/mv/lipsync',
      '/api/mv/projects/{projectId}/compose',
      '/api/mv/get_video/{id}',
    ]) {
      expect(plain).toContain(path);
    }
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
    expect(overflow).toBeLessThanOrEqual(0);
    expect(problems).toEqual([]);
    await page.close();
  }
});
