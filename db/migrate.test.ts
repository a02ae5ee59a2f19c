import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../api/shared/log';
import { connect } from './connect';
import { migrate } from './migrate';
import { createTestDatabase, type TestDatabase } from './test-database';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

const log = createLog('silent');

describe('migrate', () => {
  let database: TestDatabase;
  let directory: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql`drop schema public cascade`;
    await database.sql`create schema public`;
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
    await writeFile(
      join(directory, '0001_first.sql'),
      'create table a (id integer); insert into a values (1);',
    );
  });
  afterAll(async () => {
    await database.drop();
    await rm(directory, { recursive: true });
  });

  test('two at once run each migration once', async () => {
    const other = connect(database.url);
    const ran = await Promise.all([
      migrate(database.sql, { log, directory }),
      migrate(other, { log, directory }),
    ]);
    await other.end();
    expect(ran.flat()).toEqual(['0001_first.sql']);
    expect(await database.sql`select id from a`).toHaveLength(1);
    expect(await migrate(database.sql, { log, directory })).toEqual([]);
  });

  test('a failing migration leaves nothing of itself, and runs again when mended', async () => {
    const path = join(directory, '0002_second.sql');
    await writeFile(path, 'create table b (id integer); select 1 / 0;');
    await expect(migrate(database.sql, { log, directory })).rejects.toMatchObject({
      code: 'MigrationFailed',
      message: expect.stringContaining('0002_second.sql failed: division by zero'),
    });
    expect(await database.sql`select to_regclass('b') as b`).toMatchObject([{ b: null }]);
    await writeFile(path, 'create table b (id integer);');
    expect(await migrate(database.sql, { log, directory })).toEqual(['0002_second.sql']);
  });

  test('refuses a changed migration', async () => {
    const path = join(directory, '0001_first.sql');
    await writeFile(path, 'create table a (id bigint);');
    await expect(migrate(database.sql, { log, directory })).rejects.toMatchObject({
      code: 'MigrationChanged',
    });
    await writeFile(path, 'create table a (id integer); insert into a values (1);');
  });

  test('refuses a database of a newer version', async () => {
    await rm(join(directory, '0002_second.sql'));
    await expect(migrate(database.sql, { log, directory })).rejects.toMatchObject({
      code: 'DatabaseTooNew',
      message: expect.stringContaining('0002_second.sql'),
    });
    await writeFile(join(directory, '0002_second.sql'), 'create table b (id integer);');
  });

  test('refuses a misnamed file, a number used twice and a number that comes too late', async () => {
    for (const name of ['third.sql', '0002_again.sql', '0000_late.sql']) {
      await writeFile(join(directory, name), 'select 1;');
      await expect(migrate(database.sql, { log, directory })).rejects.toMatchObject({
        code: 'MigrationsBroken',
      });
      await rm(join(directory, name));
    }
  });
});

describe('connect', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  test('rows have camelCase columns, numbers and dates; jsonb keeps its keys', async () => {
    const value = { snake_key: { inner_key: [1] }, camelKey: 'x' };
    const [row] = await database.sql`
      select 9007199254740991::bigint as big_value, 0.123456::numeric(12, 6) as cost_usd,
        now() as created_at, ${database.sql.json(value)}::jsonb as made_by, sum(n)::bigint as total
      from (values (1), (2)) as numbers (n)`;
    expect(row).toEqual({
      bigValue: 9007199254740991,
      costUsd: 0.123456,
      createdAt: expect.any(Date),
      madeBy: value,
      total: 3,
    });
  });

  test('inserts take camelCase keys', async () => {
    const { sql } = database;
    const job = { id: crypto.randomUUID(), kind: 'compose', errorDetails: sql.json({ some_key: 1 }) };
    await sql`insert into jobs ${sql(job)}`;
    expect(await sql`select error_details from jobs`).toMatchObject([{ errorDetails: { some_key: 1 } }]);
  });

  test('a bigint that a number cannot hold fails its query, not the connection', async () => {
    const refused = database.sql`select 9007199254740993::bigint`.then(() => null, String);
    expect(await refused).toContain('too large');
    expect(await database.sql`select 1 as one`).toMatchObject([{ one: 1 }]);
  });
});
