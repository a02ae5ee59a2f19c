import { errorMessage } from '../../shared/errors';
import { cutText, storable, storableText } from '../../shared/text';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An answer, or why there is none. `sent: false` only when the request certainly never left. */
export type ApiAnswer =
  | { kind: 'answer'; status: number; headers: Headers; body: unknown; text: string }
  | { kind: 'lost'; sent: boolean; reason: string };

export type ApiCall = {
  method?: 'GET' | 'POST' | 'PUT';
  json?: Record<string, unknown>;
  form?: FormData;
  headers?: Record<string, string>;
  timeoutMs: number;
  signal?: AbortSignal;
};

export type ApiTransport = {
  /** A path below the base URL, or an absolute URL on the same host. */
  call(pathOrUrl: string, options: ApiCall): Promise<ApiAnswer>;
  /** True when the account's secret may be sent to this URL. */
  isOwn(url: string): boolean;
  /** The header that carries the secret. */
  readonly authorization: Record<string, string>;
  /** The text without the account's secret, at most 400 characters. */
  scrub(text: string): string;
};

/** What Bun and Node call failures that come before a connection stands. */
const NEVER_SENT = new Set(['ConnectionRefused', 'ECONNREFUSED', 'FailedToOpenSocket', 'ENOTFOUND']);

/**
 * Calls a vendor's API: each call once, never repeated, never redirected (its secret would go along),
 * never to another host.
 */
export function createApiTransport(options: {
  fetch: Fetch;
  baseUrl: string;
  secret: string;
  authorization: Record<string, string>;
}): ApiTransport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const { origin } = new URL(baseUrl);
  const scrub = (text: string) => cutText(text.replaceAll(options.secret, '[secret]'), 400);
  const isOwn = (url: string) => URL.canParse(url) && new URL(url).origin === origin;

  return {
    isOwn,
    scrub,
    authorization: options.authorization,
    async call(pathOrUrl, { method = 'GET', json, form, headers = {}, timeoutMs, signal }) {
      const url = pathOrUrl.startsWith('/') ? `${baseUrl}${pathOrUrl}` : pathOrUrl;
      if (!isOwn(url)) return { kind: 'lost', sent: false, reason: 'The address is not the vendor’s own.' };
      const timeout = AbortSignal.timeout(timeoutMs);
      const body = form ?? (json === undefined ? undefined : JSON.stringify(json));
      try {
        const response = await options.fetch(url, {
          method,
          headers: {
            ...options.authorization,
            ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
            ...headers,
          },
          ...(body === undefined ? {} : { body }),
          redirect: 'manual',
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        });
        const text = storableText(await response.text());
        return {
          kind: 'answer',
          status: response.status,
          headers: response.headers,
          body: parseJson(text),
          text,
        };
      } catch (thrown) {
        signal?.throwIfAborted();
        if (timeout.aborted) {
          return { kind: 'lost', sent: true, reason: `No answer came within ${timeoutMs / 1000} s.` };
        }
        const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
        return { kind: 'lost', sent: !NEVER_SENT.has(code), reason: scrub(errorMessage(thrown)) };
      }
    },
  };
}

function parseJson(text: string): unknown {
  try {
    // Escapes of JSON (\u0000, \ud83d) can name what can't be stored.
    return storable(JSON.parse(text));
  } catch {
    // Not JSON: its status still tells.
    return null;
  }
}

/** The pause that a 429 asks for, in milliseconds: `retry_after`, the header, or `~5s` in its words. */
export function throttleWait(answer: { headers: Headers; body: unknown; text: string }): number | null {
  const { body } = answer;
  if (typeof body === 'object' && body !== null && 'retry_after' in body) {
    const seconds = Number(body.retry_after);
    if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
  }
  const header = answer.headers.get('retry-after');
  if (header !== null && /^\d+$/.test(header)) return Number(header) * 1000;
  const spoken = /~(\d+)s/.exec(answer.text)?.[1];
  return spoken === undefined ? null : Number(spoken) * 1000;
}
