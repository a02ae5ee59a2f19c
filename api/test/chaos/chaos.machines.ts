import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage } from '../../shared/errors';
import { type LogLine, type StudioProcess, startProcess } from '../process.harness';
import type { MemorySample } from './chaos.types';

/** How soon a process that did not come up is started again, as a supervisor would. */
const START_AGAIN_MS = 300;
/** SIGTERM: 10 s for running jobs, 10 s for their handlers to stop (main.ts, jobs.service.ts), and slack. */
const LONGEST_END_MS = 45_000;

/** A place where one studio process runs, with a disk of its own; the process comes and goes. */
export type Machine = ReturnType<typeof createMachine>;

/**
 * A machine whose process is started again whenever it is gone, as any supervisor does. `settings` are
 * asked for at each start.
 */
export function createMachine(options: {
  name: string;
  script: 'start' | 'worker';
  directory: string;
  settings: () => Record<string, string>;
  onLine: (machine: string, line: LogLine) => void;
  /** What is worth a look and wrong of nobody: it did not start because the database was away. */
  onProblem: (what: string) => void;
  /** What must not be: it ended by itself, or not when it was told to. */
  onFailure: (what: string) => void;
}) {
  const { name, directory } = options;
  let current: StudioProcess | null = null;
  let startedAt = 0;
  /** Since when it has been running without a stop. */
  let upSince = 0;
  let stopped = false;
  let ended = false;
  /** The process that was told to end. */
  let victimOf: StudioProcess | null = null;
  /** Kills the process that is just starting. */
  let starting: AbortController | null = null;
  /** Starting and ending happen one after the other. */
  let turn: Promise<void> = Promise.resolve();

  const inTurn = (work: () => Promise<void>): Promise<void> => {
    turn = turn.then(work);
    return turn;
  };

  async function start(): Promise<void> {
    await mkdir(directory, { recursive: true });
    while (!ended) {
      try {
        const settings = { ...options.settings(), DATA_DIR: directory };
        starting = new AbortController();
        const { signal } = starting;
        current = await startProcess(`scripts/${options.script}.ts`, settings, 'studio_started', [], signal);
        starting = null;
        startedAt = performance.now();
        upSince = startedAt;
        watch(current);
        return;
      } catch (error) {
        // Killed, or the database or the store is away: what it said is of interest, and it is tried again.
        const isKilled = starting?.signal.aborted === true;
        starting = null;
        if (!ended && !isKilled)
          options.onProblem(`${name} did not start: ${errorMessage(error).slice(-400)}`);
        await Bun.sleep(START_AGAIN_MS);
      }
    }
  }

  function watch(started: StudioProcess): void {
    void started.exited.then((code) => {
      if (ended || victimOf === started) return;
      options.onFailure(`${name} ended by itself with ${code}: ${started.lastWords()}`);
      void inTurn(start);
    });
  }

  function drain(): void {
    for (const line of current?.lines.splice(0) ?? []) options.onLine(name, line);
  }

  return {
    name,
    directory,
    mediaRoot: join(directory, 'outputs'),
    start: () => inTurn(start),
    /** Hands over what was logged since the last call. */
    drain,
    /** For how long it has been at work without a break; 0 when it is not. */
    upMs: () => (current?.isRunning() === true && !stopped ? performance.now() - upSince : 0),
    process: () => current,
    /** True when it was running or just starting. */
    async kill(downMs: number): Promise<boolean> {
      const victim = current;
      if (starting !== null && !starting.signal.aborted) {
        starting.abort();
        return true;
      }
      if (victim === null || !victim.isRunning() || victimOf === victim) return false;
      victimOf = victim;
      stopped = false;
      await victim.kill();
      drain();
      void inTurn(async () => {
        await Bun.sleep(downMs);
        await start();
      });
      return true;
    },
    async terminate(downMs: number): Promise<boolean> {
      const victim = current;
      if (victim === null || !victim.isRunning() || stopped || victimOf === victim) return false;
      victimOf = victim;
      void inTurn(async () => {
        const limit = setTimeout(() => void victim.kill(), LONGEST_END_MS);
        const code = await victim.terminate();
        clearTimeout(limit);
        drain();
        if (code !== 0 && !ended) {
          options.onFailure(`${name} ended with ${code} after SIGTERM: ${victim.lastWords()}`);
        }
        await Bun.sleep(downMs);
        await start();
      });
      return true;
    },
    /** Stops it in the middle of whatever it does, and lets it go on later. */
    async freeze(forMs: number): Promise<boolean> {
      const victim = current;
      if (victim === null || !victim.isRunning() || stopped) return false;
      stopped = true;
      process.kill(victim.pid, 'SIGSTOP');
      await Bun.sleep(forMs);
      if (victim.isRunning()) process.kill(victim.pid, 'SIGCONT');
      if (current === victim) {
        stopped = false;
        upSince = performance.now();
      }
      return true;
    },
    /** Kills it, and gives it an empty disk. */
    async loseDisk(): Promise<boolean> {
      const victim = current;
      if (victim === null || !victim.isRunning() || victimOf === victim) return false;
      victimOf = victim;
      stopped = false;
      await victim.kill();
      drain();
      await inTurn(async () => {
        await rm(directory, { recursive: true, force: true });
        await start();
      });
      return true;
    },
    /** Resolves when it runs, whatever was being done to it. */
    async settle(): Promise<void> {
      await turn;
      if (current?.isRunning() !== true) await inTurn(start);
    },
    async memory(): Promise<MemorySample | null> {
      if (current === null || !current.isRunning()) return null;
      const mebibytes = await residentMebibytes(current.pid);
      const ageSeconds = (performance.now() - startedAt) / 1000;
      return mebibytes === null ? null : { process: name, pid: current.pid, ageSeconds, mebibytes };
    },
    async end(): Promise<void> {
      ended = true;
      starting?.abort();
      await turn;
      if (current?.isRunning()) await current.kill();
    },
  };
}

/** Resident memory in MiB; null where the system doesn't tell (not Linux) or the process is gone. */
export async function residentMebibytes(pid: number): Promise<number | null> {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    // Gone meanwhile.
    return null;
  }
}
