import type { Sql, TransactionSql } from 'postgres';
import type { ProjectEvent, StoredEvent } from '../contract/event.schema';
import type { Log } from '../shared/log';

/**
 * What a subscriber gets: an event; word that events were lost and all must be read again; or, first
 * of all when it asked for no earlier events, after which event its stream begins: what is read from
 * the database from then on misses nothing.
 */
export type StreamItem = StoredEvent | { type: 'reset' } | { type: 'begin'; id: number };

/** Listens on a NOTIFY channel and keeps listening (db/listen.ts). */
export type Listen = (
  channel: string,
  onMessage: (payload: string) => void,
  onConnected: () => void,
) => Promise<{ close(): Promise<void> }>;

export type EventsOptions = {
  sql: Sql;
  listen: Listen;
  log: Log;
  /** How often streams look into the table by themselves, should a NOTIFY be lost. Default 15 s. */
  pollMs?: number;
};

/**
 * The event streams of projects: written in the transaction of the change that they tell of, read
 * in order by any process. The table is the truth, NOTIFY only wakes the readers.
 */
export type Events = {
  /**
   * Adds an event to the project's stream; readers see it when the transaction commits. May be called
   * at any point of the transaction: its number is given at commit, under a lock of the stream.
   */
  publish(tx: TransactionSql, projectId: string, event: ProjectEvent): Promise<void>;
  /**
   * The events after `afterId` (without it: from now on, after a `begin`), in order, none left out or repeated, until
   * `signal` aborts. `{ type: 'reset' }` comes first when events after `afterId` are no longer kept
   * or `afterId` is unknown: the reader must read the project again; the stream goes on from there.
   */
  subscribe(projectId: string, options: { afterId?: number; signal: AbortSignal }): AsyncIterable<StreamItem>;
  /** Deletes the events written before a time; resolves to their number. */
  prune(olderThan: Date): Promise<number>;
  /** Ends every subscription and stops listening. */
  close(): Promise<void>;
};
