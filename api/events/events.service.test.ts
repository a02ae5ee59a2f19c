import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test';
import { connect, type Database } from '../../db/connect';
import { createListener, type Listener } from '../../db/listen';
import { createTestDatabase, type TestDatabase } from '../../db/test-database';
import type { ProjectEvent } from '../contract/event.schema';
import { createLog } from '../shared/log';
import { createEvents } from './events.service';
import type { Events, StreamItem } from './events.types';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

const log = createLog('silent');
let database: TestDatabase;
let sql: Database;
let listener: Listener;
let events: Events;
let project: string;
let end: AbortController;

beforeAll(async () => {
  database = await createTestDatabase();
  sql = database.sql;
});
afterAll(() => database.drop());

beforeEach(() => {
  listener = createListener(database.url, { log, heartbeatMs: 200 });
  // The poll is far away: what arrives in these tests was woken by NOTIFY or by listening again.
  events = createEvents({ sql, listen: listener.listen, log, pollMs: 60_000 });
  project = crypto.randomUUID();
  end = new AbortController();
});
afterEach(async () => {
  end.abort();
  await events.close();
  await listener.close();
});

const changed = (reason: string): ProjectEvent => ({ type: 'project.changed', payload: { reason } });
const publish = (reason: string, to = project) => sql.begin((tx) => events.publish(tx, to, changed(reason)));
const reasons = (items: StreamItem[]) =>
  items.map((item) => (item.type === 'project.changed' ? item.payload.reason : item.type));

async function take(stream: AsyncIterable<StreamItem>, count: number): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  for await (const item of stream) {
    items.push(item);
    if (items.length === count) break;
  }
  return items;
}

const ids = (items: StreamItem[]) => items.map((item) => ('id' in item ? item.id : 0));
const subscribe = (afterId?: number) =>
  events.subscribe(project, { ...(afterId === undefined ? {} : { afterId }), signal: end.signal });

test('replays what came after an id, then goes on live, for its project only', async () => {
  await publish('one');
  const [first] = await take(subscribe(0), 1);
  await publish('two');
  await publish('elsewhere', crypto.randomUUID());
  const live = take(subscribe(ids(first ? [first] : [])[0]), 3);
  await publish('three');
  await publish('four');
  expect(reasons(await live)).toEqual(['two', 'three', 'four']);
});

test('a stream without an id begins with what comes next', async () => {
  await publish('before');
  const [before] = await take(subscribe(0), 1);
  const iterator = subscribe()[Symbol.asyncIterator]();
  const begin: StreamItem = { type: 'begin', id: Number(ids(before ? [before] : [])[0]) };
  expect((await iterator.next()).value).toEqual(begin);
  const next = iterator.next();
  await streamWaits();
  await publish('after');
  expect((await next).value).toMatchObject({ type: 'project.changed', payload: { reason: 'after' } });
});

test('an event of a transaction that is rolled back is never seen', async () => {
  const rolledBack = sql.begin(async (tx) => {
    await events.publish(tx, project, changed('never'));
    throw new Error('rolled back');
  });
  await expect(rolledBack).rejects.toThrow('rolled back');
  await publish('seen');
  expect(reasons(await take(subscribe(0), 1))).toEqual(['seen']);
});

test('concurrent publishers: every reader sees every event once, in the same rising order', async () => {
  const publishers = connect(database.url, { max: 10 });
  const total = 300;
  const readers = [0, 1, 2].map(() => take(subscribe(0), total));
  await Promise.all(
    Array.from({ length: total }, (_, n) =>
      publishers.begin(async (tx) => {
        await events.publish(tx, project, changed(`${n}`));
        // Holds some transactions open after their publish, so that they commit out of order.
        if (n % 3 === 0) await tx`select pg_sleep(${(n % 7) / 1000})`;
      }),
    ),
  );
  const seen = await Promise.all(readers);
  await publishers.end();
  for (const items of seen) {
    const numbers = ids(items);
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
    expect(new Set(reasons(items)).size).toBe(total);
  }
});

test('publishing before or after locking rows does not deadlock', async () => {
  const row = crypto.randomUUID();
  await sql`insert into projects ${sql({ id: row, title: 't', mode: 'music-video', width: 128, height: 128, fps: 25 })}`;
  const publishThenLock = sql.begin(async (tx) => {
    await events.publish(tx, project, changed('first'));
    await tx`select pg_sleep(0.05)`;
    await tx`select 1 from projects where id = ${row} for update`;
  });
  const lockThenPublish = sql.begin(async (tx) => {
    await tx`select 1 from projects where id = ${row} for update`;
    await tx`select pg_sleep(0.1)`;
    await events.publish(tx, project, changed('second'));
  });
  await Promise.all([publishThenLock, lockThenPublish]);
  expect(reasons(await take(subscribe(0), 2)).sort()).toEqual(['first', 'second']);
});

test('a lost listening connection is replaced and nothing is missed', async () => {
  const live = take(subscribe(0), 2);
  await publish('one');
  await streamWaits();
  const killed = await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'songreel listener' and datname = current_database()`;
  expect(killed.length).toBeGreaterThan(0);
  await publish('two');
  expect(reasons(await live)).toEqual(['one', 'two']);
});

test('a listener whose connection cannot come back at once listens again later', async () => {
  const name = new URL(database.url).pathname.slice(1);
  const live = take(subscribe(0), 1);
  await streamWaits();
  // Nobody can connect for a while: postgres.js gives up listening, the heartbeat does not.
  const admin = new URL(database.url);
  admin.pathname = '/postgres';
  const control = connect(admin.href, { max: 1 });
  await control`alter database ${control(name)} allow_connections false`;
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'songreel listener' and datname = current_database()`;
  await Bun.sleep(500);
  await control`alter database ${control(name)} allow_connections true`;
  await control.end();
  await publish('back');
  expect(reasons(await live)).toEqual(['back']);
});

test('reset when events after the id are gone, or the id was never given out', async () => {
  for (const reason of ['one', 'two', 'three', 'four']) await publish(reason);
  const before = ids(await take(subscribe(0), 4));
  await sql`update events set created_at = now() - interval '2 days' where project_id = ${project} and position <= ${before[2] ?? 0}`;
  expect(await events.prune(new Date(Date.now() - 86_400_000))).toBe(2);

  expect(reasons(await take(subscribe(before[2]), 1))).toEqual(['four']);
  for (const lost of [before[0], 999_999_999]) {
    const stream = take(subscribe(lost), 2);
    await streamWaits();
    await publish('next');
    expect(reasons(await stream)).toEqual(['reset', 'next']);
  }
});

test('pruning a deleted project leaves nothing', async () => {
  await sql.begin((tx) => events.publish(tx, project, { type: 'project.deleted', payload: {} }));
  await events.prune(new Date(Date.now() + 1000));
  expect(await sql`select 1 from events where project_id = ${project}`).toHaveLength(0);
});

test('ends on abort and on close', async () => {
  const aborted = take(subscribe(0), 1);
  const closed = take(events.subscribe(project, { afterId: 0, signal: new AbortController().signal }), 1);
  await streamWaits();
  end.abort();
  expect(await aborted).toEqual([]);
  await events.close();
  expect(await closed).toEqual([]);
});

test('a backlog longer than a batch comes whole and in order to a slow reader', async () => {
  const count = 250;
  await sql.begin(async (tx) => {
    for (let n = 0; n < count; n++) await events.publish(tx, project, changed(`${n}`));
  });
  const seen: StreamItem[] = [];
  for await (const item of subscribe(0)) {
    seen.push(item);
    if (seen.length % 100 === 0) await Bun.sleep(5);
    if (seen.length === count) break;
  }
  expect(reasons(seen)).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
});

test('events published by another process arrive', async () => {
  const live = take(subscribe(0), 1);
  await streamWaits();
  const script = `
    import { connect } from '${import.meta.dir}/../../db/connect';
    import { createEvents } from '${import.meta.dir}/events.service';
    const sql = connect(process.argv[1] ?? '');
    const events = createEvents({ sql, listen: async () => ({ close: async () => {} }), log: console });
    await sql.begin((tx) => events.publish(tx, process.argv[2], { type: 'project.changed', payload: { reason: 'other process' } }));
    await sql.end();`;
  const child = Bun.spawn([process.execPath, '-e', script, database.url, project], { stderr: 'inherit' });
  expect(await child.exited).toBe(0);
  expect(reasons(await live)).toEqual(['other process']);
});

/** Resolves when the listener is connected and the streams have read what there is. */
async function streamWaits(): Promise<void> {
  for (;;) {
    const rows = await sql`
      select 1 from pg_stat_activity where application_name = 'songreel listener'
      and datname = current_database() and query like 'listen %' and state = 'idle'`;
    if (rows.length > 0) break;
    await Bun.sleep(5);
  }
  await Bun.sleep(30);
}

test('streams of one project share their reads, and each gets everything in order', async () => {
  let queries = 0;
  const counted = new Proxy(sql, {
    apply(target, self, parameters) {
      queries += 1;
      return Reflect.apply(target, self, parameters);
    },
  });
  const shared = createEvents({ sql: counted, listen: listener.listen, log, pollMs: 60_000 });
  const [people, changes] = [40, 25];
  const begun = Promise.withResolvers<void>();
  let begins = 0;
  const streams = Array.from({ length: people }, async () => {
    const items: StreamItem[] = [];
    for await (const item of shared.subscribe(project, { signal: end.signal })) {
      items.push(item);
      if (items.length === 1 && ++begins === people) begun.resolve();
      if (items.length === changes + 1) break;
    }
    return reasons(items);
  });
  await begun.promise;
  const before = queries;
  for (let number = 1; number <= changes; number++) await publish(String(number));
  const expected = ['begin', ...Array.from({ length: changes }, (_, index) => String(index + 1))];
  expect(await Promise.all(streams)).toEqual(Array.from({ length: people }, () => expected));
  // Each on its own would be a thousand; one an event and a few that ran into each other are enough.
  expect(queries - before).toBeLessThan(changes * 8);
  await shared.close();
});

test('a read that began before the word of an event is not shared by those whom it wakes', async () => {
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let holdNext = false;
  let read = Promise.withResolvers<void>();
  const slow = new Proxy(sql, {
    apply(target, self, parameters) {
      const result: Promise<unknown> = Reflect.apply(target, self, parameters);
      if (!String(parameters[0]).includes('position >')) return result;
      if (!holdNext) {
        return result.then((rows) => {
          read.resolve();
          return rows;
        });
      }
      holdNext = false;
      return result.then(async (rows) => {
        held.resolve();
        await release.promise;
        return rows;
      });
    },
  });
  // A busy machine misses short heartbeats: listening again wakes every stream, and the first one is held.
  const calm = createListener(database.url, { log, heartbeatMs: 60_000 });
  const shared = createEvents({ sql: slow, listen: calm.listen, log, pollMs: 60_000 });
  const open = () => shared.subscribe(project, { signal: end.signal })[Symbol.asyncIterator]();
  const first = open();
  expect((await first.next()).value).toMatchObject({ type: 'begin' });
  read = Promise.withResolvers<void>();
  const next = first.next();
  // Found by that read, its word would come later and lead to one more read.
  await read.promise;
  await publish('before');
  expect((await next).value).toMatchObject({ payload: { reason: 'before' } });
  const waiting = first.next();
  holdNext = true;
  const second = open();
  expect((await second.next()).value).toMatchObject({ type: 'begin' });
  const late = second.next();
  await held.promise;
  await publish('after');
  expect((await waiting).value).toMatchObject({ payload: { reason: 'after' } });
  release.resolve();
  expect((await late).value).toMatchObject({ payload: { reason: 'after' } });
  await shared.close();
  await calm.close();
});
