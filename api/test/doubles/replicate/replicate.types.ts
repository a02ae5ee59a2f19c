import type { DoubleOutput } from '../http/output';
import type { Scripted } from '../http/script.queue';

export type PredictionStatus =
  | 'starting'
  | 'processing'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'aborted'
  /** Anything else the vendor may think of later. */
  | (string & {});

export type Prediction = {
  id: string;
  model: string;
  version: string;
  input: Record<string, unknown>;
  output: unknown;
  logs: string;
  error: string | null;
  status: PredictionStatus;
  source: 'api';
  data_removed: boolean;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
  deadline: string | null;
  metrics: Record<string, number>;
  urls: { web: string; get: string; cancel: string };
};

/** What a create asked for. */
export type Asked = { model: string; input: Record<string, unknown> };

/**
 * How a create call is answered. `reset-after`, `bad-gateway-after` and `stall` lose the answer of a
 * prediction that exists; with all others none exists.
 */
export type CreateFault =
  | { kind: 'status'; status: 401 | 402 | 404 | 413 | 500 | 502 | 503 }
  | { kind: 'input-invalid' }
  | { kind: 'version-invalid' }
  /** The wait stands in `retry_after`, in the header, in the words, or nowhere. */
  | { kind: 'throttled'; tell: 'body' | 'header' | 'text' | 'nothing'; seconds: number }
  | { kind: 'reset-before' }
  | { kind: 'reset-after' }
  | { kind: 'bad-gateway-after' }
  | { kind: 'stall' };

export type PollFault = { kind: 'status'; status: 401 | 404 | 429 | 500 | 502 } | { kind: 'reset' };

/** The path that one prediction takes. */
export type PredictionScript = Scripted<Asked> & {
  /** How its create call fails. */
  createFault?: CreateFault;
  /** Statuses in turn, one more for each poll; the last one stays. Default: processing, succeeded. */
  statuses?: PredictionStatus[];
  /** `advance`: only `advance(id)` and `finish(id)` change the status, polls don't. Default `poll`. */
  by?: 'poll' | 'advance';
  /**
   * What `Prefer: wait` does: `finish` answers when the path is at its end (default), `overrun` answers
   * at once as if the wait were over, `until-ended` holds the connection until the test ends the job.
   */
  hold?: 'finish' | 'overrun' | 'until-ended';
  /** What the polls meet, in turn, before they are answered well again. */
  pollFaults?: PollFault[];
  /** Of a failed prediction. Default an E1000. */
  error?: string;
  logs?: string;
  metrics?: Record<string, number>;
  /** Made when the prediction succeeds; inputs that are URLs were downloaded. */
  output?:
    | DoubleOutput
    | ((inputs: Record<string, Uint8Array>, asked: Asked) => Promise<DoubleOutput> | DoubleOutput);
  /** The form in which the output's URL stands in the prediction. Default `string`. */
  outputAs?: 'string' | 'array' | 'data-uri' | 'api-file';
  /** After success the output is removed at once, as the vendor does after an hour. */
  dataRemoved?: boolean;
  /** Overrules what the double thinks about the charge. */
  charged?: boolean;
};

/** An accepted create: a prediction exists, whatever its caller got to know. */
export type Create = Asked & {
  id: string;
  /** Fields sent that the model's schema doesn't have. */
  unknownFields: string[];
  /** Replicate has no such key; here when somebody sends one all the same. */
  idempotencyKey: string | null;
  cancelAfter: string | null;
  webhook: string | null;
  webhookEvents: string[];
  at: Date;
  authorized: boolean;
  /** As it stands now: all but those aborted, or canceled before they started. */
  readonly charged: boolean;
};

export type WebhookEvent = 'start' | 'output' | 'logs' | 'completed';

export type WebhookChange = {
  /** `start` sends the prediction as it was when it began. Default: as it is now. */
  event?: WebhookEvent;
  /** The body is another one than was signed. */
  forged?: boolean;
  /** Seconds added to the time it says it was signed at; the signature is right. */
  timestampOffsetSeconds?: number;
  /** The same message twice, under one id. */
  duplicate?: boolean;
  /** Tries again, at once and under one id, until the answer is 2xx: how often at most. */
  retries?: number;
  messageId?: string;
  /** Another secret than the account's. */
  secret?: string;
  /** Puts a signature of another key before the good one, as while keys change. */
  severalSignatures?: boolean;
  omitHeaders?: ('webhook-id' | 'webhook-timestamp' | 'webhook-signature')[];
};

export type Delivery = { id: string; messageId: string; status: number };
