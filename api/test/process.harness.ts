import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import pTimeout from 'p-timeout';
import { createTestDatabase } from '../../db/test-database';
import { testTools } from '../media/testing/tools';
import { socketPlace } from '../storage/embedded-s3.address';
import { createObjectFiles } from '../storage/embedded-s3.files';
import { readIdentity } from '../storage/embedded-s3.identity';
import { dataFolder } from '../storage/embedded-s3.package';
import { startEmbeddedS3 } from '../storage/embedded-s3.server';
import { mediaFilesLeft } from '../storage/media-files';
import { type FaultProxy, startFaultProxy } from './doubles/fault-proxy/fault-proxy.double';
import { startSocketBridge } from './socket-bridge';
import { type ApiClient, createApiClient } from './studio.harness';

const root = resolve(import.meta.dir, '..', '..');
/** A studio starts in about a second; a machine busy with other tests takes many times as long. */
const PATIENCE_MS = 60_000;

/** How long the end of what an ended process wrote is waited for; it is in the pipe already. */
const LAST_WORDS_MS = 2000;

export type LogLine = Record<string, unknown> & { event: string };

/** A running `bun scripts/start.ts`, `worker.ts` or the like. */
export type StudioProcess = {
  pid: number;
  /** Empty for a process that does not serve. */
  url: string;
  api: ApiClient;
  /** What it has logged so far. */
  lines: LogLine[];
  isRunning(): boolean;
  /** Resolves to the first line of this event that fits, also one that came before. */
  logged(event: string, fits?: (line: LogLine) => boolean): Promise<LogLine>;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  terminate(): Promise<number>;
  /** The exit code, once it has ended. */
  exited: Promise<number>;
  /** The end of what it wrote. */
  lastWords(): string;
};

/** A database and a folder that outlive the processes started on them. */
export type Stage = Awaited<ReturnType<typeof createStage>>;

export async function createStage() {
  const database = await createTestDatabase();
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'songreel-process-')));
  const processes: StudioProcess[] = [];
  const closers: (() => Promise<unknown>)[] = [];
  const { ffmpegPath, ffprobePath } = await testTools();

  const ownSettings = {
    DATABASE_URL: database.url,
    DATA_DIR: join(directory, 'data'),
    PORT: '0',
    FFMPEG_BIN: ffmpegPath,
    FFPROBE_BIN: ffprobePath,
    // It would keep the machine busy while something else is tested.
    PREPARE_SAMPLE: 'false',
  };

  async function start(
    script: 'start' | 'worker',
    settings: Record<string, string> = {},
  ): Promise<StudioProcess> {
    const started = await startProcess(`scripts/${script}.ts`, { ...ownSettings, ...settings });
    processes.push(started);
    return started;
  }

  return {
    sql: database.sql,
    databaseUrl: database.url,
    directory,
    start,
    /** Runs `bun run sweep` to its end; resolves to what it reports and logs. */
    async sweep(settings: Record<string, string> = {}): Promise<{ report: unknown; lines: LogLine[] }> {
      const child = Bun.spawn(command('scripts/sweep.ts', { ...ownSettings, ...settings }), {
        cwd: root,
        stdin: 'ignore',
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const guard = killOnParentExit(child.pid);
      const [report, words] = await Promise.all([
        new Response(child.stdout).text(),
        new Response(child.stderr).text(),
      ]);
      await child.exited;
      guard.kill();
      if (report === '') throw new Error(`The sweep did not report: ${words}`);
      const lines = words.split('\n').map(parseLine);
      return { report: JSON.parse(report), lines: lines.filter((line) => line !== null) };
    },
    /**
     * Settings with an ffmpeg that stops itself (SIGSTOP) before its first stroke of a job, so that a test
     * catches it whatever the speed of the machine. `SIGCONT` lets it go on.
     */
    async heldFfmpegSettings(): Promise<Record<string, string>> {
      const path = join(directory, 'held-ffmpeg');
      const script = `#!/bin/sh\ncase "$*" in */jobs/*) kill -STOP $$ ;; esac\nexec '${ffmpegPath}' "$@"\n`;
      await writeFile(path, script, { mode: 0o755 });
      return { FFMPEG_BIN: path };
    },
    /** Makes a folder for a process that shares no disk with the others. */
    async otherDataDirectory(name: string): Promise<string> {
      const path = join(directory, name);
      await mkdir(path, { recursive: true });
      return path;
    },
    /** How a process without this stage's DATA_DIR reaches the embedded store in it: over a bridge. */
    async embeddedS3Settings(): Promise<Record<string, string>> {
      const s3Directory = join(directory, 'data', 's3');
      const { accessKeyId, secretAccessKey } = await readIdentity(s3Directory);
      const bridge = await startSocketBridge(await socketPlace(s3Directory));
      closers.push(() => bridge.stop());
      return {
        S3_ENDPOINT: bridge.url,
        S3_BUCKET: 'songreel',
        S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
    },
    /** A store outside the processes, behind a proxy that fails as told; with the settings to use it. */
    async startS3BehindProxy(): Promise<{ proxy: FaultProxy; settings: Record<string, string> }> {
      const s3 = await startEmbeddedS3({
        directory: join(directory, 's3'),
        log: quiet,
        transport: 'loopback',
      });
      closers.push(() => s3.stop());
      const { accessKeyId, secretAccessKey, bucket } = s3;
      const proxy = await startFaultProxy({
        target: s3.endpoint,
        credentials: { accessKeyId, secretAccessKey },
      });
      closers.push(() => proxy.stop());
      const settings = {
        S3_ENDPOINT: proxy.url,
        S3_BUCKET: bucket,
        S3_FORCE_PATH_STYLE: 'true',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      return { proxy, settings };
    },
    /** SHA-256 (hex) of an object in the embedded store of a data directory, read past the studio. */
    async objectSha256(key: string, s3Directory = join(directory, 'data', 's3')): Promise<string> {
      const file = await createObjectFiles(dataFolder(s3Directory))(key);
      if (file === null) throw new Error(`There is no object ${key} in ${s3Directory}.`);
      return sha256(await Bun.file(file.path).bytes());
    },
    /** Ends every process, the store and the database, and removes the folder. */
    async stop(): Promise<void> {
      await Promise.all(processes.filter((one) => one.isRunning()).map((one) => one.kill()));
      // What a killed studio should have taken with it; a failed test leaves nothing behind either.
      for (const pid of (await processesAbout(directory)).keys()) process.kill(pid, 'SIGKILL');
      for (const close of closers.toReversed()) await close();
      await database.drop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const nothing = () => undefined;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => quiet };

export function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

/** Resolves to the first value that is neither false, null nor undefined; throws when the patience is over. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (isSomething(seen)) return seen;
    if (performance.now() > giveUpAt) throw new Error(`Waited ${patienceMs / 1000} s in vain: ${what}.`);
    await Bun.sleep(25);
  }
}

function isSomething<T>(value: T): value is Exclude<T, false | null | undefined> {
  return value !== null && value !== undefined && value !== false;
}

/** Command lines of the running processes (a parent's, if given) that hold a text, by their ids. */
export async function processesAbout(text: string, parent?: number): Promise<Map<number, string>> {
  const ps = Bun.spawn(['ps', '-e', '-o', 'pid=,ppid=,args='], { stdout: 'pipe' });
  const lines = (await new Response(ps.stdout).text()).split('\n');
  const found = new Map<number, string>();
  for (const line of lines) {
    const [, pid, ppid, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    if (!args.includes(text) || (parent !== undefined && Number(ppid) !== parent)) continue;
    found.set(Number(pid), args);
  }
  return found;
}

/** `env` adds the settings to this process's own environment and becomes the program: same pid. */
function command(script: string, settings: Record<string, string>, args: string[] = []): string[] {
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  return ['env', ...assignments, process.execPath, script, ...args];
}

/**
 * Starts a script of this repository; resolves when it has logged `startedEvent`. It ends with this
 * process, in whatever way that ends. @throws Error with its last words when it ends before.
 */
export async function startProcess(
  script: string,
  settings: Record<string, string>,
  startedEvent = 'studio_started',
  args: string[] = [],
  /** Aborted, it is killed while it starts. */
  signal?: AbortSignal,
): Promise<StudioProcess> {
  const child = Bun.spawn(command(script, settings, args), {
    cwd: root,
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const guard = killOnParentExit(child.pid);
  signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const lines: LogLine[] = [];
  const other: string[] = [];
  const waiting = new Set<() => void>();
  const reading = (async () => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) {
        const line = parseLine(part);
        if (line === null) other.push(part);
        else lines.push(line);
      }
      for (const wake of waiting) wake();
    }
  })();
  let ended = false;
  const exited = child.exited.then(async (code) => {
    ended = true;
    guard.kill();
    // A program of its that outlives it may hold the pipe for good.
    await pTimeout(reading, { milliseconds: LAST_WORDS_MS, message: false });
    for (const wake of waiting) wake();
    return code;
  });

  const lastWords = () => [...other, ...lines.map((one) => JSON.stringify(one))].slice(-15).join('\n');

  async function logged(event: string, fits: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (;;) {
      const line = lines.find((one) => one.event === event && fits(one));
      if (line !== undefined) return line;
      const left = giveUpAt - performance.now();
      if (ended || left <= 0) {
        throw new Error(
          `${script} ${ended ? 'ended' : 'waited'} without logging ${event}. It said:\n${lastWords()}`,
        );
      }
      await new Promise<void>((wake) => {
        const timer = setTimeout(done, left);
        function done() {
          clearTimeout(timer);
          waiting.delete(done);
          wake();
        }
        waiting.add(done);
      });
    }
  }

  try {
    const { url } = await logged(startedEvent);
    const address = typeof url === 'string' ? url : '';
    return {
      pid: child.pid,
      url: address,
      api: createApiClient(`${address}/api/mv`),
      lines,
      isRunning: () => !ended,
      logged,
      exited,
      lastWords,
      async kill() {
        child.kill('SIGKILL');
        await exited;
      },
      async terminate() {
        child.kill('SIGTERM');
        return exited;
      },
    };
  } catch (error) {
    child.kill('SIGKILL');
    await exited;
    throw error;
  }
}

function parseLine(text: string): LogLine | null {
  if (!text.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    return 'event' in value && typeof value.event === 'string' ? { ...value, event: value.event } : null;
  } catch {
    // Not a line of the log; it is kept with the other output.
    return null;
  }
}

/** Test runners may be killed: a small shell then reads to the end of its pipe and ends the child. */
function killOnParentExit(pid: number) {
  const shell = Bun.spawn(['sh', '-c', 'read -r nothing; kill -9 "$0"', String(pid)], {
    detached: true,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  shell.unref();
  shell.stdin.unref();
  return shell;
}

/** Waits until no media file is left: takes may be looked at in the background when their jobs have ended. */
export const untilNoFilesLeft = (mediaRoot: string): Promise<unknown> =>
  until('no media file is left', async () => (await mediaFilesLeft(mediaRoot)).length === 0);
