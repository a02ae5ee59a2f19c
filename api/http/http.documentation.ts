import { resolver } from 'hono-openapi';
import type * as v from 'valibot';
import { ErrorAnswerSchema } from '../contract/error.catalogue';
import { JobSchema } from '../contract/job.schema';

const json = (schema: v.GenericSchema, description: string) => ({
  description,
  content: { 'application/json': { schema: resolver(schema) } },
});

const errorTexts: Record<number, string> = {
  400: 'Bad input: the message says what is wrong and what to do.',
  401: 'A token is needed.',
  403: 'The token does not allow it, or a page of another site asked.',
  404: 'There is no such thing.',
  409: 'It can not be done now; the details name the job in the way.',
  410: 'It was there, and is no more.',
  412: 'A header that the protocol needs is missing.',
  413: 'The file or body is too large.',
  415: 'The file is not playable media of the kind that is needed.',
  422: 'It was understood but can not be done.',
  429: 'Too many requests in a minute.',
  502: 'Storage or provider failed; the message says how.',
  503: 'The database or storage is not ready, or a step on a file was stopped by its time limit: try again.',
  507: 'The disk is nearly full.',
};

/** Errors that any route can give. */
const anywhere = [400, 401, 403, 429, 503];

/** The errors that a route can give, with those of any route. */
export const failures = (statuses: (keyof typeof errorTexts)[]) =>
  Object.fromEntries(
    [...statuses, ...anywhere].map((status) => [
      status,
      json(ErrorAnswerSchema, errorTexts[status] ?? 'Error.'),
    ]),
  );

/** The `responses` of a route: its answer and the errors it can give. */
export function answers(
  schema: v.GenericSchema,
  options: {
    status?: 200 | 201 | 202 | 204;
    text?: string;
    errors?: (keyof typeof errorTexts)[];
    job?: boolean;
  } = {},
) {
  const { status = 200, text = 'Done.', errors = [], job = false } = options;
  return {
    [status]: status === 204 ? { description: text } : json(schema, text),
    ...(job ? { 202: json(JobSchema, 'Accepted: the job goes on; follow its Location.') } : {}),
    ...failures(errors),
  };
}

/** The `requestBody` of an upload route: a form with one file, or the bare bytes. */
export const uploadBody = (description: string) => ({
  required: true,
  description,
  content: {
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['file'],
        properties: { file: { type: 'string' as const, format: 'binary' } },
      },
    },
    'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } },
  },
});
