/** What a span says besides its name and times. */
export type Attributes = Record<string, string | number | boolean>;

export type Span = {
  /** Null where nothing is traced. */
  traceId: string | null;
  set(attributes: Attributes): void;
  rename(name: string): void;
  fail(message: string): void;
};

/** Tells a trace collector what takes how long; does nothing unless one is set. */
export type Tracing = {
  /** A span around `work`, inside the one that goes on or that `traceparent` (W3C) names. */
  span<Result>(
    name: string,
    options: { attributes?: Attributes; traceparent?: string | undefined; kind?: 'server' | 'internal' },
    work: (span: Span) => Promise<Result>,
  ): Promise<Result>;
  /** A span that has just ended, inside the one that goes on. */
  ended(name: string, seconds: number, attributes: Attributes): void;
  /** Sends what is left. Never throws. */
  close(): Promise<void>;
};

const noSpan: Span = { traceId: null, set: () => {}, rename: () => {}, fail: () => {} };

export const noTracing: Tracing = {
  span: (_name, _options, work) => work(noSpan),
  ended: () => {},
  close: async () => {},
};
