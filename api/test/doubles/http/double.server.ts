import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as a provider's double sees it. */
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
};

/** `reset` closes the connection without a word, `stall` never answers. */
export type Reply = Answer | 'reset' | 'stall';

/** What came in, without bodies; tokens are not in it. */
export type Seen = { method: string; path: string; query: string; at: number };

export type DoubleServer = {
  url: string;
  seen: Seen[];
  /** Resolves with the n-th request (from 1) that fits, also when it has come already. */
  awaitSeen(fits: (seen: Seen) => boolean, nth?: number): Promise<Seen>;
  close(): Promise<void>;
};

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function send(outgoing: ServerResponse, reply: Reply, method: string): void {
  if (reply === 'stall') return;
  if (reply === 'reset') {
    outgoing.socket?.destroy();
    return;
  }
  const body = Buffer.from(reply.body ?? '');
  const declared = reply.declaredBytes ?? body.length;
  outgoing.writeHead(reply.status, { 'Content-Length': declared, ...reply.headers });
  if (method === 'HEAD') outgoing.end();
  else if (declared > body.length) outgoing.write(body, () => outgoing.socket?.destroy());
  else outgoing.end(body);
}

/** An HTTP server on loopback that answers as `handle` says, down to the connection. */
export async function startDoubleServer(
  handle: (request: Received) => Promise<Reply> | Reply,
): Promise<DoubleServer> {
  const seen: Seen[] = [];
  const waiting = new Set<() => void>();
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const url = new URL(incoming.url ?? '/', 'http://double');
      const method = incoming.method ?? 'GET';
      try {
        const body = await readBody(incoming);
        seen.push({ method, path: url.pathname, query: url.search, at: performance.now() });
        for (const wake of waiting) wake();
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : value,
          ]),
        );
        send(
          outgoing,
          await handle({ method, path: url.pathname, query: url.searchParams, headers, body }),
          method,
        );
      } catch (error) {
        send(outgoing, json(599, { doubleBroke: String(error) }), method);
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
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
