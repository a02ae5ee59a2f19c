import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { testTools } from '../../api/media/testing/tools';
import { createLog } from '../../api/shared/log';
import { connect, type Database } from '../../db/connect';
import { migrate, migrationsDirectory, readMigrations } from '../../db/migrate';
import { listTables, madeByMigrations } from '../../db/schema';
import { startTestCluster, type TestCluster } from '../../db/test-cluster';

/** Databases as others keep them: the studio in a schema of its own, beside extensions and other programs. */
const root = resolve(import.meta.dir, '..', '..');
let cluster: TestCluster;
let directory: string;
beforeAll(async () => {
  cluster = await startTestCluster();
  directory = await mkdtemp(join(tmpdir(), 'songreel-schema-'));
});
afterAll(async () => {
  await cluster.remove();
  await rm(directory, { recursive: true, force: true });
});

async function run(script: 'backup' | 'restore', database: string, args: string[]) {
  const { ffmpegPath, ffprobePath } = await testTools();
  const child = Bun.spawn([process.execPath, join('scripts', `${script}.ts`), ...args], {
    cwd: root,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: {
      ...process.env,
      DATABASE_URL: cluster.url(database),
      DATA_DIR: join(directory, 'data'),
      FFMPEG_BIN: ffmpegPath,
      FFPROBE_BIN: ffprobePath,
    },
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code: await child.exited, out, err };
}

/** A database whose new tables go into a schema of their own, with what others keep in it. */
async function createDatabase(name: string): Promise<Database> {
  const admin = connect(cluster.url(), { max: 1 });
  await admin.unsafe(`create database ${name}`);
  await admin.unsafe(`alter database ${name} set search_path = "My studio", public`);
  await admin.end();
  const sql = connect(cluster.url(name), { max: 2 });
  await sql.unsafe(`create schema "My studio"`);
  // A view, a table as PostGIS has one, and a function.
  await sql.unsafe(`create extension pg_stat_statements`);
  await sql.unsafe(`create extension hstore`);
  await sql.unsafe(`create table spatial_ref_sys (srid int)`);
  await sql.unsafe(`alter extension hstore add table spatial_ref_sys`);
  await sql.unsafe(`create function "My studio".ours() returns int language sql as 'select 1'`);
  return sql;
}

test('a studio in a schema of its own is backed up whole and restored into another such database', async () => {
  const from = await createDatabase('source');
  const log = createLog('silent');
  await migrate(from, { log });
  // Of another program, in the same schema and in public.
  await from.unsafe(`create table other_program (image_key text); insert into other_program values ('x')`);
  await from.unsafe(`create table public.projects (id int)`);
  await from`
    insert into api_tokens (id, public_id, name, scope, secret_hash)
    values (gen_random_uuid(), 'p', 'kept', 'edit', 'h')`;
  const backup = await run('backup', 'source', ['--out', join(directory, 'backup')]);
  expect(backup).toMatchObject({ code: 0, err: '' });
  expect(backup.out).toMatch(
    /: [1-9]\d* rows of [1-9]\d* tables, 0 objects \(0\.0 MB\) copied, and all read back/,
  );

  const to = await createDatabase('target');
  const restored = await run('restore', 'target', ['--from', join(directory, 'backup')]);
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toContain(/[1-9]\d* rows of \d+ tables/.exec(backup.out)?.[0] ?? 'no rows');
  expect([...(await to`select name from api_tokens`)]).toEqual([{ name: 'kept' }]);
  expect(await listTables(to, 'public')).toEqual([]);
  await from.end();
  await to.end();
}, 120_000);

test('a restore that fails leaves what was in the schema before', async () => {
  const manifest = join(directory, 'backup', 'backup.json');
  const tokens = join(directory, 'backup', 'database', 'api_tokens.copy');
  const [text, rows] = [await Bun.file(manifest).text(), await Bun.file(tokens).text()];
  await Bun.write(manifest, text.replaceAll(/,\s*"sha256": "[0-9a-f]{64}"(?=\s*\})/g, ''));
  await Bun.write(tokens, rows.replace(/^[^\t]+/, 'not an id'));
  const sql = await createDatabase('half');
  const { code, err } = await run('restore', 'half', ['--from', join(directory, 'backup')]);
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringMatching(/^RestoreFailed: .*\n$/) });
  expect(await listTables(sql, 'My studio')).toEqual([]);
  expect([...(await sql`select ours() as one`)]).toEqual([{ one: 1 }]);
  await sql.end();
}, 120_000);

test('a search_path without a schema is said, and nothing is written', async () => {
  const admin = connect(cluster.url(), { max: 1 });
  await admin.unsafe(`create database astray`);
  await admin.unsafe(`alter database astray set search_path = nowhere`);
  await admin.end();
  const out = join(directory, 'astray');
  const { code, err } = await run('backup', 'astray', ['--out', out]);
  expect({ code, err }).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^NoDatabaseSchema: .*nowhere.*\n$/),
  });
  expect(await Bun.file(join(out, 'backup.json')).exists()).toBe(false);
}, 60_000);

test('the tables that migrations make are known by their names', async () => {
  const admin = connect(cluster.url(), { max: 1 });
  await admin.unsafe(`create database plain`);
  await admin.end();
  const sql = connect(cluster.url('plain'), { max: 2 });
  await migrate(sql, { log: createLog('silent') });
  const known = madeByMigrations('table', await readMigrations(migrationsDirectory));
  expect(await listTables(sql, 'public')).toEqual([...known, 'schema_migrations'].sort());
  await sql.end();
}, 60_000);
