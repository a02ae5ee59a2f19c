import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Job } from '../../api/contract/job.schema';
import type { BatchLipsync } from '../../api/contract/lipsync.schema';
import { ffmpeg, testTools } from '../../api/media/testing/tools';
import { startSyncDouble } from '../../api/test/doubles/sync/sync.double';
import { createStage, type Stage, type StudioProcess } from '../../api/test/process.harness';
import { type ApiClient, expectStatus } from '../../api/test/studio.harness';
import { plainClip } from '../../api/test/test-media';
import { median, printTable } from './media/bench.table';

const JOBS = 24;
const CLIP_SECONDS = 4;
const WORKERS = [1, 2, 3];
/** Of one worker. With it one, two and three workers have six, three and two full rounds of the 24 jobs. */
const REMOTE_JOBS_AT_ONCE = 4;
const PATIENCE_MS = 600_000;

/**
 * The same 24 jobs by one, two and three workers on folders of their own: lip-syncs that a provider works on
 * for `--vendor-seconds` each, and trims, which this machine works on. `--repeat N` times, by turns.
 */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'vendor-seconds': { type: 'string', default: '20' },
      repeat: { type: 'string', default: '1' },
    },
  });
  const stage = await createStage();
  const vendor = await startSlowVendor(Number(values['vendor-seconds']) * 1000);
  try {
    const server = await stage.start('start', { ROLE: 'api', ...vendor.settings });
    const [helper] = await startWorkers(stage, 1, vendor.settings);
    const projectId = await makeProject(server.api, stage.directory);
    await helper?.terminate();
    const waits: number[][] = WORKERS.map(() => []);
    const trims: number[][] = WORKERS.map(() => []);
    for (let round = 0; round < Number(values.repeat); round++) {
      for (const [index, count] of WORKERS.entries()) {
        const workers = await startWorkers(stage, count, vendor.settings);
        waits[index]?.push(await secondsOf(server.api, projectId, startLipsyncs));
        trims[index]?.push(
          await secondsOf(server.api, projectId, startTrims(1 + ((round * WORKERS.length + index) % 9))),
        );
        await Promise.all(workers.map((worker) => worker.terminate()));
      }
    }
    const row = (work: string, seconds: number[][]) => {
      const times = seconds.map(median);
      return [work, ...times.map((time) => `${time.toFixed(1)} s, × ${((times[0] ?? 0) / time).toFixed(2)}`)];
    };
    printTable(
      [`${JOBS} jobs`, ...WORKERS.map((count) => `${count} worker${count === 1 ? '' : 's'}`)],
      [row('waiting for a provider', waits), row('trims', trims)],
    );
  } finally {
    await stage.stop();
    await vendor.close();
  }
}

/** sync.so's double whose generations take a while, and give back the clip that they were sent. */
async function startSlowVendor(generationMs: number) {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const sync = await startSyncDouble({
    defaultScript: {
      by: 'advance',
      output: (inputs: Record<string, Uint8Array>) => {
        const [, bytes] = Object.entries(inputs).find(([name]) => name.includes('video')) ?? [];
        return { bytes: bytes ?? new Uint8Array(), contentType: 'video/mp4' };
      },
    },
  });
  let closed = false;
  async function finishEach(): Promise<void> {
    for (let made = 1; !closed; made++) {
      const { id } = await sync.awaitCreate(made);
      const timer = setTimeout(() => {
        timers.delete(timer);
        void sync.finish(id, 'COMPLETED');
      }, generationMs);
      timers.add(timer);
    }
  }
  void finishEach();
  return {
    settings: { SYNC_API_KEY: sync.token, SYNC_BASE_URL: sync.url, FETCH_ALLOW_LOOPBACK: 'true' },
    async close(): Promise<void> {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await sync.close();
    },
  };
}

/** As long as the scenes together. */
async function longSong(folder: string): Promise<string> {
  const path = join(folder, 'song.wav');
  await ffmpeg(await testTools(), [
    '-f',
    'lavfi',
    '-i',
    `sine=frequency=220:duration=${JOBS * CLIP_SECONDS}`,
    path,
  ]);
  return path;
}

async function makeProject(api: ApiClient, folder: string): Promise<string> {
  const { id } = await api.createProject({ format: { width: 640, height: 360, fps: 25 } });
  const clip = await plainClip('plain-25-360.mp4', { size: '640x360', rate: '25', seconds: CLIP_SECONDS });
  await api.uploadSong(id, await longSong(folder));
  for (let sequence = 1; sequence <= JOBS; sequence++) {
    await api.addScene(id);
    await api.uploadClip(id, sequence, clip);
  }
  return id;
}

/** Each on a disk of its own, as on a machine of its own. */
async function startWorkers(
  stage: Stage,
  count: number,
  settings: Record<string, string>,
): Promise<StudioProcess[]> {
  const store = await stage.embeddedS3Settings();
  return Promise.all(
    Array.from({ length: count }, async (_, index) =>
      stage.start('worker', {
        ...store,
        ...settings,
        DATA_DIR: await stage.otherDataDirectory(`worker-${index + 1}`),
        REMOTE_JOBS_AT_ONCE: String(REMOTE_JOBS_AT_ONCE),
      }),
    ),
  );
}

type Start = (api: ApiClient, projectId: string) => Promise<string[]>;

/** From the first request to the end of the last job, by the times of the database. */
async function secondsOf(api: ApiClient, projectId: string, start: Start): Promise<number> {
  const ids = await start(api, projectId);
  const giveUpAt = performance.now() + PATIENCE_MS;
  const jobs: Job[] = [];
  for (const id of ids) {
    let job = await api.job(id);
    while (job.finishedAt === null) {
      if (performance.now() > giveUpAt) throw new Error(`Job ${id} is still ${job.state}.`);
      await Bun.sleep(250);
      job = await api.job(id);
    }
    if (job.state !== 'succeeded') throw new Error(`Job ${id} ${job.state}: ${job.error?.message}`);
    jobs.push(job);
  }
  const began = Math.min(...jobs.map((job) => Date.parse(job.createdAt)));
  return (Math.max(...jobs.map((job) => Date.parse(job.finishedAt ?? ''))) - began) / 1000;
}

const startLipsyncs: Start = async (api, projectId) => {
  const answer = await api.call<BatchLipsync>(
    'POST',
    `/projects/${projectId}/lipsync`,
    api.json({ scenes: 'all', provider: 'sync' }, { Prefer: 'respond-async' }),
  );
  return expectStatus(answer, 202).scenes.flatMap(({ job }) => job?.id ?? []);
};

/** Another cut each time, so that there is something to do. */
const startTrims =
  (cut: number): Start =>
  async (api, projectId) => {
    const started = [];
    for (let sequence = 1; sequence <= JOBS; sequence++) {
      const path = `/projects/${projectId}/scenes/${sequence}/trim`;
      const trim = { inFrame: cut, outFrame: 90 + cut };
      started.push(
        expectStatus(await api.call<Job>('POST', path, api.json(trim, { Prefer: 'respond-async' })), 202).id,
      );
    }
    return started;
  };
