import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { createLog } from '../api/shared/log';
import { createListener } from './listen';
import { createTestDatabase, type TestDatabase } from './test-database';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

const log = createLog('silent');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('hears its channels only, until it is closed', async () => {
  const listener = createListener(database.url, { log });
  const heard: string[] = [];
  const second = Promise.withResolvers<void>();
  const one = await listener.listen(
    'one',
    (payload) => heard.push(`one ${payload}`),
    () => heard.push('connected'),
  );
  await listener.listen(
    'two',
    () => second.resolve(),
    () => {},
  );
  await database.sql.notify('elsewhere', 'x');
  await database.sql.notify('one', 'x');
  await database.sql.notify('two', '');
  await second.promise;
  expect(heard).toEqual(['connected', 'one x']);
  await one.close();
  await database.sql.notify('one', 'y');
  await listener.close();
  expect(heard).toEqual(['connected', 'one x']);
});

test('a first try that fails is not the last', async () => {
  const target = new URL(database.url);
  const missing = new URL(database.url);
  missing.pathname = `${target.pathname}_later`;
  const listener = createListener(missing.href, { log, heartbeatMs: 200 });
  const listen = () =>
    listener.listen(
      'one',
      () => {},
      () => {},
    );
  await expect(listen()).rejects.toMatchObject({ code: '3D000' });
  await database.sql`create database ${database.sql(missing.pathname.slice(1))}`;
  await listen();
  await listener.close();
  await database.sql`drop database ${database.sql(missing.pathname.slice(1))} with (force)`;
});

test('a connection that goes dead without a word is replaced', async () => {
  const target = new URL(database.url);
  const sockets: Socket[] = [];
  const proxy = createServer((client) => {
    const server = openSocket(Number(target.port), '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => socket.destroy());
    sockets.push(client, server);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
  const address = proxy.address();
  if (typeof address !== 'object' || address === null) throw new Error('The proxy does not listen.');
  const through = new URL(database.url);
  through.port = String(address.port);

  let connected = 0;
  const again = Promise.withResolvers<void>();
  const heard = Promise.withResolvers<string>();
  const listener = createListener(through.href, { log, heartbeatMs: 200 });
  await listener.listen('one', heard.resolve, () => {
    connected++;
    if (connected === 2) again.resolve();
  });
  // From here on nothing goes through these connections, and nobody is told.
  for (const socket of sockets) socket.unpipe().pause();
  await again.promise;
  await database.sql.notify('one', 'still here');
  expect(await heard.promise).toBe('still here');
  await listener.close();
  proxy.close();
  for (const socket of sockets) socket.destroy();
});
