import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createLog } from '../api/shared/log';
import { connect, type Database } from './connect';
import { findBinaries, packageDirectory } from './embedded-postgres.places';
import { recordedPid } from './embedded-postgres.process';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.server';
import { findRunAs } from './embedded-postgres.user';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

const log = createLog('silent');
const settings = { fsync: 'off' };
const isRoot = process.getuid?.() === 0;
let root: string;
/** Other tests of this process close what they write to other users, PostgreSQL's among them. */
let umask: number;
let directory: string;
let sharedPlace: string;

beforeEach(async () => {
  umask = process.umask(0o022);
  root = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  await chmod(root, 0o755);
  directory = join(root, 'data', 'postgres');
  sharedPlace = join(root, 'shared');
});
afterEach(async () => {
  process.umask(umask);
  for (const home of await homes()) {
    const pid = await recordedPid(join(home, 'cluster'));
    if (pid !== null) await killAndWait(pid);
  }
  await chmod(root, 0o755);
  await rm(root, { recursive: true });
});

async function homes(): Promise<string[]> {
  const pointer = Bun.file(join(directory, 'location.json'));
  return (await pointer.exists()) ? [directory, (await pointer.json()).home] : [directory];
}

const start = () => startEmbeddedPostgres({ directory, log, settings, sharedPlace });
const cluster = () => join(directory, 'cluster');

async function withSql<T>(server: EmbeddedPostgres, work: (sql: Database) => Promise<T>): Promise<T> {
  const sql = connect(server.url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

async function isGone(pid: number): Promise<boolean> {
  try {
    // A killed process that its parent has not reaped is still listed, but holds nothing.
    return /^State:\s+Z/m.test(await readFile(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

async function killAndWait(pid: number): Promise<void> {
  if (await isGone(pid)) return;
  process.kill(pid, 'SIGKILL');
  while (!(await isGone(pid))) await Bun.sleep(10);
}

/** Another process that starts (or joins) the server and then hangs until it is killed. */
async function otherProcess() {
  const script = `
    import { startEmbeddedPostgres } from '${import.meta.dir}/embedded-postgres.server';
    import { createLog } from '${import.meta.dir}/../api/shared/log';
    const [directory, sharedPlace] = process.argv.slice(1);
    const server = await startEmbeddedPostgres({
      directory, sharedPlace, settings: { fsync: 'off' }, log: createLog('silent'),
    });
    console.log(JSON.stringify({ started: server.started, url: server.url }));
    process.once('SIGTERM', () => server.stop());`;
  const child = Bun.spawn([process.execPath, '-e', script, directory, sharedPlace], {
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const { value } = await child.stdout.getReader().read();
  const said: { started: boolean; url: string } = JSON.parse(new TextDecoder().decode(value));
  return { child, ...said };
}

test('data, port and password survive a restart; only 127.0.0.1 and only the password open it', async () => {
  const first = await start();
  expect(first.started).toBe(true);
  await withSql(first, (sql) => sql`create table kept as select 1 as n`);
  const access = join(directory, 'access.json');
  expect((await stat(access)).mode & 0o777).toBe(0o600);
  expect((await stat(cluster())).mode & 0o777).toBe(0o700);
  await withSql(first, async (sql) => {
    expect(await sql`show listen_addresses`).toMatchObject([{ listenAddresses: '127.0.0.1' }]);
  });
  const wrong = connect(first.url.replace(/:[0-9a-f]+@/, ':wrong@'), { max: 1 });
  await expect(wrong`select 1`.execute()).rejects.toMatchObject({ code: '28P01' });
  await wrong.end();
  await first.stop();
  await first.stop();
  expect(await recordedPid(cluster())).toBeNull();

  const second = await start();
  expect(second.started).toBe(true);
  expect(second.url).toBe(first.url);
  expect(await withSql(second, (sql) => sql`select n from kept`)).toMatchObject([{ n: 1 }]);
  await second.stop();
});

test('two at once make one server, and the last one out stops it', async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect([one.started, two.started].sort()).toEqual([false, true]);
  expect(one.url).toBe(two.url);
  await one.stop();
  expect(await withSql(two, (sql) => sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
  await two.stop();
  expect(await recordedPid(cluster())).toBeNull();
});

test('a server whose starter was killed is used again, and then stopped', async () => {
  const other = await otherProcess();
  expect(other.started).toBe(true);
  const pid = await recordedPid(cluster());
  other.child.kill('SIGKILL');
  await other.child.exited;
  const server = await start();
  expect(server.started).toBe(false);
  expect(await recordedPid(cluster())).toBe(pid);
  expect(server.url).toBe(other.url);
  await server.stop();
  expect(await recordedPid(cluster())).toBeNull();
});

test('runs on while another process uses it, which stops it at its end', async () => {
  const server = await start();
  const other = await otherProcess();
  expect(other.started).toBe(false);
  await server.stop();
  expect(await recordedPid(cluster())).not.toBeNull();
  other.child.kill('SIGTERM');
  expect(await other.child.exited).toBe(0);
  expect(await recordedPid(cluster())).toBeNull();
});

test('a server that was killed itself recovers what was written', async () => {
  const first = await start();
  await withSql(first, (sql) => sql`create table kept as select 1 as n`);
  const pid = await recordedPid(cluster());
  if (pid === null) throw new Error('not running');
  await killAndWait(pid);
  const second = await start();
  expect(second.started).toBe(true);
  expect(await withSql(second, (sql) => sql`select n from kept`)).toMatchObject([{ n: 1 }]);
  await second.stop();
  await first.stop();
});

test("a pid file that names another program's process does not keep it from starting", async () => {
  const first = await start();
  await first.stop();
  await writeFile(join(cluster(), 'postmaster.pid'), `${process.pid}\n${cluster()}\n`);
  const second = await start();
  expect(second.started).toBe(true);
  await second.stop();
});

test('a pid file of a process that is gone, or cut short, does not either', async () => {
  const first = await start();
  await first.stop();
  const gone = Bun.spawn(['true']);
  await gone.exited;
  for (const text of [`${gone.pid}\n${cluster()}\n`, '']) {
    await writeFile(join(cluster(), 'postmaster.pid'), text);
    const next = await start();
    expect(next.started).toBe(true);
    await next.stop();
  }
});

test('takes another port when its own was taken meanwhile', async () => {
  const first = await start();
  await first.stop();
  const squatter = createServer();
  await new Promise<void>((resolve) =>
    squatter.listen(Number(new URL(first.url).port), '127.0.0.1', () => resolve()),
  );
  const second = await start();
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  expect(await withSql(second, (sql) => sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
  await second.stop();
  squatter.close();
});

test('an initdb that was cut off is begun anew', async () => {
  await mkdir(join(directory, 'cluster.half', 'base'), { recursive: true });
  const server = await start();
  expect(await withSql(server, (sql) => sql`select 1 as n`)).toMatchObject([{ n: 1 }]);
  await server.stop();
});

describe('says what is wrong', () => {
  test('when the database was made by another version', async () => {
    await mkdir(cluster(), { recursive: true });
    await writeFile(join(cluster(), 'PG_VERSION'), '12\n');
    await expect(start()).rejects.toMatchObject({ code: 'DatabaseOfOtherVersion' });
  });

  test('when the server does not start, with the end of its log', async () => {
    const broken = startEmbeddedPostgres({
      directory,
      log,
      sharedPlace,
      settings: { shared_buffers: 'much' },
    });
    await expect(broken).rejects.toMatchObject({
      code: 'DatabaseDoesNotStart',
      message: expect.stringContaining('shared_buffers'),
    });
  });

  test('when its access file is not one', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'access.json'), '{}');
    await expect(start()).rejects.toMatchObject({
      code: 'DatabaseDoesNotStart',
      message: expect.stringContaining('access.json'),
    });
  });

  test('when the place that a pointer names is gone', async () => {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'location.json'), JSON.stringify({ home: join(root, 'gone') }));
    await expect(start()).rejects.toMatchObject({ code: 'DatabaseMoved' });
  });
});

// Root's database runs as another user, for whom a closed home directory is closed as well.
describe.if(isRoot)('as root in a closed directory', () => {
  beforeEach(async () => {
    await mkdir(directory, { recursive: true });
    await chmod(join(root, 'data'), 0o700);
  });

  test('the data is kept elsewhere and found again', async () => {
    const first = await start();
    await withSql(first, (sql) => sql`create table kept as select 1 as n`);
    await first.stop();
    const { home } = await Bun.file(join(directory, 'location.json')).json();
    expect(home).toStartWith(sharedPlace);
    const second = await start();
    expect(await withSql(second, (sql) => sql`select n from kept`)).toMatchObject([{ n: 1 }]);
    await second.stop();
    // Deleting the directory begins anew.
    await rm(directory, { recursive: true });
    const third = await start();
    expect(await withSql(third, (sql) => sql`select to_regclass('kept') as kept`)).toMatchObject([
      { kept: null },
    ]);
    await third.stop();
  });

  test('a database that is there already is never replaced by an empty one', async () => {
    await chmod(join(root, 'data'), 0o755);
    const first = await start();
    await withSql(first, (sql) => sql`create table kept as select 1 as n`);
    await first.stop();
    await chmod(join(root, 'data'), 0o700);
    await expect(start()).rejects.toMatchObject({ code: 'DatabaseClosed' });
    await chmod(join(root, 'data'), 0o755);
    const second = await start();
    expect(await withSql(second, (sql) => sql`select n from kept`)).toMatchObject([{ n: 1 }]);
    await second.stop();
  });

  test('with a umask of 077 the database’s user still passes, and nobody else', async () => {
    const before = process.umask(0o077);
    try {
      const server = await start();
      const { home } = await Bun.file(join(directory, 'location.json')).json();
      const group = findRunAs()?.gid ?? 0;
      expect(await stat(home)).toMatchObject({ gid: group });
      const modes = [home, directory, sharedPlace].map(async (path) => (await stat(path)).mode & 0o777);
      expect(await Promise.all(modes)).toEqual([0o710, 0o710, 0o711]);
      await server.stop();
    } finally {
      process.umask(before);
    }
  });

  test('programs that the user cannot reach are copied to where it can, with their links', async () => {
    const user = findRunAs();
    const original = await findBinaries(user, log, sharedPlace);
    const closed = join(root, 'data', 'package');
    await Bun.$`cp -a ${dirname(packageDirectory())} ${closed}`.quiet();
    await Bun.$`find ${closed} -type l -delete`.quiet();
    const before = process.umask(0o077);
    const copied = await findBinaries(user, log, sharedPlace, join(closed, 'native')).finally(() =>
      process.umask(before),
    );
    expect(copied.postgres).toStartWith(sharedPlace);
    expect(copied.version).toBe(original.version);
    expect(await findBinaries(user, log, sharedPlace, join(closed, 'native'))).toEqual(copied);
  });

  test('and says so when they do not run there either', async () => {
    const closed = join(root, 'data', 'package');
    await mkdir(join(closed, 'native', 'bin'), { recursive: true });
    await writeFile(join(closed, 'package.json'), '{}');
    await writeFile(join(closed, 'native', 'pg-symlinks.json'), '[]');
    await expect(findBinaries(findRunAs(), log, sharedPlace, join(closed, 'native'))).rejects.toMatchObject({
      code: 'NoDatabasePrograms',
    });
  });
});
