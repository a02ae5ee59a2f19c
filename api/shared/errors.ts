import {
  type DetailsOf,
  type ErrorCode,
  errorCatalogue,
  isErrorCode,
  type StatedBy,
} from '../contract/error.catalogue';
import type { ErrorEntry } from '../contract/error.entry';
import { JobCanceled } from './job-stops';
import { storable, storableText } from './text';

type Flat<T> = { [Key in keyof T]: T[Key] };

/**
 * What makes an error of each code: its details have the type that the catalogue gives them, and status and
 * retryability are stated only where they don't follow from the code.
 */
type OptionsByCode = {
  [Code in ErrorCode]: Flat<
    { code: Code; message: string; cause?: unknown } & StatedBy<Code> &
      (DetailsOf<Code> extends undefined
        ? unknown
        : undefined extends DetailsOf<Code>
          ? { details?: DetailsOf<Code> }
          : { details: DetailsOf<Code> })
  >;
};
export type AppErrorOptions<Code extends ErrorCode = ErrorCode> = OptionsByCode[Code];

/** The same for any code, as it is read. */
type AnyOptions = {
  code: ErrorCode;
  message: string;
  details?: unknown;
  status?: number;
  retryable?: boolean;
  cause?: unknown;
};

/**
 * The one error type of the house. `code` is for programs, `message` is for people and says what
 * is wrong and what to do, `status` is what HTTP answers; what follows from the code is in the catalogue
 * (api/contract/error.catalogue.ts). Only api/app.ts turns it into HTTP. Errors hold words of requests,
 * providers and programs and are stored with jobs, so their texts are made storable here.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: unknown;
  /** Whether the same call may succeed later without anything being changed by a person. */
  readonly retryable: boolean;

  constructor(options: AppErrorOptions) {
    const { code, message, cause, ...stated }: AnyOptions = options;
    super(storableText(message), cause === undefined ? undefined : { cause });
    const entry: ErrorEntry = errorCatalogue[code];
    this.name = code;
    this.code = code;
    this.status = typeof entry.status === 'number' ? entry.status : (stated.status ?? 500);
    this.details = storable(stated.details);
    this.retryable = entry.retryable === 'sometimes' ? stated.retryable === true : entry.retryable === true;
  }
}

/**
 * An error as another process told it or as a job has stored it: all stays as it was told. A code that this
 * version does not know is an `InternalError` to programs.
 */
export class RelayedError extends AppError {
  override readonly code: ErrorCode;
  override readonly status: number;
  override readonly details: unknown;
  override readonly retryable: boolean;

  constructor(told: {
    code: string;
    status: number;
    message: string;
    details?: unknown;
    retryable: boolean;
  }) {
    super({ code: 'InternalError', message: told.message });
    this.code = isErrorCode(told.code) ? told.code : 'InternalError';
    this.name = this.code;
    this.status = told.status;
    this.details = storable(told.details);
    this.retryable = told.retryable;
  }
}

/** Whether something thrown is an error of this code; its details are then known. */
export function hasCode<Code extends ErrorCode>(
  thrown: unknown,
  code: Code,
): thrown is AppError & { readonly code: Code; readonly details: DetailsOf<Code> } {
  return thrown instanceof AppError && thrown.code === code;
}

/** The text of anything thrown, as it can be stored; for logs and for wrapping into an AppError. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') {
    return [...new Set(thrown.errors.map(errorMessage))].join('; ');
  }
  const isTold = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return storableText(isTold && typeof thrown.message === 'string' ? thrown.message : String(thrown));
}

/** True for the rejection that an aborted signal causes, whoever threw it. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'AbortError' || thrown instanceof JobCanceled);
}
