import { type ClientResponse, hc } from 'hono/client';
import type { AppType } from '../../../../api/app.ts';
import { access } from './access.svelte.ts';
import { errorOf, unreachable } from './errors.ts';

/** @throws ApiError `Unreachable` with status 0 */
async function reach(...request: Parameters<typeof fetch>): Promise<Response> {
  try {
    return await fetch(...request);
  } catch (error) {
    // fetch rejects with a TypeError when there is no answer at all.
    if (error instanceof TypeError) throw unreachable();
    throw error;
  }
}

async function succeed(...request: Parameters<typeof fetch>): Promise<Response> {
  const response = await reach(...request);
  // Before the error is thrown: the sign-in takes the page's place, and no part of it shows the refusal as an error.
  if (response.status === 401) access.needsToken = true;
  if (!response.ok) throw errorOf(response.status, await response.text());
  return response;
}

/**
 * The studio's API, typed by its own routes: `api.projects[':projectId'].$get({ param })`. Long work is
 * started without waiting for it (RFC 7240): its answer is the job.
 * @throws ApiError the API's own error, or `Unreachable` with status 0
 */
export const api = hc<AppType>('/', { fetch: succeed, headers: { Prefer: 'respond-async' } }).api.mv;

/** Whether the studio is ready. Its refusal is an answer like another: it says which part is not. */
export const readyz = hc<AppType>('/', { fetch: reach }).readyz;

type ApiCall = Promise<ClientResponse<unknown, number, string>>;

/** What an answer with one of these statuses says. */
type BodyWith<Statuses extends number, Answer> =
  Answer extends ClientResponse<infer Body, infer Status, infer Format>
    ? Status extends Statuses
      ? Format extends 'json'
        ? Body
        : never
      : never
    : never;

/** The body of a call that is answered with its result. @throws ApiError as `api` */
export async function body<Call extends ApiCall>(call: Call): Promise<BodyWith<200 | 201, Awaited<Call>>> {
  return JSON.parse(await (await call).text());
}

/** The job or jobs of a call that starts long work. @throws ApiError as `api` */
export async function started<Call extends ApiCall>(call: Call): Promise<BodyWith<202, Awaited<Call>>> {
  return JSON.parse(await (await call).text());
}
