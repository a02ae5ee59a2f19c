import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../api/shared/log';
import { findBinaries } from './embedded-postgres.places';
import { findRunAs, runAs } from './embedded-postgres.user';

/** Where Debian's package of the oldest PostgreSQL that the studio takes puts its programs. */
const DEBIAN_PROGRAMS = '/usr/lib/postgresql/15/bin';
/** The password that must be written nowhere. Letters only: no encoding hides it from a search. */
export const CLUSTER_PASSWORD = 'hushhushnobodyknows';

/** A PostgreSQL of a test's own: on a port of the loopback, with a password, and with a socket folder. */
export type TestCluster = {
  /** `debian` where its package is installed, else the programs from npm. */
  source: 'debian' | 'npm';
  port: number;
  /** The folder of its Unix socket. */
  socketDirectory: string;
  /** Address of one of its databases, over TCP and with the password. */
  url(database?: string): string;
  start(): void;
  /** `pg_ctl stop -m fast`: ends all sessions at once. */
  stop(): void;
  /** Stops it if it runs, and removes its files. */
  remove(): Promise<void>;
};

/**
 * Makes and starts a cluster in a temporary folder. Debian's own cluster, if there is one, is left alone.
 * It does not wait for the disk: a crash of the machine loses test data only.
 */
export async function startTestCluster(settings: Record<string, string> = {}): Promise<TestCluster> {
  const user = findRunAs();
  const isDebian = existsSync(join(DEBIAN_PROGRAMS, 'pg_ctl'));
  const programs = isDebian
    ? DEBIAN_PROGRAMS
    : join((await findBinaries(user, createLog('warn'))).initdb, '..');
  const directory = await mkdtemp(join(tmpdir(), 'songreel-cluster-'));
  if (user) await chown(directory, user.uid, user.gid);
  const data = join(directory, 'data');
  const sockets = join(directory, 'sockets');
  const passwordFile = join(directory, 'password');
  await mkdir(sockets);
  await Bun.write(passwordFile, `${CLUSTER_PASSWORD}\n`);
  if (user) for (const path of [sockets, passwordFile]) await chown(path, user.uid, user.gid);

  function run(program: string, args: string[]): void {
    const result = runAs(user, join(programs, program), args);
    if (result.status !== 0) throw new Error(`${program} failed: ${result.stdout} ${result.stderr}`);
  }
  run('initdb', [
    ...['-D', data, '-U', 'songreel', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C', '--no-sync'],
    ...['--auth-host=scram-sha-256', '--auth-local=trust'],
  ]);
  const port = await freePort();
  const own = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: sockets,
    fsync: 'off',
    shared_buffers: '16MB',
    ...settings,
  };
  const lines = Object.entries(own).map(([name, value]) => `${name} = '${value}'\n`);
  await appendFile(join(data, 'postgresql.conf'), lines.join(''));

  let running = false;
  const cluster: TestCluster = {
    source: isDebian ? 'debian' : 'npm',
    port,
    socketDirectory: sockets,
    url: (database = 'postgres') =>
      `postgres://songreel:${CLUSTER_PASSWORD}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    start() {
      run('pg_ctl', ['-D', data, '-l', join(directory, 'log'), '-w', 'start']);
      running = true;
    },
    stop() {
      running = false;
      run('pg_ctl', ['-D', data, '-m', 'fast', '-w', 'stop']);
    },
    async remove() {
      if (running) cluster.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
  cluster.start();
  return cluster;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port.');
  return address.port;
}
