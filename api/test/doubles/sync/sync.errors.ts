import { type Answer, json } from '../http/double.server';
import type { CreateFault } from './sync.types';

const NAMES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  404: 'Not Found',
  409: 'Conflict',
  413: 'Payload Too Large',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const MESSAGES: Record<number, string | string[]> = {
  400: ['input must contain one video'],
  401: 'Invalid API key',
  402: 'Your plan’s quota is used up.',
  404: 'Generation not found',
  413: 'The input is larger than your plan allows.',
  422: 'The video is longer than your plan allows.',
};

/** An error in the vendor's shape; `message` is a string or a list. */
export function problem(
  status: number,
  given: { message?: string | string[]; errorCode?: string; more?: Record<string, unknown> } = {},
): Answer {
  const error = NAMES[status] ?? 'Error';
  const message = given.message ?? MESSAGES[status] ?? error;
  return json(status, {
    statusCode: status,
    message,
    error,
    ...(given.errorCode === undefined ? {} : { errorCode: given.errorCode }),
    ...given.more,
  });
}

export const rateLimited = (retryAfterSeconds?: number): Answer => {
  const answer = problem(429, { message: 'Too many requests.', errorCode: 'rate_limit_exceeded' });
  if (retryAfterSeconds === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfterSeconds) } };
};
export const concurrencyLimited = () =>
  problem(429, {
    message: 'Your plan’s limit of concurrent generations is reached.',
    errorCode: 'concurrency_limit_reached',
  });
export const invalidKey = () =>
  problem(400, {
    message: 'Idempotency-Key must be 1-128 characters of [A-Za-z0-9._~-].',
    errorCode: 'INVALID_IDEMPOTENCY_KEY',
  });
export const outcomeUnknown = (generationId?: string) =>
  problem(503, {
    message: 'The outcome of the first request is unknown. Retry with the same key.',
    errorCode: 'IDEMPOTENCY_OUTCOME_UNKNOWN',
    ...(generationId === undefined ? {} : { more: { generationId } }),
  });
export const estimateUnavailable = () =>
  problem(422, { message: 'No estimate for this model.', errorCode: 'cost_estimate_unavailable' });

/** The answer to a create that is refused; null when the fault lies elsewhere. */
export function refusal(fault: CreateFault): Answer | null {
  switch (fault.kind) {
    case 'status':
      return problem(fault.status, fault.message === undefined ? {} : { message: fault.message });
    case 'rate-limit':
      return rateLimited(fault.retryAfterSeconds);
    case 'concurrency-limit':
      return concurrencyLimited();
    case 'outcome-unknown':
      return fault.accepted ? null : outcomeUnknown();
    default:
      return null;
  }
}
