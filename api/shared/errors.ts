import { JobCanceled } from './job-stops';
import { storable, storableText } from './text';

/**
 * The one error type of the house. `code` is for programs, `message` is for people and says what
 * is wrong and what to do, `status` is what HTTP answers. Only api/app.ts turns it into HTTP. Errors hold
 * words of requests, providers and programs and are stored with jobs, so their texts are made storable here.
 */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;
  /** Whether the same call may succeed later without anything being changed by a person. */
  readonly retryable: boolean;

  constructor(options: {
    code: string;
    status: number;
    message: string;
    details?: unknown;
    retryable?: boolean;
    cause?: unknown;
  }) {
    super(storableText(options.message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = options.code;
    this.code = options.code;
    this.status = options.status;
    this.details = storable(options.details);
    this.retryable = options.retryable ?? false;
  }
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
