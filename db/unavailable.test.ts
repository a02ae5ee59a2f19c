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

test('of two transactions in each other’s way one may run again', async () => {
  const { sql } = database;
  await sql`create table doors (id int primary key, state text)`;
  await sql`insert into doors values (1, 'shut'), (2, 'shut')`;
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const pass = (own: number) =>
    errorOf(
      sql.begin(async (tx) => {
        await tx`update doors set state = 'open' where id = ${own + 1}`;
        gates[own]?.resolve();
        await gates[1 - own]?.promise;
        await tx`update doors set state = 'open' where id = ${2 - own}`;
      }),
    );
  const errors = await Promise.all([pass(0), pass(1)]);
  expect(errors.map((error) => error !== null && isDatabaseUnavailable(error)).sort()).toEqual([false, true]);
});

test('a query that is wrong is not', async () => {
  expect(isDatabaseUnavailable(await errorOf(database.sql`select nothing`))).toBe(false);
  expect(isDatabaseUnavailable(new Error('other'))).toBe(false);
  expect(isDatabaseUnavailable('ECONNREFUSED')).toBe(false);
});
