import type { DoubleOutput } from '../http/output';

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

/** How a create call is answered. Everything but `reset-after`, `stall` and `bad-gateway-after` is refused before a prediction exists. */
export type CreateFault =
  | { kind: 'status'; status: 401 | 402 | 404 | 413 | 500 | 502 | 503 }
  | { kind: 'input-invalid' }
  | { kind: 'version-invalid' }
  | { kind: 'throttled'; tell: 'body' | 'header' | 'text' | 'nothing'; seconds: number }
  | { kind: 'reset-before' }
  /** The prediction exists, its answer is lost. */
  | { kind: 'reset-after' }
  | { kind: 'bad-gateway-after' }
  | { kind: 'stall' };

export type PollFault = { kind: 'status'; status: 401 | 404 | 429 | 500 | 502 } | { kind: 'reset' };

/** The path that one prediction takes. */
export type PredictionScript = {
  /** Statuses in turn, one more for each poll; the last one stays. Default: processing, succeeded. */
  statuses?: PredictionStatus[];
  /** What the polls meet, in turn, before they are answered well again. */
  pollFaults?: PollFault[];
  error?: string;
  metrics?: Record<string, number>;
  /** Made when the prediction succeeds; inputs that are URLs were downloaded. */
  output?: DoubleOutput | ((inputs: Record<string, Uint8Array>) => Promise<DoubleOutput>);
  /** The form in which the output's URL stands in the prediction. */
  outputAs?: 'string' | 'array' | 'data-uri' | 'api-file';
  /** After success the output is removed at once, as the vendor does after an hour. */
  dataRemoved?: boolean;
};

export type Create = {
  id: string;
  model: string;
  input: Record<string, unknown>;
  cancelAfter: string | null;
  webhook: string | null;
};

export type WebhookChange = {
  forged?: boolean;
  /** Seconds added to the time it says it was signed at. */
  timeOffsetSeconds?: number;
  messageId?: string;
  /** Another secret than the account's. */
  secret?: string;
};
