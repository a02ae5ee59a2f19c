import type { StoredEvent } from '../contract/event.schema';
import { errorMessage } from '../shared/errors';
import type { Events, EventsOptions, StreamItem } from './events.types';

/** The channel on which the trigger of the table `events` tells of each new event. */
const CHANNEL = 'songreel_events';
/** Rows read at once: what a slow reader holds in memory is at most this many events. */
const BATCH = 100;
const DEFAULT_POLL_MS = 15_000;
/** Pause after a failed read, while the database is away. */
const RETRY_MS = 1000;

/** Wakes one stream; a wake-up that comes while it reads is not lost. */
type Stream = { pending: boolean; wake: () => void };

/** Creates the event streams over a connection pool (see `Events`). Nothing runs before `subscribe`. */
export function createEvents(options: EventsOptions): Events {
  const { sql, log } = options;
  const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
  const streams = new Map<string, Set<Stream>>();
  const closing = new AbortController();
  let listening: Promise<{ close(): Promise<void> }> | null = null;

  function wake(stream: Stream): void {
    stream.pending = true;
    stream.wake();
  }

  function onNotify(payload: string): void {
    const message: unknown = JSON.parse(payload);
    if (typeof message !== 'object' || message === null || !('projectId' in message)) return;
    if (typeof message.projectId !== 'string') return;
    for (const stream of streams.get(message.projectId) ?? []) wake(stream);
  }

  function wakeAll(): void {
    for (const set of streams.values()) for (const stream of set) wake(stream);
  }

  async function ensureListening(): Promise<void> {
    listening ??= options.listen(CHANNEL, onNotify, wakeAll);
    try {
      await listening;
    } catch (error) {
      // The next stream tries again; this one polls.
      listening = null;
      log.warn({ error: errorMessage(error) }, 'events_not_listening');
    }
  }

  /** Where a stream begins, and whether events between `afterId` and there are lost. */
  async function findStart(projectId: string, afterId: number | undefined) {
    const [bounds] = await sql<{ oldest: number | null; newest: number | null }[]>`
      select min(position) as oldest, max(position) as newest from events where project_id = ${projectId}`;
    const oldest = bounds?.oldest ?? 0;
    const newest = bounds?.newest ?? 0;
    if (afterId === undefined) return { position: newest, reset: false };
    // `prune` always leaves the newest event that it could delete: an older `afterId` has a gap after it.
    const known = afterId === 0 || (afterId >= oldest && afterId <= newest);
    return known ? { position: afterId, reset: false } : { position: newest, reset: true };
  }

  function read(projectId: string, position: number) {
    return sql<StoredEvent[]>`
      select position as id, project_id, type, payload from events
      where project_id = ${projectId} and position > ${position}
      order by position limit ${BATCH}`;
  }

  /** Repeats a read until it works, as long as the stream is wanted: streams outlive a database restart. */
  async function persist<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    while (!signal.aborted) {
      try {
        return await work();
      } catch (error) {
        log.warn({ error: errorMessage(error) }, 'events_read_failed');
        await sleep(RETRY_MS, signal);
      }
    }
    return null;
  }

  async function* stream(
    projectId: string,
    afterId: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<StreamItem, void, void> {
    const self: Stream = { pending: false, wake: () => {} };
    const set = streams.get(projectId) ?? new Set();
    streams.set(projectId, set.add(self));
    try {
      await ensureListening();
      const start = await persist(signal, () => findStart(projectId, afterId));
      if (start === null) return;
      if (afterId === undefined) yield { type: 'begin', id: start.position };
      if (start.reset) yield { type: 'reset' };
      let position = start.position;
      while (!signal.aborted) {
        self.pending = false;
        const events = await persist(signal, () => read(projectId, position));
        for (const event of events ?? []) {
          if (signal.aborted) return;
          position = event.id;
          yield event;
        }
        if (events?.length === BATCH) continue;
        if (!self.pending) await sleep(pollMs, signal, self);
      }
    } finally {
      set.delete(self);
      if (set.size === 0) streams.delete(projectId);
    }
  }

  return {
    async publish(tx, projectId, event) {
      await tx`
        insert into events (project_id, type, payload)
        values (${projectId}, ${event.type}, ${JSON.stringify(event.payload)}::text::jsonb)`;
    },

    subscribe(projectId, { afterId, signal }) {
      return stream(projectId, afterId, AbortSignal.any([signal, closing.signal]));
    },

    async prune(olderThan) {
      // Per stream, everything up to the newest old event goes, except that one: it marks the gap.
      const deleted = await sql`
        with old as (
          select project_id, max(position) as position from events
          where created_at < ${olderThan} group by project_id
        )
        delete from events using old
        where events.project_id = old.project_id
          and (events.position < old.position
            or (events.position = old.position and events.type = 'project.deleted'))`;
      return deleted.count;
    },

    async close() {
      closing.abort();
      const subscription = await listening?.catch(() => null);
      await subscription?.close();
    },
  };
}

/** Waits until the time is over, the signal aborts or the stream is woken. */
function sleep(ms: number, signal: AbortSignal, stream?: Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      if (stream) stream.wake = () => {};
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (stream) stream.wake = done;
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
