import { lookup } from 'node:dns/promises';
import { open, unlink } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { AppError, errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { isMissing } from '../local-files';
import {
  type Address,
  headersForHop,
  literalAddress,
  parseUrl,
  portOf,
  requireAllowed,
} from './address.rules';

export type FetchLimits = {
  /** Until the connection stands. */
  connectMs: number;
  /** Without a byte. */
  idleMs: number;
  totalMs: number;
  redirects: number;
};

export const defaultFetchLimits: FetchLimits = {
  connectMs: 10_000,
  // A provider's store may think this long before the first byte.
  idleMs: 30_000,
  // 2 GB at 20 Mbit/s take 14 minutes.
  totalMs: 30 * 60_000,
  redirects: 5,
};

/** Finds the addresses of a host name. */
export type Resolve = (hostname: string) => Promise<Address[]>;

export type FetchToFileOptions = {
  /** A file that does not exist yet. */
  toPath: string;
  maxBytes: number;
  signal?: AbortSignal;
  /** `authorization` and the like are dropped when a redirect leads to another host. */
  headers?: Record<string, string>;
};

export type FetchedFile = { contentType: string; bytes: number; sha256: string; finalUrl: string };

export type SafeFetch = {
  /** @throws AppError 400 `UrlNotAllowed` or `UrlNotFound` at once, without connecting anywhere */
  check(url: string): Promise<void>;
  /**
   * Fetches a URL that a user or a provider gave into a file; nothing stays there on failure.
   * @throws AppError 400 `UrlNotAllowed` or `UrlNotFound`, 413 `UrlTooLarge`, 502 `UrlNotFetched`,
   * 504 `UrlTimeout`; the signal's reason when it aborts.
   */
  fetchToFile(url: string, options: FetchToFileOptions): Promise<FetchedFile>;
};

/**
 * Fetching of URLs that are not ours: http and https only, each hop's addresses checked and the
 * connection pinned to the checked ones, so that a name that resolves differently a moment later
 * leads nowhere. (Bun's own `fetch` also takes file: and data: and cannot be pinned.)
 */
export function createSafeFetch(options: {
  /** Lets URLs point at loopback, on any port (tests). */
  allowLoopback: boolean;
  extraPorts?: number[];
  resolve?: Resolve;
  limits?: Partial<FetchLimits>;
  log: Log;
}): SafeFetch {
  const { allowLoopback, extraPorts = [], resolve = resolveByDns, log } = options;
  const limits = { ...defaultFetchLimits, ...options.limits };

  /** The addresses that this URL's host has now, all of them allowed. */
  async function allowedAddresses(url: URL): Promise<Address[]> {
    const literal = literalAddress(url);
    const addresses = literal === null ? await resolve(url.hostname) : [literal];
    requireAllowed(url, addresses, { allowLoopback, extraPorts });
    return addresses;
  }

  async function follow(
    text: string,
    given: Record<string, string>,
    signal: AbortSignal,
  ): Promise<{ answer: IncomingMessage; url: URL }> {
    let url = parseUrl(text);
    let headers = { ...given };
    for (let hop = 0; hop <= limits.redirects; hop += 1) {
      const addresses = await allowedAddresses(url);
      signal.throwIfAborted();
      const answer = await connectToAny(url, addresses, { headers, limits, signal });
      const status = answer.statusCode ?? 0;
      const location = answer.headers.location;
      if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return { answer, url };
      answer.destroy();
      const next = parseUrl(URL.canParse(location, url.href) ? new URL(location, url).href : location);
      headers = headersForHop(headers, url, next);
      url = next;
    }
    throw notFetched(`it was redirected more than ${limits.redirects} times`, false);
  }

  return {
    async check(text) {
      await allowedAddresses(parseUrl(text));
    },

    async fetchToFile(text, { toPath, maxBytes, signal, headers = {} }) {
      const total = AbortSignal.timeout(limits.totalMs);
      const bounded = signal ? AbortSignal.any([signal, total]) : total;
      let created = false;
      try {
        bounded.throwIfAborted();
        const { answer, url } = await follow(text, headers, bounded);
        requireUsable(answer, maxBytes);
        const file = await open(toPath, 'wx');
        created = true;
        const hash = new Bun.CryptoHasher('sha256');
        let bytes = 0;
        await pipeline(
          answer,
          async function* (chunks: AsyncIterable<Uint8Array>) {
            for await (const chunk of chunks) {
              bytes += chunk.length;
              if (bytes > maxBytes) throw tooLarge(maxBytes);
              hash.update(chunk);
              yield chunk;
            }
          },
          file.createWriteStream(),
          { signal: bounded },
        );
        const announced = answer.headers['content-length'];
        if (!answer.complete || (announced !== undefined && Number(announced) !== bytes))
          throw notFetched(`it broke off after ${bytes} bytes`, true);
        const contentType = answer.headers['content-type'] ?? 'application/octet-stream';
        log.info({ url: url.origin + url.pathname, bytes, contentType }, 'url_fetched');
        return { contentType, bytes, sha256: hash.digest('hex'), finalUrl: url.href };
      } catch (thrown) {
        if (created) await removePartial(toPath, log);
        signal?.throwIfAborted();
        if (total.aborted) throw timedOut(limits.totalMs);
        if (thrown instanceof AppError) throw thrown;
        throw notFetched(errorMessage(thrown), true, thrown);
      }
    },
  };
}

const resolveByDns: Resolve = async (hostname) => {
  try {
    const found = await lookup(hostname, { all: true, verbatim: true });
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOTFOUND') {
      throw new AppError({
        code: 'UrlNotFound',
        message: `No server is named ${hostname}. Check the URL.`,
        cause: thrown,
      });
    }
    throw notFetched(`its name could not be looked up (${errorMessage(thrown)})`, true, thrown);
  }
};

function notFetched(why: string, retryable: boolean, cause?: unknown, answered?: number): AppError {
  return new AppError({
    code: 'UrlNotFetched',
    message: `The URL could not be fetched: ${why}. Check that it opens in a browser, then try again.`,
    ...(answered === undefined ? {} : { details: { answered } }),
    retryable,
    cause,
  });
}

function tooLarge(maxBytes: number): AppError {
  const limit = (maxBytes / 1e6).toFixed(maxBytes < 1e7 ? 2 : 0);
  return new AppError({
    code: 'UrlTooLarge',
    message: `The file at this URL is larger than ${limit} MB. Give a smaller one.`,
  });
}

function timedOut(milliseconds: number): AppError {
  return new AppError({
    code: 'UrlTimeout',
    message: `The server of this URL was too slow (${milliseconds / 1000} s). Try again, or upload the file.`,
  });
}

/** Refuses an answer before any of its body is kept. */
function requireUsable(answer: IncomingMessage, maxBytes: number): void {
  const refuse = (error: AppError) => {
    answer.destroy();
    throw error;
  };
  const status = answer.statusCode ?? 0;
  if (status !== 200) {
    const mayPass = status >= 500 || status === 429;
    refuse(notFetched(`its server answered ${status}`, mayPass, undefined, status));
  }
  const coding = answer.headers['content-encoding'] ?? 'identity';
  if (coding !== 'identity')
    refuse(notFetched(`it was sent compressed (${coding}) although not asked for`, false));
  if (Number(answer.headers['content-length'] ?? 0) > maxBytes) refuse(tooLarge(maxBytes));
}

type HopOptions = { headers: Record<string, string>; limits: FetchLimits; signal: AbortSignal };

/** Connects to the first of the addresses that answers. */
async function connectToAny(
  url: URL,
  addresses: readonly Address[],
  options: HopOptions,
): Promise<IncomingMessage> {
  let last: unknown = null;
  for (const address of addresses) {
    try {
      return await connectTo(url, address, options);
    } catch (thrown) {
      options.signal.throwIfAborted();
      last = thrown;
    }
  }
  throw last instanceof AppError ? last : notFetched(errorMessage(last), true, last);
}

/** One GET, its connection pinned to one address; TLS still checks the host's name. */
function connectTo(
  url: URL,
  pinned: Address,
  { headers, limits, signal }: HopOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: portOf(url),
      path: url.pathname + url.search,
      method: 'GET',
      headers: { 'accept-encoding': 'identity', 'user-agent': 'songreel', ...headers, host: url.host },
      agent: false,
      signal,
      lookup: (_hostname, options, callback) => {
        if (options.all) callback(null, [pinned]);
        else callback(null, pinned.address, pinned.family);
      },
    });
    let timer: ReturnType<typeof setTimeout> | undefined;
    let answered: IncomingMessage | null = null;
    const allow = (milliseconds: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const error = timedOut(milliseconds);
        if (answered === null) request.destroy(error);
        else answered.destroy(error);
      }, milliseconds);
    };
    allow(limits.connectMs);
    request.once('socket', (socket) => {
      socket.once('connect', () => allow(limits.idleMs));
    });
    request.once('error', (thrown) => {
      clearTimeout(timer);
      reject(thrown);
    });
    request.once('response', (answer) => {
      answered = answer;
      allow(limits.idleMs);
      answer.on('data', () => allow(limits.idleMs));
      answer.once('close', () => clearTimeout(timer));
      // Stays paused until its reader comes; 'data' above would have set it flowing.
      answer.pause();
      resolve(answer);
    });
    request.end();
  });
}

async function removePartial(path: string, log: Log): Promise<void> {
  try {
    await unlink(path);
  } catch (thrown) {
    if (!isMissing(thrown)) log.error({ path, reason: errorMessage(thrown) }, 'local_file_delete_failed');
  }
}
