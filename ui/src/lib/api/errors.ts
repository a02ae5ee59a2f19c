import type { ErrorBody } from '#contract/error.schema';

/**
 * What went wrong with a call, from the API's own words. `status` 0: it could not be reached.
 * `code` is for programs (`SceneBusy`), `message` for people.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'ApiError';
    this.code = body.error;
    this.status = status;
    this.details = body.details;
  }

  /** A field of `details`, when it is text: for example the `jobId` in the way. */
  detail(name: string): string | null {
    const value = this.#field(name);
    return typeof value === 'string' ? value : null;
  }

  /** A field of `details`, when it is a number: for example `retryAfterSeconds`. */
  number(name: string): number | null {
    const value = this.#field(name);
    return typeof value === 'number' ? value : null;
  }

  #field(name: string): unknown {
    const { details } = this;
    return typeof details === 'object' && details !== null ? Reflect.get(details, name) : undefined;
  }
}

function isErrorBody(value: unknown): value is ErrorBody {
  return (
    typeof value === 'object' &&
    value !== null &&
    'error' in value &&
    typeof value.error === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

/** The error of an answer's text: the API's own, or a plain one when something else answered. */
export function errorOf(status: number, text: string): ApiError {
  try {
    const body: unknown = JSON.parse(text);
    if (isErrorBody(body)) return new ApiError(status, body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return new ApiError(status, { error: 'BadAnswer', message: `The studio answered with HTTP ${status}.` });
}

export const unreachable = () =>
  new ApiError(0, { error: 'Unreachable', message: 'The studio can not be reached.' });

/** Anything thrown as an ApiError, so that it can be shown. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, {
    error: 'Unexpected',
    message: thrown instanceof Error ? thrown.message : String(thrown),
  });
}
