import { readdir, readFile, readlink } from 'node:fs/promises';

export type ListeningSockets = {
  /** TCP ports, whatever the address. */
  ports: number[];
  /** Paths of Unix sockets. */
  paths: string[];
};

/** Whether this system tells of sockets and processes under /proc, as Linux does. */
export const hasProc = process.platform === 'linux';

/** The processes that a process started, directly or not, and itself. */
export async function familyOf(pid: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    parents.set(Number(name), Number(/^PPid:\s*(\d+)/m.exec(status)?.[1] ?? 0));
  }
  const family = [pid];
  for (let at = 0; at < family.length; at++) {
    for (const [child, parent] of parents) if (parent === family[at]) family.push(child);
  }
  return family;
}

/** What a process listens on: its open sockets, looked up in the system's tables of listening ones. */
export async function listeningSockets(pid: number): Promise<ListeningSockets> {
  const inodes = new Set<string>();
  for (const fd of await readdir(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const rows = async (table: string) =>
    (await readFile(`/proc/net/${table}`, 'utf8').catch(() => ''))
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
  const ports = new Set<number>();
  for (const table of ['tcp', 'tcp6']) {
    for (const row of await rows(table)) {
      // 0A: the socket listens.
      if (row[3] !== '0A' || !inodes.has(row[9] ?? '')) continue;
      ports.add(Number.parseInt(row[1]?.split(':').at(-1) ?? '', 16));
    }
  }
  const paths = (await rows('unix'))
    // 00010000: it takes connections.
    .filter((row) => row[3] === '00010000' && inodes.has(row[6] ?? ''))
    .map((row) => row[7] ?? '(without a name)');
  return { ports: [...ports], paths: [...new Set(paths)] };
}
