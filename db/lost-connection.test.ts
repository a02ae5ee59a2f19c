import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import net from 'node:net';
import postgres from 'postgres';
import { createTestDatabase, type TestDatabase } from './test-database';

/** What of the driver is patched (`db/patches`): a connection that goes away at a bad moment. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql`create table entries (name text)`;
});
beforeEach(async () => {
  await database.sql`delete from entries`;
});
afterAll(() => database.drop());

/** A pool of one connection whose socket is at hand. */
function openPool({
  onSocket,
  ...options
}: {
  max_pipeline?: number;
  onSocket?: (socket: net.Socket) => void;
} = {}) {
  const { port, hostname } = new URL(database.url);
  const sockets: net.Socket[] = [];
  const open = async (): Promise<net.Socket> => {
    const socket = net.connect(Number(port), hostname);
    sockets.push(socket);
    onSocket?.(socket);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return socket;
  };
  // The driver's types don't know "socket".
  const settings = { max: 1, connect_timeout: 5, backoff: () => 0.02, socket: open, ...options };
  const sql = postgres(database.url, settings);
  const cut = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = sockets.at(-1);
      socket?.prependOnceListener('close', () => resolve());
      socket?.destroy();
    });
  return { sql, cut, sockets };
}

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
const names = async (): Promise<string[]> =>
  (await database.sql<{ name: string }[]>`select name from entries order by name`).map(({ name }) => name);

test('a query is refused when its connection goes in the same moment; the next one connects anew', async () => {
  const { sql, cut } = openPool();
  await sql`select 1`;
  const query = codeOf(sql`select 2`);
  await cut();
  expect(await query).toBe('CONNECTION_CLOSED');
  expect(await sql`select 3 as x`).toMatchObject([{ x: 3 }]);
  await sql.end();
});

test('nothing of a transaction is written after its connection is gone, in whatever comes next on it', async () => {
  for (const ending of ['commits', 'rolls back'] as const) {
    const { sql, cut } = openPool();
    const [gone, reopened, over] = [0, 1, 2].map(() => Promise.withResolvers<void>());
    let late: unknown;
    const dead = codeOf(
      sql.begin(async (transaction) => {
        await transaction`insert into entries values ('before')`;
        await cut();
        gone?.resolve();
        await reopened?.promise;
        late = await codeOf(transaction`insert into entries values ('after')`);
        over?.resolve();
        if (ending === 'rolls back') throw new Error('rolled back');
      }),
    );
    await gone?.promise;
    const other = sql.begin(async (transaction) => {
      await transaction`insert into entries values ('other')`;
      reopened?.resolve();
      await over?.promise;
      await transaction`insert into entries values ('other, too')`;
    });
    expect(await dead).toBe('CONNECTION_CLOSED');
    await other;
    expect(late).toBe('CONNECTION_CLOSED');
    expect(await names()).toEqual(['other', 'other, too']);
    await database.sql`delete from entries`;
    await sql.end();
  }
});

test('queries that waited in a transaction are refused, too', async () => {
  const { sql, cut } = openPool({ max_pipeline: 1 });
  const refused: Promise<unknown>[] = [];
  await codeOf(
    sql.begin(async (transaction) => {
      for (let i = 0; i < 4; i++) refused.push(codeOf(transaction`select pg_sleep(10)`));
      await cut();
      await Promise.all(refused);
    }),
  );
  expect(await Promise.all(refused)).toEqual(Array.from({ length: 4 }, () => 'CONNECTION_CLOSED'));
  await sql.end();
});

test('a reserved connection that is gone says so, and is not given to others when it is released', async () => {
  const { sql, cut } = openPool();
  const own = await sql.reserve();
  await own`select 1`;
  await cut();
  expect(await codeOf(own`insert into entries values ('late')`)).toBe('CONNECTION_CLOSED');
  const others = Promise.all([1, 2, 3].map((x) => sql`select ${x}::int as x`));
  expect(await codeOf(own`insert into entries values ('later')`)).toBe('CONNECTION_CLOSED');
  own.release();
  expect((await others).map(([row]) => row?.['x'])).toEqual([1, 2, 3]);
  expect(await names()).toEqual([]);
  await sql.end();
});

test('a transaction that begins at the limit of queries under way has a connection of its own', async () => {
  const { sql } = openPool({ max_pipeline: 3 });
  await sql`select 1`;
  for (const ahead of [1, 2, 3, 4, 5]) {
    const queries = Array.from({ length: ahead }, () => sql`select pg_sleep(0.01)`.execute());
    const work = sql.begin(async (transaction) => {
      await transaction`insert into entries values ('undone')`;
      throw new Error('undo');
    });
    const between = sql`insert into entries values (${`kept ${ahead}`})`.execute();
    expect(await codeOf(work)).toEqual(new Error('undo'));
    await Promise.all([...queries, between]);
  }
  expect(await names()).toEqual(['kept 1', 'kept 2', 'kept 3', 'kept 4', 'kept 5']);
  await sql.end();
});

test('a pool can be ended when its connection went with a query under way', async () => {
  const { sql, cut } = openPool();
  await sql`select 1`;
  const query = codeOf(sql`select pg_sleep(10)`);
  const ended = sql.end();
  await cut();
  expect(await query).toBe('CONNECTION_CLOSED');
  await ended;
});

test('a pool that is ended between two tries to connect makes no third', async () => {
  const server = net.createServer();
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The server does not listen.');
  await new Promise((resolve) => server.close(resolve));
  let waits = 0;
  const waiting = Promise.withResolvers<void>();
  const backoff = () => {
    waits += 1;
    if (waits === 2) waiting.resolve();
    return 0.3;
  };
  const sql = postgres(`postgres://me@127.0.0.1:${address.port}/db`, { max: 1, fetch_types: false, backoff });
  expect(await codeOf(sql.listen('channel', () => {}))).toBe('ECONNREFUSED');
  await waiting.promise;
  await sql.end({ timeout: 0 });
  let connections = 0;
  server.on('connection', (socket) => {
    connections += 1;
    socket.destroy();
  });
  await listen(address.port);
  await Bun.sleep(600);
  server.close();
  expect(connections).toBe(0);
});

test('a COPY that the server refuses fails, and the connection goes on', async () => {
  const { sql } = openPool();
  await sql`create temporary table numbers (n int)`;
  const target = await sql`copy numbers from stdin`.writable();
  const failed = new Promise((resolve) => target.once('error', resolve));
  target.end('none\n');
  expect(await failed).toMatchObject({ code: '22P02' });
  expect(await sql`select 1 as x`).toMatchObject([{ x: 1 }]);
  await sql.end();
});

test('a connection that is reset just after it was closed ends nothing', async () => {
  const { sql, cut, sockets } = openPool();
  await sql`select 1`;
  await cut();
  // An error that nobody listens to is thrown here, and ends a process where it comes from the network.
  sockets[0]?.emit('error', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  await sql.end({ timeout: 1 });
});

test('a connection that goes while the types of arrays are read ends nothing; the next one reads them', async () => {
  const { sql, sockets } = openPool({
    onSocket(socket) {
      if (sockets.length > 1) return;
      const write = socket.write.bind(socket);
      socket.write = (data: Uint8Array | string, ...rest: never[]) => {
        if (!String(data).includes('pg_catalog.pg_type')) return write(data, ...rest);
        socket.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
        return false;
      };
    },
  });
  expect(await codeOf(sql`select 1`)).toBe('ECONNRESET');
  expect(await sql`select array[1, 2] as x`).toMatchObject([{ x: [1, 2] }]);
  expect(sockets).toHaveLength(2);
  await sql.end();
});
