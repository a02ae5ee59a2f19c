import { createParser } from 'eventsource-parser';
import type { ProjectEvent } from '#contract/event.schema';
import { api } from '#lib/api/client.ts';
import { ApiError } from '#lib/api/errors.ts';
import { connection } from './connection.svelte.ts';

/** First and longest pause before trying again; it doubles in between and varies by half. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** The server says something every 15 s; after two and a half of that the connection is dead. */
const SILENCE_MS = 38_000;
/** A page nobody sees gives its connection back: browsers allow six to one server, over all tabs. */
const HIDDEN_MS = 30_000;

export type StreamHandlers = {
  onevent(event: ProjectEvent): void;
  /** All must be read again: the stream begins, or events were lost. */
  onstale(): void;
  /** The stream is refused for good: the project is gone, or a token is needed. */
  onrefused(error: ApiError): void;
};

/** How long to wait before attempt `attempt` (1 = the first repetition), in milliseconds. */
export function retryDelay(attempt: number, random: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attempt - 1)) * (0.75 + random / 2);
}

/**
 * The event stream of a project. It connects again by itself, asks for what it missed with
 * `Last-Event-ID`, and rests while the page is hidden. Not an EventSource, because that gives no
 * say in when it tries again, nor tells why it was refused.
 */
export class EventStream {
  /** `lost` after a connection that had been there, or could not be made, is being tried again. */
  status = $state<'connecting' | 'open' | 'lost' | 'resting' | 'closed'>('connecting');
  readonly #events = api.projects[':projectId'].events;
  readonly #param: { projectId: string };
  readonly #url: string;
  readonly #handlers: StreamHandlers;
  #lastEventId: string | null = null;
  #failures = 0;
  readonly #forgetRetry: () => void;
  #connection: AbortController | null = null;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #hiddenTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(projectId: string, handlers: StreamHandlers) {
    this.#param = { projectId };
    this.#url = this.#events.$path({ param: this.#param });
    this.#handlers = handlers;
    document.addEventListener('visibilitychange', this.#onVisibility);
    window.addEventListener('online', this.retryNow);
    this.#forgetRetry = connection.onRetry(this.retryNow);
    void this.#connect();
  }

  close(): void {
    this.status = 'closed';
    document.removeEventListener('visibilitychange', this.#onVisibility);
    window.removeEventListener('online', this.retryNow);
    this.#forgetRetry();
    connection.set(this.#url, 'fine');
    this.#stop();
  }

  /** Tries again at once when the connection is lost. */
  retryNow = (): void => {
    if (this.status !== 'lost') return;
    clearTimeout(this.#retryTimer);
    void this.#connect();
  };

  #stop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#hiddenTimer);
    this.#connection?.abort();
    this.#connection = null;
  }

  #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.status = 'resting';
        this.#stop();
      }, HIDDEN_MS);
    } else if (this.status === 'resting') {
      this.status = 'connecting';
      void this.#connect();
    }
  };

  async #connect(): Promise<void> {
    const current = new AbortController();
    this.#connection?.abort();
    this.#connection = current;
    const { signal } = current;
    try {
      await this.#read(signal, () => current.abort());
    } catch (error) {
      // Every way to lose a connection ends here and is treated alike; bugs must not hide among them.
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error;
    }
    if (this.#connection !== current || this.status === 'closed' || this.status === 'resting') return;
    this.#failures += 1;
    // A single hiccup, such as a restart of the server, isn't worth a banner.
    this.status = this.#failures > 1 || this.#lastEventId === null ? 'lost' : 'connecting';
    if (this.status === 'lost') connection.set(this.#url, 'lost');
    this.#retryTimer = setTimeout(() => void this.#connect(), retryDelay(this.#failures, Math.random()));
  }

  /** The stream; null when it can't be had, now or at all. */
  async #open(signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null> {
    try {
      const response = await this.#events.$get(
        {
          param: this.#param,
          header: this.#lastEventId === null ? {} : { 'Last-Event-ID': this.#lastEventId },
        },
        { headers: { Accept: 'text/event-stream' }, init: { signal } },
      );
      return response.body;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status >= 400 && error.status < 500) {
        this.close();
        this.#handlers.onrefused(error);
      }
      return null;
    }
  }

  /** Reads the stream until it ends. */
  async #read(signal: AbortSignal, hangUp: () => void): Promise<void> {
    const body = await this.#open(signal);
    if (body === null) return;
    this.#failures = 0;
    this.status = 'open';
    connection.set(this.#url, 'fine');
    const parser = createParser({ onEvent: ({ event, id, data }) => this.#take(event, id, data) });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (;;) {
      const silence = setTimeout(hangUp, SILENCE_MS);
      const { value, done } = await reader.read().finally(() => clearTimeout(silence));
      if (done || signal.aborted) return;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  }

  #take(type: string | undefined, id: string | undefined, data: string): void {
    if (id !== undefined) this.#lastEventId = id;
    switch (type) {
      case 'begin':
      case 'reset':
        this.#handlers.onstale();
        return;
      case 'job':
      case 'project.changed':
      case 'project.deleted':
        // The contract says what the payload of each type is, and both halves are of one version.
        this.#handlers.onevent({ type, payload: JSON.parse(data) });
        return;
      default:
      // A newer studio may say more than this page understands.
    }
  }
}
