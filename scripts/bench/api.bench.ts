import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createApiClient } from '../../api/test/studio.harness';
import { makeProjectOfScenes } from './api/project-of-scenes';
import {
  memory,
  processorMs,
  type StudioProcess,
  startProcess,
  startStudioProcess,
} from './api/studio.process';

const SCENES = 60;
const ROUNDS = 5;
const ROUND_MS = 2000;
const CONNECTIONS = 8;
/** Until the hot code is compiled on both sides. */
const WARM_MS = 4000;

type Load = { perSecond: number; median: number; p99: number; processorMs: number };

/** Requests a second over a few connections, times in milliseconds, and what one costs the server. */
async function load(
  url: string,
  pid: number,
  headers: Record<string, string> = {},
  lengthMs = ROUND_MS,
): Promise<Load> {
  const times: number[] = [];
  const used = await processorMs(pid);
  const until = performance.now() + lengthMs;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) {
        const started = performance.now();
        const response = await fetch(url, { headers });
        await response.arrayBuffer();
        if (response.status !== 200 && response.status !== 304) {
          throw new Error(`${url} answered ${response.status}`);
        }
        times.push(performance.now() - started);
      }
    }),
  );
  const spent = (await processorMs(pid)) - used;
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return {
    perSecond: (times.length * 1000) / lengthMs,
    median: at(0.5),
    p99: at(0.99),
    processorMs: spent / times.length,
  };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function measureReads(studio: StudioProcess, dataDirectory: string): Promise<void> {
  const id = await makeProjectOfScenes({ url: studio.url, dataDirectory }, SCENES);
  const url = `${studio.url}/api/mv/projects/${id}`;
  const answer = await fetch(url);
  const etag = answer.headers.get('etag') ?? '';
  const constant = await answer.text();
  await Bun.write(join(dataDirectory, 'constant.json'), constant);
  const baseline = await startProcess(join(import.meta.dir, 'api', 'constant.process.ts'), {
    DATA_DIR: dataDirectory,
  });
  const rounds: Record<'read' | 'same' | 'unchanged', Load>[] = [];
  try {
    await load(url, studio.pid, {}, WARM_MS);
    await load(baseline.url, baseline.pid, {}, WARM_MS);
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push({
        read: await load(url, studio.pid),
        same: await load(baseline.url, baseline.pid),
        unchanged: await load(url, studio.pid, { 'If-None-Match': etag }),
      });
    }
  } finally {
    await baseline.stop();
  }
  const row = (name: 'read' | 'same' | 'unchanged') => {
    const middle = (field: keyof Load) => median(rounds.map((round) => round[name][field]));
    return `${middle('perSecond').toFixed(0)} requests/s, median ${middle('median').toFixed(1)} ms, p99 ${middle('p99').toFixed(1)} ms, ${middle('processorMs').toFixed(2)} ms of processor time each`;
  };
  console.log(`
Reading a project of ${SCENES} scenes (${Math.round(constant.length / 1024)} KiB of JSON), ${CONNECTIONS} connections, median of ${ROUNDS} rounds of ${ROUND_MS} ms in turn
  studio         ${row('read')}
  unchanged      ${row('unchanged')} (304)
  constant JSON  ${row('same')}, of the same size by the same Hono on Bun, in a process of its own as well
  ratio          ${median(rounds.map((r) => r.read.perSecond / r.same.perSecond)).toFixed(3)} of its requests/s; ${median(rounds.map((r) => r.same.processorMs / r.read.processorMs)).toFixed(3)} by processor time`);
}

/** A WAV file of any size, made as it is read: a header and silence. */
function largeSound(bytes: number): ReadableStream<Uint8Array> {
  const header = new DataView(new ArrayBuffer(44));
  const text = (at: number, letters: string) =>
    [...letters].forEach((letter, index) => {
      header.setUint8(at + index, letter.charCodeAt(0));
    });
  text(0, 'RIFF');
  header.setUint32(4, bytes - 8, true);
  text(8, 'WAVEfmt ');
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, 8, true);
  header.setUint32(24, 96_000, true);
  header.setUint32(28, 96_000 * 8 * 4, true);
  header.setUint16(32, 8 * 4, true);
  header.setUint16(34, 32, true);
  text(36, 'data');
  header.setUint32(40, bytes - 44, true);
  const piece = new Uint8Array(1024 * 1024);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      const next =
        sent === 0 ? new Uint8Array(header.buffer) : piece.subarray(0, Math.min(piece.length, bytes - sent));
      controller.enqueue(next);
      sent += next.length;
      if (sent >= bytes) controller.close();
    },
  });
}

async function measureLargeUpload(dataDirectory: string, gibibytes: number): Promise<void> {
  const bytes = Math.round(gibibytes * 1024 ** 3);
  const form = async (url: string) => {
    const started = performance.now();
    const response = await fetch(`${url}&filename=large.wav`, {
      method: 'PUT',
      body: largeSound(bytes),
      headers: { Prefer: 'respond-async' },
    });
    const answer = await response.json();
    if (response.status !== 202) throw new Error(`The upload was refused: ${JSON.stringify(answer)}`);
    return { seconds: (performance.now() - started) / 1000 };
  };
  const studio = await startStudioProcess(dataDirectory);
  try {
    const api = createApiClient(`${studio.url}/api/mv`);
    const project = await api.createProject();
    const before = await memory(studio.pid);
    const { seconds } = await form(`${studio.url}/api/mv/projects/${project.id}/audio?x=1`);
    const after = await memory(studio.pid);
    console.log(`
Upload of ${gibibytes} GiB: received, checked, confirmed in S3 (embedded, same process)
  time           ${seconds.toFixed(1)} s, ${(bytes / 1024 ** 2 / seconds).toFixed(0)} MiB/s
  memory         ${before.now.toFixed(0)} MiB before, peak ${after.peak.toFixed(0)} MiB`);
  } finally {
    await studio.stop();
  }
}

/** Reads against a constant answer, and the memory that a large upload takes. */
export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { gigabytes: { type: 'string', default: '2' } } });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'songreel-bench-'));
  try {
    if (Number(values.gigabytes) > 0) await measureLargeUpload(dataDirectory, Number(values.gigabytes));
    const studio = await startStudioProcess(dataDirectory);
    try {
      await measureReads(studio, dataDirectory);
    } finally {
      await studio.stop();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
