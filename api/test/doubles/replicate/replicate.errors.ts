import { type Answer, json } from '../http/double.server';
import type { CreateFault } from './replicate.types';

/** Problems in the vendor's words (problem+json). */
const problem = (status: number, title: string, detail: string, more: Record<string, unknown> = {}): Answer =>
  json(status, { title, detail, status, ...more }, { 'Content-Type': 'application/problem+json' });

export const unauthenticated = () =>
  problem(401, 'Unauthenticated', 'You did not pass a valid authentication token');
export const notFound = () => problem(404, 'Not found', 'The requested resource could not be found.');
export const tooLarge = () => problem(413, 'Content too large', 'The file is larger than 100MB.');
export const outOfCredit = () =>
  problem(
    402,
    'Insufficient credit',
    'You have insufficient credit to run this model. Go to the billing page to purchase credit.',
  );
export const inputInvalid = (field: string, description: string) =>
  problem(422, 'Input validation failed', `- input.${field}: ${description}\n`, {
    invalid_fields: [{ type: 'required', field: `input.${field}`, description }],
  });
export const versionInvalid = () =>
  problem(
    422,
    'Invalid version or not permitted',
    'The specified version does not exist (or perhaps you don’t have permission to use it?)',
  );
const serverError = (status: number) => problem(status, 'Server error', 'Something went wrong on our side.');

/** 429 with its wait in the body, in a header, in words alone, or nowhere. */
export function throttled(tell: 'body' | 'header' | 'text' | 'nothing', seconds: number): Answer {
  const words = tell === 'nothing' ? '' : ` Your rate limit resets in ~${seconds}s.`;
  const body = { detail: `Request was throttled.${words}`, status: 429 };
  return json(
    429,
    tell === 'body' ? { ...body, retry_after: seconds } : body,
    tell === 'header' ? { 'Retry-After': String(seconds) } : {},
  );
}

/** The answer to a create that is refused; null when the fault comes after accepting. */
export function refusal(fault: CreateFault): Answer | null {
  switch (fault.kind) {
    case 'status':
      if (fault.status === 401) return unauthenticated();
      if (fault.status === 402) return outOfCredit();
      if (fault.status === 404) return notFound();
      return fault.status === 413 ? tooLarge() : serverError(fault.status);
    case 'input-invalid':
      return inputInvalid('prompt', 'prompt is required');
    case 'version-invalid':
      return versionInvalid();
    case 'throttled':
      return throttled(fault.tell, fault.seconds);
    default:
      return null;
  }
}

export const statusProblem = (status: number): Answer =>
  status === 404
    ? notFound()
    : status === 401
      ? unauthenticated()
      : status === 429
        ? throttled('body', 1)
        : serverError(status);
