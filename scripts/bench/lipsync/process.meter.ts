import { readdirSync, readFileSync } from 'node:fs';

/** What the processes started during a measurement used, all together. */
export type ProcessUse = { peakBytes: number; cpuSeconds: number };

const SAMPLE_MS = 40;
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

function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of listProc()) {
    const fields = read(`/proc/${name}/stat`).split(') ')[1]?.split(' ');
    if (fields) parents.set(Number(name), Number(fields[1]));
  }
  const found: number[] = [];
  const queue = [root];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const [pid, parent] of parents) {
      if (parent !== at) continue;
      found.push(pid);
      queue.push(pid);
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

function listProc(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    // No /proc on this system: nothing can be measured.
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
