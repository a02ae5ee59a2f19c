import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another machine, as far as the network goes: a namespace with one cable to this one. */
export type Namespace = {
  /** This machine, as the other one reaches it. */
  hostAddress: string;
  /** A program that starts `program` there with the arguments it gets. */
  programThere(program: string): Promise<string>;
  /** Removes the namespace and ends what runs in it. */
  remove(): Promise<void>;
};

/** Runs one of the system's programs; resolves to what it wrote. @throws Error with its complaint */
async function run(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' });
  const [code, out, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if (code !== 0) throw new Error(`${command.join(' ')}: ${errors.trim()}`);
  return out;
}

/** Why no namespace can be made here; null when one can. Makes and removes one to find out. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'only Linux has network namespaces';
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  if (Bun.which('ip') === null) return 'there is no ip (Debian: apt-get install iproute2)';
  const name = `srprobe${process.pid}`;
  try {
    await run(['ip', 'netns', 'add', name]);
    try {
      await run([
        'ip',
        '-n',
        name,
        'link',
        'add',
        `srp${process.pid}`,
        'type',
        'veth',
        'peer',
        'name',
        'other',
      ]);
    } finally {
      await run(['ip', 'netns', 'delete', name]);
    }
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/** Two addresses of a block that is for documentation, which nobody has. */
async function freeAddresses(): Promise<{ host: string; other: string }> {
  const used = await run(['ip', '-o', '-4', 'addr']);
  for (let attempt = 0; attempt < 64; attempt++) {
    const base = 4 * Math.floor(Math.random() * 64);
    const host = `198.51.100.${base + 1}`;
    if (!used.includes(`${host}/`)) return { host, other: `198.51.100.${base + 2}` };
  }
  throw new Error('Every address for tests is in use: look for namespaces that an earlier run left behind.');
}

let made = 0;

/** Makes a namespace and its cable. Names and addresses are its own; `remove` leaves nothing. */
export async function createNamespace(): Promise<Namespace> {
  made += 1;
  // Names of interfaces have at most 15 letters.
  const name = `sr${process.pid}n${made}`;
  const [here, there] = [`${name}a`, `${name}b`];
  const { host, other } = await freeAddresses();
  const directory = await mkdtemp(join(tmpdir(), 'songreel-namespace-'));
  async function remove(): Promise<void> {
    const pids = await run(['ip', 'netns', 'pids', name]).catch(() => '');
    for (const pid of pids.split(/\s+/).filter((text) => text !== '')) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch (thrown) {
        // It ended by itself meanwhile.
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH')) throw thrown;
      }
    }
    await run(['ip', 'netns', 'delete', name]);
    // A cable goes with either end; the namespace's own end may take a moment to go.
    await run(['ip', 'link', 'delete', here]).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  }
  await run(['ip', 'netns', 'add', name]);
  try {
    await run(['ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name]);
    await run(['ip', 'addr', 'add', `${host}/30`, 'dev', here]);
    await run(['ip', 'link', 'set', here, 'up']);
    await run(['ip', '-n', name, 'addr', 'add', `${other}/30`, 'dev', there]);
    await run(['ip', '-n', name, 'link', 'set', there, 'up']);
    await run(['ip', '-n', name, 'link', 'set', 'lo', 'up']);
  } catch (thrown) {
    await remove();
    throw thrown;
  }
  return {
    hostAddress: host,
    async programThere(program) {
      const path = join(directory, 'program');
      await writeFile(path, `#!/bin/sh\nexec ip netns exec ${name} '${program}' "$@"\n`);
      await chmod(path, 0o755);
      return path;
    },
    remove,
  };
}
