import { readdirSync, readFileSync } from 'node:fs';

/** What the processes started during a measurement used, all together. */
export type ProcessUse = { peakBytes: number; cpuSeconds: number };

/**
 * Reading the memory of a process of 200 MB takes 6 ms, in which it can get no new pages: looking every
 * 40 ms, and through all processes of the machine for the descendants, made the measured run a fifth slower.
 */
const SAMPLE_MS = 250;
/** Linux counts processor time in hundredths of a second on every common machine. */
const TICKS_PER_SECOND = 100;

/**
 * Watches all descendants of this process while `work` runs. Memory is their proportional share
 * (PSS: pages that several hold count once), processor time is that of all that have ended.
 * Needs Linux's /proc; elsewhere both numbers are 0.
 */
export async function measureProcesses<T>(work: () => Promise<T>): Promise<{ result: T; use: ProcessUse }> {
  let peakBytes = 0;
  const before = childTicks();
  const timer = setInterval(() => {
    const bytes = descendants(process.pid).reduce((sum, pid) => sum + memoryOf(pid), 0);
    peakBytes = Math.max(peakBytes, bytes);
  }, SAMPLE_MS);
  try {
    const result = await work();
    return { result, use: { peakBytes, cpuSeconds: (childTicks() - before) / TICKS_PER_SECOND } };
  } finally {
    clearInterval(timer);
  }
}

/** All processes that this one's threads started, and theirs. */
function descendants(root: number): number[] {
  const found: number[] = [];
  const queue = [root];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const task of list(`/proc/${at}/task`)) {
      const children = read(`/proc/${at}/task/${task}/children`).split(' ').filter(Boolean).map(Number);
      found.push(...children);
      queue.push(...children);
    }
  }
  return found;
}

function memoryOf(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`));
  return Number(line?.[1] ?? 0) * 1024;
}

/** Processor ticks of all ended and waited-for children and theirs. */
function childTicks(): number {
  const fields = read('/proc/self/stat').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process ended meanwhile, or this system has no /proc: nothing can be measured.
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended between being listed and being read.
    return '';
  }
}
