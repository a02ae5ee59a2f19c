import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openS3 } from '../../api/composition/stores.services';
import { readConfig } from '../../api/config';
import { createLog } from '../../api/shared/log';
import { hashFile } from '../../api/storage/file-hash';
import { putFile } from '../../api/storage/put-object';
import { defaultStorageSettings } from '../../api/storage/storage.settings';
import { withDatabase } from './api/studio.database';
import { memory, type StudioProcess, startProcess, startStudioProcess } from './api/studio.process';

const ROUNDS = 5;
const ROUND_MS = 2000;
/** Until the hot code is compiled on both sides, as in `api.bench.ts`. */
const WARM_MS = 6000;
const CONNECTIONS = 8;
const PLAYERS = 20;
const PLAYED_MS = 20_000;
const RANGE_BYTES = 64 * 1024;
/** What a player reads after each seek before it seeks again: about two seconds of a 1080p clip. */
const PLAYED_BYTES = 1024 * 1024;

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const at = (values: number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))] ?? 0;

const randomStart = (bytes: number, length: number) => Math.floor(Math.random() * (bytes - length));

/** Ranges of 64 KiB at random places, over a few connections: requests a second. */
async function ranges(url: string, bytes: number, lengthMs = ROUND_MS): Promise<number> {
  let done = 0;
  const until = performance.now() + lengthMs;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) {
        const start = randomStart(bytes, RANGE_BYTES);
        const response = await fetch(url, {
          headers: { Range: `bytes=${start}-${start + RANGE_BYTES - 1}` },
        });
        const body = await response.arrayBuffer();
        if (response.status !== 206 || body.byteLength !== RANGE_BYTES) {
          throw new Error(`${url} answered ${response.status} with ${body.byteLength} bytes`);
        }
        done += 1;
      }
    }),
  );
  return (done * 1000) / lengthMs;
}

/** Players that seek, as browsers do: an open range, of which they read a little. Times to the first byte, in ms. */
async function seeks(url: string, bytes: number): Promise<number[]> {
  const times: number[] = [];
  const until = performance.now() + PLAYED_MS;
  await Promise.all(
    Array.from({ length: PLAYERS }, async () => {
      while (performance.now() < until) {
        const stop = new AbortController();
        const started = performance.now();
        const start = randomStart(bytes, PLAYED_BYTES);
        const response = await fetch(url, { headers: { Range: `bytes=${start}-` }, signal: stop.signal });
        let read = 0;
        for await (const chunk of response.body ?? []) {
          if (read === 0) times.push(performance.now() - started);
          read += chunk.length;
          if (read >= PLAYED_BYTES) break;
        }
        stop.abort();
        // A person looks at what is there before the next seek.
        await Bun.sleep(200 + 600 * Math.random());
      }
    }),
  );
  return times;
}

/** Reads all of it; seconds. */
async function whole(url: string, bytes: number): Promise<number> {
  const started = performance.now();
  let read = 0;
  for await (const chunk of (await fetch(url)).body ?? []) read += chunk.length;
  if (read !== bytes) throw new Error(`${url} gave ${read} of ${bytes} bytes`);
  return (performance.now() - started) / 1000;
}

/** A video of that many bytes in the embedded store of the studio, known to its database; its URL and its file. */
async function storeVideo(studio: StudioProcess, dataDirectory: string, bytes: number) {
  const path = join(dataDirectory, 'large.mp4');
  const file = await open(path, 'w');
  await file.truncate(bytes);
  await file.close();
  const id = crypto.randomUUID();
  const key = `videos/${id}.mp4`;
  const log = createLog('silent');
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const store = await openS3(readConfig({ DATA_DIR: dataDirectory }), log, closers);
    await putFile({
      s3: store.s3,
      bucket: store.bucket,
      key,
      contentType: 'video/mp4',
      path,
      log,
      hashes: await hashFile(path, { partBytes: (whole) => whole }),
      settings: defaultStorageSettings,
    });
  } finally {
    for (const close of closers) await close();
  }
  await withDatabase(dataDirectory, async (sql) => {
    await sql`
      insert into videos (id, s3_key, content_type, bytes, sha256, width, height, fps, frames, made_by)
      values (${id}, ${key}, 'video/mp4', ${bytes}, ${'0'.repeat(64)}, 1920, 1080, 25, 1, '{}')`;
  });
  const info = await (await fetch(`${studio.url}/api/mv/get_video/${id}/info`)).json();
  return { url: new URL(String(Reflect.get(Object(info), 'url')), studio.url).href, path };
}

/** Media through the studio against the same file served by Bun alone. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { gigabytes: { type: 'string', default: '2' } } });
  const bytes = Math.round(Number(values.gigabytes) * 1024 ** 3);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'songreel-bench-'));
  try {
    const studio = await startStudioProcess(dataDirectory);
    try {
      const video = await storeVideo(studio, dataDirectory, bytes);
      await Bun.write(join(dataDirectory, 'file.path'), video.path);
      const bare = await startProcess(join(import.meta.dir, 'media', 'file.process.ts'), {
        DATA_DIR: dataDirectory,
      });
      try {
        await compare(studio, video.url, bare.url, bytes);
      } finally {
        await bare.stop();
      }
    } finally {
      await studio.stop();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function compare(studio: StudioProcess, url: string, bare: string, bytes: number): Promise<void> {
  for (const one of [url, bare]) await ranges(one, bytes, WARM_MS);
  const rounds: { studio: number; bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ studio: await ranges(url, bytes), bare: await ranges(bare, bytes) });
  }
  const players = { studio: await seeks(url, bytes), bare: await seeks(bare, bytes) };
  // The kernel counts the peak anew.
  await Bun.write(`/proc/${studio.pid}/clear_refs`, '5');
  const before = await memory(studio.pid);
  const reads: { studio: number; bare: number }[] = [];
  for (let round = 0; round < 3; round++) {
    reads.push({ studio: await whole(url, bytes), bare: await whole(bare, bytes) });
  }
  const after = await memory(studio.pid);
  const ms = (times: number[], share: number) => `${at(times, share).toFixed(1)} ms`;
  const middle = (of: { studio: number; bare: number }[], side: 'studio' | 'bare') =>
    median(of.map((one) => one[side]));
  const ratio = (of: { studio: number; bare: number }[]) => median(of.map((one) => one.studio / one.bare));
  console.log(`
Media through the studio (embedded store) against the same file in a static route of Bun.serve, each in a process of its own
  64 KiB ranges   ${middle(rounds, 'studio').toFixed(0)} a second against ${middle(rounds, 'bare').toFixed(0)}; ratio ${ratio(rounds).toFixed(2)} (median of ${ROUNDS} rounds in turn, ${CONNECTIONS} connections)
  seeks           first byte p50 ${ms(players.studio, 0.5)}, p95 ${ms(players.studio, 0.95)} against p50 ${ms(players.bare, 0.5)}, p95 ${ms(players.bare, 0.95)}; ${PLAYERS} players, ${players.studio.length} seeks
  ${(bytes / 1024 ** 3).toFixed(1)} GiB whole   ${middle(reads, 'studio').toFixed(2)} s against ${middle(reads, 'bare').toFixed(2)} s; ${(1 / ratio(reads)).toFixed(2)} × its speed (median of 3 in turn)
  memory          ${before.now.toFixed(0)} MiB before the whole reads, peak ${after.peak.toFixed(0)} MiB while they were sent, ${after.now.toFixed(0)} MiB after`);
}
