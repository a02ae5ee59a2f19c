import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pTimeout from 'p-timeout';
import { startTestCluster, type TestCluster } from '../../../db/test-cluster';
import { testTools } from '../../media/testing/tools';
import { buildPage } from '../../page/build-page';
import { openEvents, type ReceivedEvent } from '../event-stream.reader';
import { type StudioProcess, startProcess, until } from '../process.harness';
import { plainClip } from '../test-media';

const roles = ['api', 'worker', 'all'] as const;
type Role = (typeof roles)[number];
type Stage = { cluster: TestCluster; studios: Record<Role, StudioProcess> };

/** The setting's default: what a process may take to end. */
const SHUTDOWN_SECONDS = 20;
/** Lines of the log that a process may write for each second without its database. */
const LINES_PER_SECOND = 2;

const directories: string[] = [];
const clusters: TestCluster[] = [];
// Built once, before the processes that would wait for each other's builds.
beforeAll(async () => {
  await buildPage();
}, 200_000);
afterAll(async () => {
  for (const cluster of clusters) await cluster.remove();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

/** A database with a process of each role on it. They share the folder, and with it the store. */
async function openStage(): Promise<Stage> {
  const cluster = await startTestCluster();
  clusters.push(cluster);
  const directory = await mkdtemp(join(tmpdir(), 'songreel-outage-'));
  directories.push(directory);
  const { ffmpegPath, ffprobePath } = await testTools();
  const start = (role: Role) =>
    startProcess(`scripts/${role === 'worker' ? 'worker' : 'start'}.ts`, {
      DATABASE_URL: cluster.url(),
      DATA_DIR: directory,
      PORT: '0',
      FFMPEG_BIN: ffmpegPath,
      FFPROBE_BIN: ffprobePath,
      SHUTDOWN_SECONDS: String(SHUTDOWN_SECONDS),
      ROLE: role,
      // Twelve processes that paint and lip-sync would measure the machine.
      PREPARE_SAMPLE: 'false',
    });
  // One after the other: the first makes the tables and the store.
  const studios = { all: await start('all'), api: await start('api'), worker: await start('worker') };
  return { cluster, studios };
}

/** SIGTERM to all three; how each ended, and what it said about promises that nobody caught. */
async function endAll(studios: Stage['studios']) {
  return Promise.all(
    roles.map(async (role) => {
      const studio = studios[role];
      const began = performance.now();
      const code = await pTimeout(studio.terminate(), {
        milliseconds: (SHUTDOWN_SECONDS + 5) * 1000,
        fallback: () => 'still runs' as const,
      });
      const seconds = (performance.now() - began) / 1000;
      console.log(`${role}: ${code} after ${seconds.toFixed(1)} s`);
      if (code !== 0) console.log(studio.lastWords());
      if (code === 'still runs') await studio.kill();
      return { role, code, inTime: seconds < SHUTDOWN_SECONDS };
    }),
  );
}

const allEnded = roles.map((role) => ({ role, code: 0, inTime: true }));

async function goThrough(outageSeconds: number, { cluster, studios }: Stage) {
  const { api } = studios;
  const project = await api.api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  await api.api.addScene(project.id);
  const stream = await openEvents(api.api.base, project.id);
  const linesBefore = roles.map((role) => studios[role].lines.length);
  cluster.stop();
  await Bun.sleep(outageSeconds * 1000);
  const linesDuring = roles.map((role, index) => studios[role].lines.length - (linesBefore[index] ?? 0));
  cluster.start();
  console.log(`outage of ${outageSeconds} s: ${linesDuring} lines`);

  // Work given to the process that only serves is done by one that works, and told to both.
  await until('the studio is ready again', async () => (await fetch(`${api.url}/readyz`)).ok);
  const scene = await api.api.uploadClip(
    project.id,
    1,
    await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }),
  );
  const isOver = ({ event, data }: ReceivedEvent) =>
    event === 'job' && JSON.stringify(data).includes('"succeeded"');
  await until('the event stream tells of it', () => stream.received.some(isOver));
  const ends = await endAll(studios);
  await stream.close();
  return { outageSeconds, scene, linesDuring, ends };
}

/** Long enough for the listener to have found out and to have tried new connections. */
async function endDuringOutage({ cluster, studios }: Stage) {
  cluster.stop();
  await Bun.sleep(22_000);
  return endAll(studios);
}

// All at the same time, so that it takes no longer than the longest outage.
test('processes live through outages of their database, and end when they are told to', async () => {
  // Twelve processes that start at once would keep each other waiting.
  const first = await openStage();
  const stages: [number, Stage][] = [];
  for (const seconds of [5, 30, 120]) stages.push([seconds, await openStage()]);
  const [during, ...outages] = await Promise.all([
    endDuringOutage(first),
    ...stages.map(([seconds, stage]) => goThrough(seconds, stage)),
  ]);
  expect({ during }).toEqual({ during: allEnded });
  for (const { outageSeconds, scene, linesDuring, ends } of outages) {
    expect({ outageSeconds, ends }).toEqual({ outageSeconds, ends: allEnded });
    expect(scene.currentTake).not.toBeNull();
    for (const lines of linesDuring) expect(lines).toBeLessThan(10 + outageSeconds * LINES_PER_SECOND);
  }
}, 400_000);
