import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dumpDatabase } from './dump';
import { migrationsDirectory, readMigrations } from './migrate';
import { createTestDatabase, type TestDatabase } from './test-database';

let database: TestDatabase;
let directory: string;
beforeAll(async () => {
  database = await createTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'songreel-dump-'));
});
afterAll(async () => {
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

test('a dump that finds no migrations or no tables fails', async () => {
  const { sql } = database;
  const known = await readMigrations(migrationsDirectory);
  const dump = () => dumpDatabase(sql, directory, known, async () => null);
  await expect(dumpDatabase(sql, directory, [], async () => null)).rejects.toMatchObject({
    code: 'NothingToBackUp',
    message: expect.stringContaining('no tables'),
  });
  await sql`delete from schema_migrations`;
  await expect(dump()).rejects.toMatchObject({ code: 'NothingToBackUp' });
  await sql`drop table schema_migrations`;
  await expect(dump()).rejects.toMatchObject({ code: 'NothingToBackUp' });
});
