import { spawnSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { postgresEnvironment } from './embedded-postgres.user';

/** PostgreSQL writes its process id as the first line of this file and removes the file at its end. */
const pidFile = (cluster: string) => join(cluster, 'postmaster.pid');

/** The process id in a database's postmaster.pid; null when the file is not there or is cut short. */
export async function recordedPid(cluster: string): Promise<number | null> {
  try {
    const pid = Number.parseInt((await readFile(pidFile(cluster), 'utf8')).split('\n', 1)[0] ?? '', 10);
    return Number.isNaN(pid) || pid <= 1 ? null : pid;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Whether a process is a PostgreSQL server of exactly this database (and not another program with its id). */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  const args = process.platform === 'linux' ? await linuxArguments(pid) : portableArguments(pid);
  return args.includes('postgres') && args.includes(cluster);
}

/** Read from /proc, because small containers have no ps. */
async function linuxArguments(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return '';
    throw error;
  }
}

function portableArguments(pid: number): string {
  return spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], {
    encoding: 'utf8',
    env: postgresEnvironment,
  }).stdout;
}

/**
 * Removes a postmaster.pid that no server stands behind: PostgreSQL itself refuses to start over one
 * that is empty (the disk was full) or whose id another program of its user has now.
 */
export async function removeStalePidFile(cluster: string): Promise<void> {
  await rm(pidFile(cluster), { force: true });
}

/**
 * Stops a server at once but cleanly (fast mode: sessions are ended, everything is written), and by
 * force when it has not ended after `patienceMs`; its next start then recovers from its log.
 */
export async function stopServer(pid: number, cluster: string, patienceMs = 15_000): Promise<void> {
  if (!signal(pid, 'SIGINT')) return;
  if (await ended(pid, cluster, patienceMs)) return;
  signal(pid, 'SIGQUIT');
  if (await ended(pid, cluster, 5000)) return;
  signal(pid, 'SIGKILL');
  await ended(pid, cluster, 5000);
}

/** A killed server that nobody has reaped still counts as a process, so the file decides as well. */
async function ended(pid: number, cluster: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    if ((await recordedPid(cluster)) !== pid || !signal(pid, 0)) return true;
    await Bun.sleep(20);
  }
  return false;
}

/** False when there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}
