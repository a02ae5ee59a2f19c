import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** A request as a provider's double sees it. Header names are in lower case. */
export type Received = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Buffer;
};

export type Answer = {
  status: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Promised in `Content-Length`; when it is more than the body has, the connection breaks in the middle. */
  declaredBytes?: number;
  /** Sends so many zero bytes without saying how many, instead of a body. */
  endlessBytes?: number;
};

/** `reset` closes the connection without a word, `stall` never answers. */
export type Reply = Answer | 'reset' | 'stall';

/** What came in, without its body; tokens in headers are masked. */
export type Seen = {
  method: string;
  path: string;
  query: string;
  headers: Record<string, string | undefined>;
  at: Date;
};

export type DoubleServer = {
  /** Origin without a slash at the end. */
  url: string;
  seen: Seen[];
  /** Resolves with the n-th request (from 1) that fits, also when it has come already. */
  awaitSeen(fits: (seen: Seen) => boolean, nth?: number): Promise<Seen>;
  close(): Promise<void>;
};

const SECRET_HEADERS = ['authorization', 'x-api-key'];
const CHUNK = new Uint8Array(256 * 1024);

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A webhook that goes out by itself may find its receiver closed: the vendor gives up, so does the double. */
export const noReceiver = () => undefined;

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function readHeaders(incoming: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function* zeros(bytes: number) {
  for (let sent = 0; sent < bytes; sent += CHUNK.length) yield CHUNK;
}

function send(outgoing: ServerResponse, reply: Reply, method: string): void {
  if (reply === 'stall') return;
  if (reply === 'reset') {
    outgoing.socket?.destroy();
    return;
  }
  if (reply.endlessBytes !== undefined && method !== 'HEAD') {
    outgoing.writeHead(reply.status, reply.headers);
    const source = Readable.from(zeros(reply.endlessBytes));
    outgoing.once('close', () => source.destroy());
    source.pipe(outgoing);
    return;
  }
  const body = Buffer.from(reply.body ?? '');
  const declared = reply.declaredBytes ?? body.length;
  const length = reply.status === 204 ? {} : { 'Content-Length': declared };
  outgoing.writeHead(reply.status, { ...length, ...reply.headers });
  if (method === 'HEAD') outgoing.end();
  else if (declared > body.length) outgoing.write(body, () => outgoing.socket?.destroy());
  else outgoing.end(body);
}

/**
 * An HTTP server on loopback, on a free port, that answers as `handle` says, down to the connection.
 * What `handle` throws is answered with 599, which no vendor sends.
 */
export async function startDoubleServer(
  handle: (request: Received) => Promise<Reply> | Reply,
): Promise<DoubleServer> {
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', 'http://double');
    const method = incoming.method ?? 'GET';
    const headers = readHeaders(incoming);
    const body = await readBody(incoming);
    const masked = { ...headers };
    for (const name of SECRET_HEADERS) if (masked[name] !== undefined) masked[name] = '***';
    const request = { method, path: url.pathname, query: url.searchParams, headers, body };
    seen.push({ method, path: url.pathname, query: url.search, headers: masked, at: new Date() });
    for (const wake of waiting) wake();
    try {
      send(outgoing, await handle(request), method);
    } catch (error) {
      send(outgoing, json(599, { doubleBroke: String(error) }), method);
    }
  }

  const server = createServer((incoming, outgoing) => {
    // On a kept connection fetch repeats a GET that was reset; a test wants to see the reset.
    outgoing.setHeader('Connection', 'close');
    take(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The double has no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async awaitSeen(fits, nth = 1) {
      for (;;) {
        const found = seen.filter(fits)[nth - 1];
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
