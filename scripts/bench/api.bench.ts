import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Hono } from 'hono';
import { createApiClient } from '../../api/test/studio.harness';
import { plainClip } from '../../api/test/test-media';

const SCENES = 60;
const ROUNDS = 5;
const ROUND_MS = 2000;
const CONNECTIONS = 8;

type StudioProcess = { url: string; pid: number; stop(): Promise<void> };

/** A studio in a process of its own, so that its memory is only its own. */
async function startStudioProcess(dataDirectory: string): Promise<StudioProcess> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, '..', 'start.ts')], {
    env: { ...process.env, DATA_DIR: dataDirectory, PORT: '0', LOG_LEVEL: 'warn' },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const decoder = new TextDecoder();
  let said = '';
  for await (const chunk of child.stdout) {
    said += decoder.decode(chunk);
    const url = /ready: (\S+)/.exec(said)?.[1];
    if (url !== undefined) {
      return {
        url,
        pid: child.pid,
        async stop() {
          child.kill('SIGTERM');
          await child.exited;
        },
      };
    }
  }
  throw new Error(`The studio did not start: ${said}`);
}

/** Resident memory of a process now and at its highest, in MiB (Linux). */
async function memory(pid: number): Promise<{ now: number; peak: number }> {
  const status = await Bun.file(`/proc/${pid}/status`).text();
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** Requests a second over a few connections, and the median and 99th percentile in milliseconds. */
async function load(url: string): Promise<{ perSecond: number; median: number; p99: number }> {
  const times: number[] = [];
  const until = performance.now() + ROUND_MS;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < until) {
        const started = performance.now();
        const response = await fetch(url);
        await response.arrayBuffer();
        if (!response.ok) throw new Error(`${url} answered ${response.status}`);
        times.push(performance.now() - started);
      }
    }),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (times.length - 1))] ?? 0;
  return { perSecond: (times.length * 1000) / ROUND_MS, median: at(0.5), p99: at(0.99) };
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function measureReads(studio: StudioProcess): Promise<void> {
  const api = createApiClient(`${studio.url}/api/mv`);
  const project = await api.createProject({ format: { width: 320, height: 180, fps: 25 } });
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  for (let sequence = 1; sequence <= SCENES; sequence++) {
    await api.addScene(project.id, { prompt: `Scene ${sequence}` });
    await api.uploadClip(project.id, sequence, clip);
  }
  const url = `${studio.url}/api/mv/projects/${project.id}`;
  const constant = await (await fetch(url)).text();
  const app = new Hono().get('/', (c) => c.body(constant, 200, { 'Content-Type': 'application/json' }));
  const baseline = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (request) => app.fetch(request) });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ read: await load(url), same: await load(baseline.url.href) });
  }
  await baseline.stop(true);
  console.log(`
Reading a project of ${SCENES} scenes (${Math.round(constant.length / 1024)} KiB of JSON), ${CONNECTIONS} connections, median of ${ROUNDS} rounds
  studio         ${median(rounds.map((r) => r.read.perSecond)).toFixed(0)} requests/s, median ${median(rounds.map((r) => r.read.median)).toFixed(1)} ms, p99 ${median(rounds.map((r) => r.read.p99)).toFixed(1)} ms
  constant JSON  ${median(rounds.map((r) => r.same.perSecond)).toFixed(0)} requests/s of the same size by the same Hono on Bun
  ratio          ${median(rounds.map((r) => r.read.perSecond / r.same.perSecond)).toFixed(3)}`);
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
      await measureReads(studio);
    } finally {
      await studio.stop();
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true });
  }
}
