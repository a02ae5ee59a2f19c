import { createHash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createLog } from '../api/shared/log';
import { connect, type Database } from './connect';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.server';
import { migrate, migrationsDirectory, readMigrations } from './migrate';

export type TestDatabase = {
  sql: Database;
  url: string;
  /** Closes `sql` and deletes the database. */
  drop(): Promise<void>;
};

/** One server for all test runs of this checkout; ignored by git. */
export const testServerDirectory = join(import.meta.dir, '..', '.cache', 'test-postgres');
const log = createLog('warn');
// Any fixed number: test processes that make the same template wait for each other ('template', cut).
const TEMPLATE_LOCK = 0x74656d70;

/** Writes nothing through to the disk: a crash of the machine loses test data only. */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

let shared: ReturnType<typeof startShared> | null = null;

/**
 * A fresh, migrated database for a test file; call `drop` in afterAll. The first call of a test
 * process starts (or joins) the test server; it ends by itself after the last test process has.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  shared ??= startShared();
  const { server, template } = await shared;
  const name = `test_${process.pid}_${randomUUID().replaceAll('-', '')}`;
  await asAdmin(server, (admin) => admin`create database ${admin(name)} template ${admin(template)}`);
  const url = databaseUrl(server, name);
  const sql = connect(url, { max: 5, log });
  return {
    sql,
    url,
    async drop() {
      await sql.end({ timeout: 1 });
      await asAdmin(server, (admin) => admin`drop database ${admin(name)} with (force)`);
    },
  };
}

/**
 * Gives the test server up, so that a program other than a test runner can end. Its databases must be
 * dropped before; the next `createTestDatabase` joins anew.
 */
export async function leaveTestServer(): Promise<void> {
  const joined = shared;
  shared = null;
  if (joined !== null) await (await joined).server.stop();
}

async function startShared() {
  const server = await startEmbeddedPostgres({ directory: testServerDirectory, log, settings });
  // Kept, because the pipe must stay open as long as this process lives.
  const stopper = stopAfterThisProcess();
  const checksums = (await readMigrations(migrationsDirectory)).map((migration) => migration.checksum);
  const template = `template_${createHash('sha256').update(checksums.join()).digest('hex').slice(0, 16)}`;
  await asAdmin(server, async (admin) => {
    await admin`select pg_advisory_lock(${TEMPLATE_LOCK})`;
    await dropLeftovers(admin, template);
    const found = await admin`select 1 from pg_database where datname = ${template}`;
    if (found.length > 0) return;
    // Built under another name: a template of this name is always a whole one.
    const half = `test_${process.pid}_${randomUUID().replaceAll('-', '')}`;
    await admin`create database ${admin(half)}`;
    const sql = connect(databaseUrl(server, half), { max: 1, log });
    await migrate(sql, { log });
    await sql.end();
    await admin`alter database ${admin(half)} rename to ${admin(template)}`;
  });
  return { server, template, stopper };
}

/** Databases of test processes that were killed, and templates of other migrations that nobody uses. */
async function dropLeftovers(admin: Database, template: string): Promise<void> {
  const databases = await admin<{ name: string }[]>`
    select datname as name from pg_database
    where (datname like 'test\\_%' or (datname like 'template\\_%' and datname <> ${template}))
      and not exists (select from pg_stat_activity where pg_stat_activity.datname = pg_database.datname)`;
  for (const { name } of databases) {
    const pid = Number(/^test_(\d+)_/.exec(name)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isRunning(pid)) await admin`drop database if exists ${admin(name)}`;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function asAdmin<T>(server: EmbeddedPostgres, work: (admin: Database) => Promise<T>): Promise<T> {
  const admin = connect(databaseUrl(server, 'postgres'), { max: 1, log });
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(server: EmbeddedPostgres, name: string): string {
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/**
 * Test runners end their process without telling, and may be killed. So a small shell reads from a
 * pipe that only this process holds open: it reaches the pipe's end when this process has ended, in
 * whatever way, and then stops the server unless other tests still use it.
 */
function stopAfterThisProcess() {
  const stopper = join(import.meta.dir, 'test-database.stop.ts');
  const shell = Bun.spawn(['/bin/sh', '-c', 'read -r nothing; exec "$0" "$1"', process.execPath, stopper], {
    detached: true,
    stdin: 'pipe',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  shell.unref();
  shell.stdin.unref();
  return shell;
}
