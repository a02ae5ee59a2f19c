import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, type CDPSession, chromium, type Page } from 'playwright';
import { readProcessConfig } from '../../api/config';
import { ffmpeg, testTools } from '../../api/media/testing/tools';
import { buildPage } from '../../api/page/build-page';
import { chromiumArguments, findChromium } from '../../api/test/chromium.finder';
import { startTestStudio, type TestStudio } from '../../api/test/studio.harness';
import { plainClip } from '../../api/test/test-media';

const SCENES = 60;
const CLIP_SECONDS = 2;
/** The preview plays this long when no other time is asked for. */
const MINUTES = 0.5;
const BUILT = join(import.meta.dir, '..', '..', 'ui', 'build');

/** A project as large as they get: sixty scenes with clips under one song. */
async function bigProject({ api }: TestStudio, song: string): Promise<string> {
  const project = await api.createProject({ title: 'Sixty', format: { width: 640, height: 360, fps: 25 } });
  await api.uploadSong(project.id, song);
  const clip = await plainClip('bench-page.mp4', { size: '640x360', rate: '25', seconds: CLIP_SECONDS });
  for (let sequence = 1; sequence <= SCENES; sequence++) {
    await api.addScene(project.id, { prompt: `Shot ${sequence} of a long night` });
    await api.uploadClip(project.id, sequence, clip);
  }
  return project.id;
}

async function makeSong(path: string): Promise<void> {
  await ffmpeg(await testTools(), [
    ...['-f', 'lavfi', '-i', 'aevalsrc=0.3*sin(2*PI*220*t)*abs(sin(3*PI*t)):s=48000:d=120'],
    path,
  ]);
}

/** Kilobytes of JavaScript, gzipped, that the page loads by itself: what was fetched until it was usable. */
async function scriptWeight(urls: Iterable<string>): Promise<{ files: number; kilobytes: number }> {
  const known = new Set(await readdir(BUILT, { recursive: true }));
  let bytes = 0;
  let files = 0;
  for (const url of urls) {
    const path = new URL(url).pathname.slice(1);
    if (!path.endsWith('.js') || !known.has(path)) continue;
    files += 1;
    bytes += Bun.gzipSync(await Bun.file(join(BUILT, path)).bytes(), { level: 9 }).length;
  }
  return { files, kilobytes: bytes / 1000 };
}

/** Long tasks since the page began: [when, how long], in milliseconds. */
const watchLongTasks = `
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longTasks.push([entry.startTime, entry.duration]);
  }).observe({ type: 'longtask', buffered: true });
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Where each shown picture stands against the song, in frames; kept where it doesn't grow the heap that is measured. */
const watchSync = (starts: number[]) => `
  window.pictures = new Float64Array(400_000);
  window.pictured = 0;
  const song = document.querySelector('audio');
  for (const clip of document.querySelectorAll('video[data-scene]')) {
    const look = () => {
      clip.requestVideoFrameCallback(look);
      if (song.paused || song.seeking || clip.paused || clip.classList.contains('invisible')) return;
      const scene = Number(clip.dataset.scene);
      const off = clip.currentTime - (song.currentTime - ${JSON.stringify(starts)}[scene - 1]);
      window.pictures[window.pictured++] = scene;
      window.pictures[window.pictured++] = off * 25;
    };
    clip.requestVideoFrameCallback(look);
  }`;

async function measureLoad(browser: Browser, url: string, rounds: number): Promise<void> {
  const times: { interactive: number; work: number; shift: number }[] = [];
  let weight = { files: 0, kilobytes: 0 };
  for (let round = 0; round < rounds; round++) {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const scripts = new Set<string>();
    page.on('request', (request) => request.resourceType() === 'script' && scripts.add(request.url()));
    await page.addInitScript(watchLongTasks);
    const devtools = await page.context().newCDPSession(page);
    // Time that the main thread had, not time that passed: the same on a busy machine.
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const shownAt = await page.evaluate<number>('performance.now()');
    weight = await scriptWeight(scripts);
    await page.evaluate('new Promise((resolve) => requestIdleCallback(resolve, { timeout: 3000 }))');
    const work = (await metricsOf(devtools))('TaskDuration') * 1000;
    const { tasks, shift } = await page.evaluate<{ tasks: [number, number][]; shift: number }>(
      '({ tasks: window.longTasks, shift: window.shifts })',
    );
    // Interactive: everything is there and no long task is in the way any more.
    const busyUntil = Math.max(
      0,
      ...tasks.filter(([at]) => at < shownAt + 500).map(([at, long]) => at + long),
    );
    times.push({ interactive: Math.max(shownAt, busyUntil), work, shift });
    await page.close();
  }
  const interactive = times.map((time) => time.interactive).sort((a, b) => a - b);
  console.log(`JavaScript loaded: ${weight.kilobytes.toFixed(0)} kB gzipped in ${weight.files} files`);
  console.log(
    `interactive after: median ${interactive[interactive.length >> 1]?.toFixed(0)} ms, worst ${interactive.at(-1)?.toFixed(0)} ms of ${rounds}`,
  );
  const work = times.map((time) => time.work).sort((a, b) => a - b);
  console.log(`work of the main thread until it rests: median ${work[work.length >> 1]?.toFixed(0)} ms`);
  console.log(`layout shift: ${Math.max(...times.map((time) => time.shift)).toFixed(4)}`);
}

/** What Chromium counts of a page, by name. */
async function metricsOf(devtools: CDPSession): Promise<(name: string) => number> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return (name) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
}

/** Megabytes of JavaScript's heap after a collection, and how many elements there are. */
async function memory(devtools: CDPSession): Promise<{ heap: number; nodes: number }> {
  await devtools.send('HeapProfiler.collectGarbage');
  const value = await metricsOf(devtools);
  return { heap: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') };
}

/** Plays over and over for a time. */
async function measurePlay(page: Page, starts: number[], minutes: number): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Performance.enable');
  /** When memory was measured: the collection that it begins with is a long task of the measuring. */
  const measuring: [from: number, to: number][] = [];
  const sample = async () => {
    const from = await page.evaluate<number>('performance.now()');
    const measured = await memory(devtools);
    measuring.push([from, await page.evaluate<number>('performance.now()')]);
    return measured;
  };
  await page.evaluate(watchSync(starts));
  const play = page.getByRole('button', { name: 'Play', exact: true });
  await play.click();
  await page.waitForTimeout(5000);
  await page.evaluate('window.longTasks = []');
  const samples = [await sample()];
  const until = performance.now() + minutes * 60_000;
  while (performance.now() < until) {
    await page.waitForTimeout(Math.min(30_000, Math.max(0, until - performance.now())));
    samples.push(await sample());
    if (await play.isVisible()) await play.click();
  }
  const { tasks, seen } = await page.evaluate<{ tasks: [number, number][]; seen: number[] }>(
    '({ tasks: window.longTasks, seen: [...window.pictures.subarray(0, window.pictured)] })',
  );
  const pictures = Array.from({ length: seen.length / 2 }, (_, at): [scene: number, off: number] => [
    seen[2 * at] ?? 0,
    seen[2 * at + 1] ?? 0,
  ]);
  const isMeasuring = ([at, long]: [number, number]) =>
    measuring.some(([from, to]) => at < to && at + long > from);
  const lengths = tasks.filter((task) => !isMeasuring(task)).map(([, long]) => long);
  console.log(
    `playing ${minutes} min: ${lengths.filter((long) => long > 100).length} tasks over 100 ms, longest ${Math.max(0, ...lengths).toFixed(0)} ms`,
  );
  const heaps = samples.map((sample) => sample.heap.toFixed(1)).join(' ');
  console.log(
    `heap after collection, MB: ${heaps}; elements ${samples[0]?.nodes} → ${samples.at(-1)?.nodes}`,
  );
  const cuts = pictures.filter(([scene], at) => at > 0 && pictures[at - 1]?.[0] !== scene);
  const size = (values: [number, number][]) => values.map(([, off]) => Math.abs(off)).sort((a, b) => a - b);
  const [atCuts, all] = [size(cuts), size(pictures)];
  const at = (values: number[], share: number) =>
    (values[Math.floor(share * (values.length - 1))] ?? 0).toFixed(2);
  console.log(
    `video against song, frames: at ${cuts.length} cuts median ${at(atCuts, 0.5)}, worst ${at(atCuts, 1)}; all ${pictures.length} pictures median ${at(all, 0.5)}, p99 ${at(all, 0.99)}`,
  );
}

/** The edit page with sixty scenes: weight, time to interactive, playing, memory. `--minutes 10` for long. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { minutes: { type: 'string' }, rounds: { type: 'string' } },
    allowPositionals: true,
  });
  const folder = await mkdtemp(join(tmpdir(), 'songreel-bench-page-'));
  await buildPage();
  const studio = await startTestStudio();
  const browser = await chromium.launch({
    executablePath: findChromium(readProcessConfig().CHROMIUM_BIN),
    args: [
      ...chromiumArguments,
      '--autoplay-policy=no-user-gesture-required',
      // Heap sizes are otherwise rounded.
      '--enable-precise-memory-info',
    ],
  });
  try {
    await makeSong(join(folder, 'song.wav'));
    const projectId = await bigProject(studio, join(folder, 'song.wav'));
    const url = `${studio.studio.url}/edit/${projectId}`;
    await measureLoad(browser, url, Number(values.rounds ?? 5));
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.addInitScript(watchLongTasks);
    await page.goto(url);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const { scenes } = await studio.api.project(projectId);
    const starts = scenes.map((scene) => scene.start ?? 0);
    await measurePlay(page, starts, Number(values.minutes ?? MINUTES));
  } finally {
    await browser.close();
    await studio.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
