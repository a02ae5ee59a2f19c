import { afterAll, beforeAll, expect, test } from 'bun:test';
import { connect } from './connect';
import { createTestDatabase, type TestDatabase } from './test-database';
import { isDatabaseUnavailable } from './unavailable';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test('a session that the server ends, and a server that is not there, are the database being away', async () => {
  const sql = connect(database.url, { max: 1 });
  const [me] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const waiting = errorOf(sql`select pg_sleep(30)`.execute());
  while ((await database.sql`select pg_terminate_backend(${me?.pid ?? 0})`).length === 0);
  expect(isDatabaseUnavailable(await waiting)).toBe(true);
  await sql.end({ timeout: 0 });

  const url = new URL(database.url);
  url.port = '1';
  const nowhere = connect(url.href, { max: 1 });
  expect(isDatabaseUnavailable(await errorOf(nowhere`select 1`))).toBe(true);
  await nowhere.end({ timeout: 0 });
});

test('a query that is wrong is not', async () => {
  expect(isDatabaseUnavailable(await errorOf(database.sql`select nothing`))).toBe(false);
  expect(isDatabaseUnavailable(new Error('other'))).toBe(false);
  expect(isDatabaseUnavailable('ECONNREFUSED')).toBe(false);
});
