import postgres from 'postgres';
import { errorMessage } from '../api/shared/errors';
import type { Log } from '../api/shared/log';

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
  const heartbeatChannel = `heartbeat_${crypto.randomUUID().replaceAll('-', '')}`;
  const subscriptions = new Set<Subscription>();
  let client = open();
  let echoed = true;
  let rebuilding = false;
  let closed = false;
  let ready: Promise<void> | null = null;
  let timer: ReturnType<typeof setInterval> | null = null;

  function open() {
    return postgres(url, {
      max: 1,
      fetch_types: false,
      connect_timeout: Math.ceil(heartbeatMs / 1000),
      connection: { application_name: 'songreel listener' },
    });
  }

  async function attach(subscription: Subscription): Promise<void> {
    await client.listen(
      subscription.channel,
      (payload) => subscriptions.has(subscription) && subscription.onMessage(payload),
      () => {
        if (subscriptions.has(subscription)) subscription.onConnected();
      },
    );
  }

  async function hearHeartbeat(): Promise<void> {
    await client.listen(heartbeatChannel, () => {
      echoed = true;
    });
  }

  async function rebuild(): Promise<void> {
    await client.end({ timeout: 0 });
    if (closed) return;
    client = open();
    await hearHeartbeat();
    for (const subscription of subscriptions) await attach(subscription);
    options.log.info({ channels: [...subscriptions].map((one) => one.channel) }, 'database_listening_again');
  }

  /** Nothing on a dead connection ever settles, so nothing here is waited for without a limit. */
  async function beat(): Promise<void> {
    if (rebuilding || closed) return;
    try {
      if (!echoed) {
        rebuilding = true;
        await withLimit(rebuild(), REBUILD_BEATS * heartbeatMs);
      }
    } catch (error) {
      options.log.warn({ error: errorMessage(error) }, 'database_listener_lost');
      return;
    } finally {
      rebuilding = false;
    }
    echoed = false;
    client.notify(heartbeatChannel, '').catch((error: unknown) => {
      if (!closed) options.log.warn({ error: errorMessage(error) }, 'database_listener_lost');
    });
  }

  return {
    async listen(channel, onMessage, onConnected) {
      ready ??= hearHeartbeat();
      try {
        await ready;
      } catch (error) {
        // The next call tries again, on a new connection.
        ready = null;
        await client.end({ timeout: 0 });
        client = open();
        throw error;
      }
      timer ??= setInterval(() => void beat(), heartbeatMs);
      const subscription = { channel, onMessage, onConnected };
      subscriptions.add(subscription);
      await attach(subscription);
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
      await client.end({ timeout: 1 });
    },
  };
}

function withLimit(work: Promise<void>, ms: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
