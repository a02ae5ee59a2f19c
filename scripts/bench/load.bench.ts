import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom, type Random } from '../../api/shared/random';
import { type ApiClient, createApiClient, expectStatus } from '../../api/test/studio.harness';
import { singerClip, songFile } from '../../api/test/test-media';
import { makeProjectOfScenes } from './api/project-of-scenes';
import { withDatabase } from './api/studio.database';
import { startStudioProcess } from './api/studio.process';
import { openStreams, wrongStreams } from './load/event-streams';
import { type Action, type PacedReport, percentile, sendPaced } from './load/paced-requests';

const SCENES = 60;
const PROJECTS = 8;
const STREAMS = 200;
const PER_SECOND = 50;
const EDITS_SHARE = 0.2;
const LAST_EVENTS_WITHIN_MS = 10_000;

/** Reads and edits at an even pace while people watch and jobs run, against the same reads alone. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '60' },
      'idle-seconds': { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
    },
  });
  const random = createRandom(Number(values.seed));
  const directory = await mkdtemp(join(tmpdir(), 'songreel-bench-'));
  const studio = await startStudioProcess(directory);
  try {
    const api = createApiClient(`${studio.url}/api/mv`);
    const first = await makeProjectOfScenes({ url: studio.url, dataDirectory: directory }, SCENES);
    const projectIds = [first];
    while (projectIds.length < PROJECTS) {
      const copy = await api.call<{ id: string }>(
        'POST',
        `/projects/${first}/duplicate`,
        api.json({ title: `Copy ${projectIds.length}` }),
      );
      projectIds.push(expectStatus(copy, 201).id);
    }
    const jobs = await prepareJobs(api);
    const next = (share: number) => (one: Random) => pickAction(api, projectIds, one, share);
    // Compiled code and caches are warm before anything is measured.
    await sendPaced({ perSecond: PER_SECOND, seconds: 5, next: next(0), random });
    const idle = await sendPaced({
      perSecond: PER_SECOND,
      seconds: Number(values['idle-seconds']),
      next: next(0),
      random,
    });
    const streams = await openStreams({ base: api.base, projectIds, streams: STREAMS });
    try {
      const ending = new AbortController();
      const running = jobs.map((job) => repeat(job, ending.signal));
      const loaded = await sendPaced({
        perSecond: PER_SECOND,
        seconds: Number(values.seconds),
        next: next(EDITS_SHARE),
        random,
      });
      ending.abort();
      const done = await Promise.all(running);
      const { missed, wrong, events } = await checkStreams(streams, directory, projectIds);
      tell(idle, loaded);
      console.log(`  event streams  ${STREAMS} over ${PROJECTS} projects of ${SCENES} scenes, ${events} events written; ${missed} missed, ${wrong.length} streams wrong
  jobs meanwhile ${done.map((one) => `${one.name}: ${one.times}`).join(', ')}`);
      const errors = [...idle.errors, ...loaded.errors, ...done.flatMap((one) => one.errors), ...wrong];
      if (errors.length > 0) throw new Error(`${errors.length} errors:\n${errors.slice(0, 20).join('\n')}`);
    } finally {
      await streams.stop();
    }
  } finally {
    await studio.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Reads are of what the edit page asks for; edits are what people change most. */
function pickAction(
  api: ApiClient,
  projectIds: readonly string[],
  random: Random,
  editsShare: number,
): Action {
  const project = projectIds[Math.floor(random.next() * projectIds.length)] ?? '';
  const path = (rest = '') => `${api.base}/projects/${project}${rest}`;
  const read = (name: string, url: string): Action => ({ name, isRead: true, send: () => fetch(url) });
  if (random.chance(editsShare)) {
    const scene = 1 + Math.floor(random.next() * SCENES);
    const text = `Changed ${Math.floor(random.next() * 1e6)}`;
    const [url, body] = random.chance(0.8)
      ? [path(`/scenes/${scene}`), { prompt: text }]
      : [path(), { title: text }];
    return {
      name: 'edit',
      isRead: false,
      send: () => fetch(url, { method: 'PATCH', ...api.json(body) }),
    };
  }
  const dice = random.next();
  if (dice < 0.7) return read('project', path());
  if (dice < 0.8) return read('list', `${api.base}/projects?limit=20`);
  if (dice < 0.9) return read('jobs', path('/jobs'));
  return read('takes', path('/scenes/1/takes'));
}

type EndlessJob = { name: string; work(): Promise<void> };

/** A lip-sync and a composition by the studio's own engine and ffmpeg, in projects of their own. */
async function prepareJobs(api: ApiClient): Promise<EndlessJob[]> {
  const [clip, song] = [await singerClip(), await songFile()];
  const make = async (scenes: number) => {
    const { id } = await api.createProject({ format: { width: 640, height: 360, fps: 25 } });
    await api.uploadSong(id, song);
    for (let sequence = 1; sequence <= scenes; sequence++) {
      await api.addScene(id);
      await api.uploadClip(id, sequence, clip);
    }
    return id;
  };
  const [sung, composed] = [await make(1), await make(4)];
  let round = 0;
  return [
    {
      name: 'lip-syncs',
      work: async () => {
        expectStatus(await api.call('POST', `/projects/${sung}/lipsync/1`, api.json({})), 200);
      },
    },
    {
      name: 'trims and compositions',
      work: async () => {
        // Another cut each time, so that there is something to do.
        round += 1;
        await api.trim(composed, 1 + (round % 4), { inFrame: 0, outFrame: 40 + (round % 9) });
        await api.compose(composed);
      },
    },
  ];
}

async function repeat(job: EndlessJob, signal: AbortSignal) {
  const done = { name: job.name, times: 0, errors: [] as string[] };
  while (!signal.aborted && done.errors.length === 0) {
    try {
      await job.work();
      done.times += 1;
    } catch (error) {
      done.errors.push(`${job.name}: ${String(error)}`);
    }
  }
  return done;
}

/** Compares what each stream got with what the database has, once the last event has had time to arrive. */
async function checkStreams(
  streams: Awaited<ReturnType<typeof openStreams>>,
  directory: string,
  projectIds: readonly string[],
) {
  const events = await withDatabase(directory, async (sql) => {
    const rows = await sql<{ projectId: string; positions: number[] }[]>`
      select project_id, array_agg(position::int order by position) as positions from events
      where project_id in ${sql(projectIds)} group by project_id`;
    return new Map(rows.map((row) => [row.projectId, row.positions]));
  });
  const giveUpAt = performance.now() + LAST_EVENTS_WITHIN_MS;
  for (;;) {
    const found = wrongStreams(await streams.report(), events);
    if (found.wrong.length === 0 || performance.now() > giveUpAt) {
      return { ...found, events: [...events.values()].reduce((sum, ids) => sum + ids.length, 0) };
    }
    await Bun.sleep(200);
  }
}

function tell(idle: PacedReport, loaded: PacedReport): void {
  const row = (values: readonly number[]) =>
    `${values.length} requests, median ${percentile(values, 0.5).toFixed(1)} ms, p99 ${percentile(values, 0.99).toFixed(1)} ms, slowest ${Math.max(...values).toFixed(0)} ms`;
  const ratio = percentile(loaded.reads, 0.99) / percentile(idle.reads, 0.99);
  console.log(`
${PER_SECOND} requests a second at an even pace, times from when each was due
  reads alone    ${row(idle.reads)}; ${idle.errors.length} errors
  reads loaded   ${row(loaded.reads)}; ${loaded.errors.length} errors
  edits loaded   ${row(loaded.edits)}
  ratio of p99   ${ratio.toFixed(1)} × of the reads alone`);
}
