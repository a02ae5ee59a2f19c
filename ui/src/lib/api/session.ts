import { errorOf, unreachable } from './errors.ts';

async function call(init: RequestInit): Promise<void> {
  let response: Response;
  try {
    response = await fetch('/api/mv/session', init);
  } catch (error) {
    if (error instanceof TypeError) throw unreachable();
    throw error;
  }
  if (!response.ok) throw errorOf(response.status, await response.text());
}

/**
 * Gives the studio's token once; from then on the browser holds a cookie that no script can read.
 * @throws ApiError `TokenUnknown`, `TooManyWrongTokens`, or `Unreachable` with status 0
 */
export const signIn = (token: string): Promise<void> =>
  call({
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ token }),
  });

/** Ends this browser's session. @throws ApiError as `signIn` */
export const signOut = (): Promise<void> => call({ method: 'DELETE' });
