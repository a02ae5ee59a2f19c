import type { DoubleOutput } from '../http/output';
import type { Scripted } from '../http/script.queue';

export type GenerationStatus =
  | 'PENDING'
  | 'PROCESSING'
  | 'COMPLETED'
  | 'FAILED'
  | 'REJECTED'
  | 'CANCELED'
  | 'TIMED_OUT'
  /** Anything else the vendor may think of later. */
  | (string & {});

export type GenerationInput = { type: string; url?: string; assetId?: string };

export type Generation = {
  id: string;
  createdAt: string;
  status: GenerationStatus;
  model: string;
  input: GenerationInput[];
  options: Record<string, unknown>;
  webhookUrl: string | null;
  outputUrl: string | null;
  outputMediaUrl: string | null;
  outputDuration: number | null;
  error: string | null;
  error_code: string | null;
};

export type Asked = { model: string; input: GenerationInput[]; options: Record<string, unknown> };

/**
 * How a create call is answered. `reset-after`, `bad-gateway-after`, `stall` and an accepted
 * `outcome-unknown` lose the answer of a generation that exists; with all others none exists.
 */
export type CreateFault =
  | {
      kind: 'status';
      status: 400 | 401 | 402 | 409 | 413 | 422 | 500 | 502 | 503 | 504;
      message?: string | string[];
    }
  | { kind: 'rate-limit'; retryAfterSeconds?: number }
  | { kind: 'concurrency-limit' }
  /** 503 `IDEMPOTENCY_OUTCOME_UNKNOWN`; `accepted`: the generation exists; `tellId`: and is named. */
  | { kind: 'outcome-unknown'; accepted: boolean; tellId: boolean }
  | { kind: 'reset-before' }
  | { kind: 'reset-after' }
  | { kind: 'bad-gateway-after' }
  | { kind: 'stall' };

export type PollFault = { kind: 'status'; status: 401 | 404 | 429 | 500 | 503 } | { kind: 'reset' };

/** The path that one generation takes. */
export type GenerationScript = Scripted<Asked> & {
  /** How its create call fails. */
  createFault?: CreateFault;
  /** Statuses in turn, one more for each poll; the last one stays. Default: PROCESSING, COMPLETED. */
  statuses?: GenerationStatus[];
  /** `advance`: only `advance(id)` and `finish(id)` change the status, polls don't. Default `poll`. */
  by?: 'poll' | 'advance';
  /**
   * What `?wait=true` does: `finish` answers when the path is at its end (default), `overrun` answers at
   * once as if the wait were over, `until-ended` holds the connection until the test ends the job.
   */
  hold?: 'finish' | 'overrun' | 'until-ended';
  pollFaults?: PollFault[];
  error?: string;
  errorCode?: string;
  /** `error_code` (default) or the older `errorCode`. */
  errorCodeAs?: 'error_code' | 'errorCode';
  /** Made when the generation is completed; `inputs` has `video` and `audio`. */
  output?:
    | DoubleOutput
    | ((inputs: Record<string, Uint8Array>, asked: Asked) => Promise<DoubleOutput> | DoubleOutput);
  /** Which field has the URL. Default `outputUrl`. */
  outputAs?: 'outputUrl' | 'outputMediaUrl' | 'both' | 'neither';
  outputDuration?: number;
  /** Overrules what the double thinks about the charge. */
  charged?: boolean;
};

/** An accepted create: a generation exists, whatever its caller got to know. */
export type Create = Asked & {
  id: string;
  idempotencyKey: string | null;
  /** How often the same key came again. */
  replays: number;
  multipart: boolean;
  webhook: string | null;
  at: Date;
  authorized: boolean;
  /** As it stands now: all but those rejected. */
  readonly charged: boolean;
};

export type WebhookChange = {
  /** The body is another one than was signed. */
  forged?: boolean;
  /** Seconds added to the time it says it was signed at; the signature is right. */
  timestampOffsetSeconds?: number;
  /** Another status than the generation has: an early or stale word. */
  status?: GenerationStatus;
  /** The same bytes twice. */
  duplicate?: boolean;
  /** Tries again, at once, until the answer is 2xx: how often at most. */
  retries?: number;
  secret?: string;
  omitSignature?: boolean;
};

export type Delivery = { id: string; status: number };
