import type { JobStage } from '../contract/job.schema';
import type { Charged, ProviderKind, ProviderName } from '../contract/provider.schema';
import type { Log } from '../shared/log';

/** A create call at a provider that costs money, as the database remembers it. */
export type ProviderCall = {
  id: string;
  /** The same for every repetition of this call, another one for a call that people asked for anew. */
  idempotencyKey: string;
  provider: ProviderName;
  model: string;
  /**
   * `intended`: about to be sent, or sent by a process that died before the answer. `accepted`: the
   * provider's id is known. `unknown`: sent, and the answer never came.
   */
  state: 'intended' | 'accepted' | 'unknown';
  remoteId: string | null;
  /** What was sent, without secrets and without URLs that expire: to recognise it in a list. */
  request: Record<string, unknown>;
  intendedAt: Date;
};

export type CallEnd = {
  state: 'refused' | 'unknown' | 'succeeded' | 'failed' | 'canceled';
  charged: Charged;
  /** Actual cost when the provider tells it; the estimate counts otherwise when `charged` is yes. */
  costUsd?: number;
  message?: string;
};

/**
 * The paid calls of one job, kept in the database so that nothing is ever paid twice. The order is
 * always: `open()` (is there one to go on with?), `intend`, the HTTP call, `accepted` at once with the
 * provider's id, polling, `end`.
 */
export type PaidCalls = {
  /** The call of this job that has not ended, made by an earlier run that died or lost its connection. */
  open(): Promise<ProviderCall | null>;
  /**
   * Writes down that a call is about to be sent. Refuses when the project's budget would be passed.
   * @throws AppError 409 `BudgetExceeded`, 409 `CallStillOpen`
   */
  intend(call: {
    kind: ProviderKind;
    provider: ProviderName;
    model: string;
    request: Record<string, unknown>;
    estimatedUsd: number | null;
  }): Promise<ProviderCall>;
  /** Stores the provider's id: from now on the call is polled and never sent again. */
  accepted(callId: string, remoteId: string): Promise<void>;
  /** Its answer never came; it stays open so that a later run can look for it at the provider. */
  unsure(callId: string, message: string): Promise<void>;
  /** It is charged for certain, although its result could not be had yet: it stays open. */
  charged(callId: string): Promise<void>;
  /** Ends it. An `unknown` end is put before people: nothing sends it again by itself. */
  end(callId: string, outcome: CallEnd): Promise<void>;
};

/** What every provider gets for one run. */
export type ProviderContext = {
  /** Aborted when the job is canceled (reason: JobCanceled) or this process stops (JobInterrupted). */
  signal: AbortSignal;
  progress(stage: JobStage, fraction: number): void;
  log: Log;
  calls: PaidCalls;
  /** Resolves when a webhook spoke of the remote job, else after `ms`; rejects when `signal` aborts. */
  waitForWebhook(remoteId: string, ms: number, signal: AbortSignal): Promise<void>;
  /**
   * Puts a local file where the provider can fetch it and gives a presigned URL that lives that long;
   * the object goes when the job ends.
   * @throws AppError 503 `InputNotReachable` when the studio's S3 can't be reached from outside
   */
  share(file: { path: string; contentType: string }, lifeSeconds: number): Promise<string>;
  /** Where the provider sends word of the job, when the studio has a public address. */
  webhookUrl: string | null;
  /**
   * True: a call that succeeded stays open, and the caller ends it with `outcome.unended` when the result
   * is stored (best in the same transaction). A process killed in between then fetches the result again
   * instead of paying again. Left out: the provider ends it as soon as the result is on disk.
   */
  endsCallsWhenStored?: boolean;
};

/** Downloads what a URL names through the guarded fetch (api/storage) into a file. */
export type FetchToFile = (
  url: string,
  path: string,
  options: { maxBytes: number; signal: AbortSignal; headers?: Record<string, string> },
) => Promise<{ bytes: number; contentType: string | null }>;

/** What every finished run tells. */
export type ProviderOutcome = {
  /** The model that made it, for the record of the take. */
  model: string;
  /** Options this provider has no means to honour; told to the caller, never dropped in silence. */
  ignoredOptions: string[];
  /** What it did, for people; plain JSON, no secrets. */
  report: Record<string, unknown>;
  /** Actual or computed cost in US dollars; 0 for local ones, null when no price is known. */
  costUsd: number | null;
  /** The call that the caller has to end; only with `endsCallsWhenStored`. */
  unended?: { callId: string; end: CallEnd };
};

/** What is common to the providers of all kinds. */
export type ProviderDescription = {
  readonly name: ProviderName;
  /** As it is named in prices, takes and the page: `sync/lipsync-2-pro`, `local`. */
  readonly model: string;
  /** Names of the kind's options that it honours. */
  readonly options: readonly string[];
  /** True when it keeps this machine's processor busy; false when it only waits for another one. */
  readonly usesThisMachine: boolean;
};
