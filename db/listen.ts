import postgres from 'postgres';
import { everyInBackground } from '../api/shared/background';
import { errorMessage } from '../api/shared/errors';
import type { Log } from '../api/shared/log';
import { driverAddress } from './database-url';

/**
 * Listens on a channel of PostgreSQL's NOTIFY. `onMessage` gets each payload. `onConnected` runs each
 * time listening starts or starts again after a lost connection: messages may have been missed
 * before it, so whoever needs them all reads the tables then. Resolves once listening.
 */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;

export type Listener = { listen: Listen; close(): Promise<void> };

type Subscription = { channel: string; onMessage: (payload: string) => void; onConnected: () => void };

/** One connection and what listens on it. */
type Connection = { sql: postgres.Sql; attached: Set<Subscription> };

/** A new connection that takes longer than this many heartbeats is given up for another. */
const REBUILD_BEATS = 3;

/**
 * One connection that listens for the whole process and is never silently deaf.
 *
 * postgres.js listens again when its connection breaks, but it does not notice one that is dead without
 * a word (a firewall forgot it, the other machine is gone), and waits longer and longer while the
 * server is away. So the listener sends itself a NOTIFY every `heartbeatMs` and builds a new connection
 * when the last one did not arrive. Default 5 s: the time for which a message may be late then.
 */
export function createListener(url: string, options: { log: Log; heartbeatMs?: number }): Listener {
  const heartbeatMs = options.heartbeatMs ?? 5000;
  const address = driverAddress(url);
  const heartbeatChannel = `heartbeat_${crypto.randomUUID().replaceAll('-', '')}`;
  const subscriptions = new Set<Subscription>();
  let current = open();
  let echoed = true;
  let rebuilding = false;
  let closed = false;
  let ready: Promise<void> | null = null;
  let timer: ReturnType<typeof setInterval> | null = null;

  function open(): Connection {
    const sql = postgres(address.url, {
      ...address.options,
      max: 1,
      fetch_types: false,
      connect_timeout: Math.ceil(heartbeatMs / 1000),
      connection: { application_name: 'songreel listener' },
    });
    return { sql, attached: new Set() };
  }

  /** Puts a new connection in the place of one, unless another did already, so that none is left over. */
  async function replace(old: Connection): Promise<Connection> {
    if (current === old && !closed) current = open();
    const next = current;
    await old.sql.end({ timeout: 0 });
    return next;
  }

  async function attach(connection: Connection, subscription: Subscription): Promise<void> {
    // A connection that was given up would open another of its own for this.
    if (connection !== current || closed || connection.attached.has(subscription)) return;
    connection.attached.add(subscription);
    await connection.sql.listen(
      subscription.channel,
      (payload) => subscriptions.has(subscription) && subscription.onMessage(payload),
      () => {
        if (subscriptions.has(subscription)) subscription.onConnected();
      },
    );
  }

  async function hearHeartbeat(connection: Connection): Promise<void> {
    if (connection !== current || closed) return;
    await connection.sql.listen(heartbeatChannel, () => {
      echoed = true;
    });
  }

  async function rebuild(): Promise<void> {
    const connection = await replace(current);
    await hearHeartbeat(connection);
    for (const subscription of subscriptions) await attach(connection, subscription);
    if (connection !== current || closed) return;
    options.log.info({ channels: [...subscriptions].map((one) => one.channel) }, 'database_listening_again');
  }

  function warn(error: unknown): void {
    if (!closed) options.log.warn({ error: errorMessage(error) }, 'database_listener_lost');
  }

  /** Never rejects. Nothing on a dead connection ever settles, so nothing is waited for without a limit. */
  async function beat(): Promise<void> {
    if (rebuilding || closed) return;
    try {
      if (!echoed) {
        rebuilding = true;
        await withLimit(rebuild(), REBUILD_BEATS * heartbeatMs);
      }
    } catch (error) {
      warn(error);
      return;
    } finally {
      rebuilding = false;
    }
    if (closed) return;
    echoed = false;
    const connection = current;
    connection.sql.notify(heartbeatChannel, '').catch((error: unknown) => {
      if (connection === current) warn(error);
    });
  }

  return {
    async listen(channel, onMessage, onConnected) {
      if (closed) throw new Error('The listener is closed.');
      ready ??= hearHeartbeat(current);
      const first = current;
      try {
        await ready;
      } catch (error) {
        // The next call tries again, on a new connection.
        ready = null;
        await replace(first);
        throw error;
      }
      if (!closed) timer ??= everyInBackground(heartbeatMs, options.log, 'database_listener_lost', beat);
      const subscription = { channel, onMessage, onConnected };
      subscriptions.add(subscription);
      try {
        await attach(current, subscription);
      } catch (error) {
        subscriptions.delete(subscription);
        throw error;
      }
      return {
        async close() {
          subscriptions.delete(subscription);
        },
      };
    },
    async close() {
      closed = true;
      subscriptions.clear();
      if (timer) clearInterval(timer);
      await current.sql.end({ timeout: 1 });
    },
  };
}

function withLimit(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
