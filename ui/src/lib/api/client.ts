import { type ClientResponse, hc } from 'hono/client';
import type { AppType } from '../../../../api/app.ts';
import { errorOf, unreachable } from './errors.ts';

/** The studio's API, typed by its own routes: `api.projects[':projectId'].$get({ param })`. */
export const api = hc<AppType>('/').api.mv;

type Success<Answer> =
  Answer extends ClientResponse<infer Body, infer Status, infer Format>
    ? Status extends 200 | 201
      ? Format extends 'json'
        ? Body
        : never
      : never
    : never;

/**
 * The body of a call that must succeed.
 * @throws ApiError the API's own error, or `Unreachable` with status 0
 */
export async function body<Answer extends ClientResponse<unknown, number, string>>(
  call: Promise<Answer>,
): Promise<Success<Answer>> {
  const response = await reach(call);
  const text = await response.text();
  if (!response.ok) throw errorOf(response.status, text);
  return JSON.parse(text);
}

/** A call whose answer has no body. @throws ApiError as `body` */
export async function done(call: Promise<ClientResponse<unknown, number, string>>): Promise<void> {
  const response = await reach(call);
  if (!response.ok) throw errorOf(response.status, await response.text());
}

async function reach<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    // fetch rejects with a TypeError when there is no answer at all.
    if (error instanceof TypeError) throw unreachable();
    throw error;
  }
}

/** Long work is started without waiting for it (RFC 7240): the answer is the job. */
export const async = { headers: { Prefer: 'respond-async' } };
