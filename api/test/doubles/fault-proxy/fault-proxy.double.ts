import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';

/** What goes wrong with a request that a rule matches. */
export type Fault =
  /** Nobody listens: no request gets in at all. */
  | { kind: 'refuse' }
  /** Reads the body, then answers this; the store never sees the request. */
  | { kind: 'status'; status: number; code: string }
  /** Closes the connection after so many bytes of the body. */
  | { kind: 'reset'; afterBytes: number }
  /** The store gets only so many bytes, the sender is told 200. */
  | { kind: 'cut'; bytes: number }
  /** Forwards, and tells another size in the answer to HEAD. */
  | { kind: 'size'; bytes: number }
  /** Forwards, and tells another ETag (null: none). */
  | { kind: 'etag'; etag: string | null }
  /** Waits before forwarding. */
  | { kind: 'slow'; milliseconds: number }
  /** Takes the request and never answers. */
  | { kind: 'stall' };

export type Rule = {
  fault: Fault;
  method?: string;
  /** Must be in the path and query, as sent. */
  includes?: string;
  /** How often it strikes; without it until removed. */
  times?: number;
};

export type Entry = {
  method: string;
  /** Path and query as sent. */
  url: string;
  /** Milliseconds of `performance.now()`. */
  startedAt: number;
  /** When the answer was sent; null while there is none or when the connection was closed. */
  answeredAt: number | null;
  status: number | null;
  fault: Fault['kind'] | null;
};

export type FaultProxy = {
  url: string;
  log: Entry[];
  /** The newest rule that matches strikes. Resolves when it is in force. */
  inject(rule: Rule): Promise<{ remove(): Promise<void> }>;
  /** Removes all rules. */
  heal(): Promise<void>;
  /** Resolves when a request that fits has come in (also one that came before). */
  seen(fits: (entry: Entry) => boolean): Promise<Entry>;
  stop(): Promise<void>;
};

/**
 * Stands in front of an S3 and fails as told. Requests are forwarded with the Host header that was
 * signed. `credentials` are only for `cut`, which has to sign the shortened request itself.
 */
export async function startFaultProxy(options: {
  target: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}): Promise<FaultProxy> {
  const target = new URL(options.target);
  const log: Entry[] = [];
  let rules: Rule[] = [];
  const waiting = new Set<{ fits: (entry: Entry) => boolean; resolve: (entry: Entry) => void }>();
  const direct = new S3Client({
    endpoint: options.target,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(options.credentials ? { credentials: options.credentials } : {}),
  });

  const server = createServer((incoming, outgoing) => {
    const entry: Entry = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      startedAt: performance.now(),
      answeredAt: null,
      status: null,
      fault: null,
    };
    log.push(entry);
    const fault = strike(entry);
    entry.fault = fault?.kind ?? null;
    outgoing.once('finish', () => {
      entry.answeredAt = performance.now();
      entry.status = outgoing.statusCode;
    });
    // The socket: a response that is destroyed before its head is sent as 200 by Bun.
    handle(incoming, outgoing, fault).catch(() => incoming.socket.destroy());
    for (const waiter of waiting) {
      if (!waiter.fits(entry)) continue;
      waiting.delete(waiter);
      waiter.resolve(entry);
    }
  });

  function strike(entry: Entry): Fault | null {
    const rule = rules.findLast(
      ({ method, includes }) =>
        (method === undefined || method === entry.method) &&
        (includes === undefined || entry.url.includes(includes)),
    );
    if (rule === undefined) return null;
    if (rule.times !== undefined) {
      rule.times -= 1;
      if (rule.times <= 0) rules = rules.filter((other) => other !== rule);
    }
    return rule.fault;
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null) {
    switch (fault?.kind) {
      case 'status':
        await drain(incoming);
        outgoing.writeHead(fault.status, { 'content-type': 'application/xml' });
        outgoing.end(
          incoming.method === 'HEAD'
            ? undefined
            : `<Error><Code>${fault.code}</Code><Message>Injected</Message></Error>`,
        );
        return;
      case 'reset':
        await readBytes(incoming, fault.afterBytes);
        incoming.socket.destroy();
        return;
      case 'cut':
        await cut(incoming, outgoing, fault.bytes);
        return;
      case 'stall':
        await drain(incoming);
        return;
      case 'slow':
        await Bun.sleep(fault.milliseconds);
        break;
    }
    await forward(incoming, outgoing, fault);
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const onward = httpRequest(
        {
          host: target.hostname,
          port: target.port,
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
          agent: false,
        },
        (answer) => {
          const headers = { ...answer.headers };
          if (fault?.kind === 'size') headers['content-length'] = String(fault.bytes);
          if (fault?.kind === 'etag') {
            if (fault.etag === null) delete headers.etag;
            else headers.etag = fault.etag;
          }
          outgoing.writeHead(answer.statusCode ?? 502, headers);
          answer.once('error', reject);
          outgoing.once('close', resolve);
          answer.pipe(outgoing);
        },
      );
      onward.once('error', reject);
      incoming.once('error', reject);
      incoming.pipe(onward);
    });
  }

  async function cut(incoming: IncomingMessage, outgoing: ServerResponse, bytes: number): Promise<void> {
    const Body = (await readBytes(incoming, Number.POSITIVE_INFINITY)).subarray(0, bytes);
    const url = new URL(incoming.url ?? '/', target);
    const [, Bucket = '', ...key] = url.pathname.split('/').map(decodeURIComponent);
    const Key = key.join('/');
    const UploadId = url.searchParams.get('uploadId');
    const stored =
      UploadId === null
        ? await direct.send(new PutObjectCommand({ Bucket, Key, Body }))
        : await direct.send(
            new UploadPartCommand({
              Bucket,
              Key,
              UploadId,
              Body,
              PartNumber: Number(url.searchParams.get('partNumber')),
            }),
          );
    outgoing.writeHead(200, stored.ETag === undefined ? {} : { etag: stored.ETag });
    outgoing.end();
  }

  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host: '127.0.0.1' }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  const stopListening = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  await listen(0);
  const { port } = server.address() as AddressInfo;
  let refusing = false;
  /** One after the other: a server that is told to close while it begins to listen does neither. */
  let settling: Promise<void> = Promise.resolve();
  const settle = () => {
    const settled = settling.then(async () => {
      const shouldRefuse = rules.some((rule) => rule.fault.kind === 'refuse');
      if (shouldRefuse === refusing) return;
      await (shouldRefuse ? stopListening() : listen(port));
      refusing = shouldRefuse;
    });
    settling = settled.catch(() => undefined);
    return settled;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    log,
    async inject(given) {
      const rule = { ...given };
      rules.push(rule);
      await settle();
      return {
        async remove() {
          rules = rules.filter((other) => other !== rule);
          await settle();
        },
      };
    },
    async heal() {
      rules = [];
      await settle();
    },
    seen(fits) {
      const already = log.find(fits);
      if (already !== undefined) return Promise.resolve(already);
      return new Promise((resolve) => waiting.add({ fits, resolve }));
    },
    async stop() {
      direct.destroy();
      await settling;
      if (!refusing) await stopListening();
    },
  };
}

async function drain(incoming: IncomingMessage): Promise<void> {
  for await (const _chunk of incoming);
}

/** Reads at least so many bytes, or all there are. */
async function readBytes(incoming: IncomingMessage, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let read = 0;
  if (bytes <= 0) return Buffer.alloc(0);
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    read += chunk.length;
    if (read >= bytes) break;
  }
  return Buffer.concat(chunks);
}
