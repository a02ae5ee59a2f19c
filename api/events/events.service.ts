import type { StoredEvent } from '../contract/event.schema';
import { errorMessage } from '../shared/errors';
import { sparingWarnings } from '../shared/sparing-log';
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
/**
 * The streams of one project and their reads under way, by position. Every read here began after the latest
 * notification, so all streams that it woke share one: many people who watch one project cost the database
 * one read for each event.
 */
type Audience = { streams: Set<Stream>; reads: Map<number, Promise<StoredEvent[]>> };

/** Creates the event streams over a connection pool (see `Events`). Nothing runs before `subscribe`. */
export function createEvents(options: EventsOptions): Events {
  const { sql, log } = options;
  // Every open stream tries again each second.
  const warn = sparingWarnings(log);
  const pollMs = options.pollMs ?? DEFAULT_POLL_MS;
  const audiences = new Map<string, Audience>();
  const closing = new AbortController();
  let listening: Promise<{ close(): Promise<void> }> | null = null;

  function wake({ streams, reads }: Audience): void {
    reads.clear();
    for (const stream of streams) {
      stream.pending = true;
      stream.wake();
    }
  }

  function onNotify(payload: string): void {
    const message: unknown = JSON.parse(payload);
    if (typeof message !== 'object' || message === null || !('projectId' in message)) return;
    if (typeof message.projectId !== 'string') return;
    const audience = audiences.get(message.projectId);
    if (audience !== undefined) wake(audience);
  }

  function wakeAll(): void {
    for (const audience of audiences.values()) wake(audience);
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

  async function query(projectId: string, position: number): Promise<StoredEvent[]> {
    return sql<StoredEvent[]>`
      select position as id, project_id, type, payload from events
      where project_id = ${projectId} and position > ${position}
      order by position limit ${BATCH}`;
  }

  function read({ reads }: Audience, projectId: string, position: number): Promise<StoredEvent[]> {
    const begun = reads.get(position);
    if (begun !== undefined) return begun;
    const reading = query(projectId, position).finally(() => {
      if (reads.get(position) === reading) reads.delete(position);
    });
    reads.set(position, reading);
    return reading;
  }

  /** Repeats a read until it works, as long as the stream is wanted: streams outlive a database restart. */
  async function persist<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | null> {
    while (!signal.aborted) {
      try {
        return await work();
      } catch (error) {
        warn({ error: errorMessage(error) }, 'events_read_failed');
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
    const audience = audiences.get(projectId) ?? { streams: new Set(), reads: new Map() };
    audience.streams.add(self);
    audiences.set(projectId, audience);
    try {
      await ensureListening();
      const start = await persist(signal, () => findStart(projectId, afterId));
      if (start === null) return;
      if (afterId === undefined) yield { type: 'begin', id: start.position };
      if (start.reset) yield { type: 'reset' };
      let position = start.position;
      while (!signal.aborted) {
        self.pending = false;
        const events = await persist(signal, () => read(audience, projectId, position));
        for (const event of events ?? []) {
          if (signal.aborted) return;
          position = event.id;
          yield event;
        }
        if (events?.length === BATCH) continue;
        if (!self.pending) await sleep(pollMs, signal, self);
      }
    } finally {
      audience.streams.delete(self);
      if (audience.streams.size === 0) audiences.delete(projectId);
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
