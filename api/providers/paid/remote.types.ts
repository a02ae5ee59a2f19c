import type { Charged, ProviderName } from '../../contract/provider.schema';
import type { AppError } from '../../shared/errors';
import type { ProviderCall } from '../provider.types';
import type { AccountLimiter } from './account-limiter';

/** Where an output is: a URL with what it needs, or the bytes themselves (a `data:` URI). */
export type OutputPlace = { url: string; headers: Record<string, string> } | { bytes: Uint8Array };

/** How a create call was answered. Only `unsure` leaves open whether something was created. */
export type CreateAnswer =
  | { kind: 'accepted'; remoteId: string }
  | { kind: 'refused'; charged: 'no' | 'unknown'; error: AppError }
  /** Not created: may be sent again after that long; null when no time was told. */
  | { kind: 'throttled'; waitMs: number | null; reason: string }
  | { kind: 'unsure'; reason: string };

/** What a poll tells. */
export type ReadAnswer =
  | { kind: 'waiting'; started: boolean }
  | {
      kind: 'succeeded';
      /** Empty: the provider has deleted it. */
      outputs: OutputPlace[];
      /** Length of the output, when the provider tells it. */
      seconds: number | null;
    }
  | { kind: 'ended'; state: 'failed' | 'canceled'; charged: Charged; error: AppError }
  /** The provider says there is no such job. */
  | { kind: 'missing' }
  /** It was refused for good (token, permission): polling on is no use. */
  | { kind: 'refused'; error: AppError }
  /** No usable answer this time. */
  | { kind: 'lost'; reason: string; waitMs: number | null };

/** What became of a call whose answer never came. */
export type Recovery =
  | { kind: 'found'; remoteId: string }
  /** The same call may be sent again: the provider knows it by its key. */
  | { kind: 'repeat' }
  | { kind: 'none' }
  /** Could not be asked. */
  | { kind: 'lost'; reason: string };

/** A vendor's API as the paid loop needs it. No method repeats a call by itself. */
export type RemoteApi = {
  readonly provider: ProviderName;
  /** Where people see their jobs at the vendor. */
  readonly dashboard: string;
  readonly limiter: AccountLimiter;
  create(
    call: ProviderCall,
    body: Record<string, unknown>,
    options: { secondsLeft: number; webhookUrl: string | null },
  ): Promise<CreateAnswer>;
  recover(call: ProviderCall, signal: AbortSignal): Promise<Recovery>;
  read(remoteId: string, signal: AbortSignal): Promise<ReadAnswer>;
  /** Stops a job; true when the provider took it. Null: the vendor has no such call. */
  readonly cancel: ((remoteId: string, signal: AbortSignal) => Promise<boolean>) | null;
};
