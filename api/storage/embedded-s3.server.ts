import { open, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { dirname, join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import accounts from '@20minutes/s3rver/lib/models/account.js';
import { AppError, errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import {
  type EmbeddedS3Identity,
  identityPath,
  isRunning,
  proof,
  readIdentity,
  writeIdentity,
} from './embedded-s3.identity';
import { listedInPages } from './embedded-s3.listing';
import { tolerateCutMetadata } from './embedded-s3.metadata';
import { isMissing } from './local-files';

export type EmbeddedS3 = {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  bucket: string;
  /** Whether this process serves the store now (else another one does). */
  serving(): boolean;
  /** Stops serving; another process that uses the store takes over. */
  stop(): Promise<void>;
};

const bucket = 'songreel';
const host = '127.0.0.1';
const region = 'us-east-1';
const unfinishedUploadAgeMs = 24 * 3600 * 1000;
/** How soon a process that uses another's store notices that it has ended. */
const takeOverMs = 1000;

/** Browsers of any origin may read what they have a signed URL for. */
const corsConfiguration = `<CORSConfiguration><CORSRule>
<AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod><AllowedMethod>HEAD</AllowedMethod>
<AllowedHeader>*</AllowedHeader><ExposeHeader>Accept-Ranges</ExposeHeader><ExposeHeader>Content-Length</ExposeHeader>
<ExposeHeader>Content-Range</ExposeHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3600</MaxAgeSeconds>
</CORSRule></CORSConfiguration>`;

/**
 * The store that is there without any account: S3's protocol over a folder, on loopback. The first
 * process of a directory serves it; others find it running and use it, and one of them takes over on
 * the same port when the serving one ends. Port and credentials are chosen once and kept.
 */
export async function startEmbeddedS3(options: { directory: string; log: Log }): Promise<EmbeddedS3> {
  const { directory, log } = options;
  let identity = await readIdentity(directory, freePort);
  let server = await serveUnlessRunning(directory, identity, log);
  if (server === 'port taken') {
    // Remembered, but a stranger has it now.
    identity = { ...identity, port: await freePort() };
    log.warn({ port: identity.port }, 'embedded_s3_port_changed');
    await writeIdentity(directory, identity);
    server = await serveUnlessRunning(directory, identity, log);
    if (server === 'port taken') throw cannotStart(`port ${identity.port} was taken at once`);
  }
  let serving: Server | null = server;
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const takeOver = async () => {
    if (stopped || serving !== null) return;
    try {
      const taken = await serveUnlessRunning(directory, identity, log);
      if (taken !== 'port taken') serving = taken;
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'embedded_s3_take_over_failed');
    }
  };
  const watch = setInterval(() => {
    turn = turn.then(takeOver);
  }, takeOverMs);
  watch.unref();

  return {
    endpoint: `http://${host}:${identity.port}`,
    accessKeyId: identity.accessKeyId,
    secretAccessKey: identity.secretAccessKey,
    region,
    bucket,
    serving: () => serving !== null,
    async stop() {
      stopped = true;
      clearInterval(watch);
      await turn;
      if (serving !== null) await close(serving);
      serving = null;
    },
  };
}

function cannotStart(why: string): AppError {
  return new AppError({
    code: 'EmbeddedS3Failed',
    status: 503,
    message: `The embedded store cannot start: ${why}. Free the port, or set S3_ENDPOINT to a store of your own.`,
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listen(server, 0);
  const address = server.address();
  await close(server);
  if (address === null || typeof address === 'string') throw cannotStart('no port is free');
  return address.port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The server when this process serves now, null when another one does. */
async function serveUnlessRunning(
  directory: string,
  identity: EmbeddedS3Identity,
  log: Log,
): Promise<Server | null | 'port taken'> {
  if (await isRunning(identity)) return null;
  const data = join(directory, 'data');
  const store = new S3rver({
    directory: data,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: bucket, configs: [corsConfiguration] }],
  });
  tolerateCutMetadata(store);
  // Just inside the package's own layers: the last of them is its router.
  store.middleware.splice(-1, 0, durable(store), abortable(store), bucketPaths, listedInPages(store));
  const server = createServer(guard(identity, store.callback()));
  try {
    await listen(server, identity.port);
  } catch (thrown) {
    store.logger.close();
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE')) throw thrown;
    return (await isRunning(identity)) ? null : 'port taken';
  }
  accounts.DUMMY_ACCOUNT.createKeyPair(identity.accessKeyId, identity.secretAccessKey);
  // The key pair that the package knows by default is public.
  accounts.DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
  store.on('error', (thrown) => log.debug({ reason: errorMessage(thrown) }, 'embedded_s3_error'));
  await store.configureBuckets();
  await removeUnfinishedUploads(store);
  server.once('close', () => store.logger.close());
  log.info({ port: identity.port, directory }, 'embedded_s3_serving');
  return server;
}

/** Refuses unsigned requests, which the package would serve, and answers who it is. */
function guard(identity: EmbeddedS3Identity, serve: RequestListener): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', `http://${host}`);
    if (url.pathname === identityPath) {
      response.end(proof(identity, url.searchParams.get('nonce') ?? ''));
      return;
    }
    const signed =
      request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') === true ||
      url.searchParams.has('X-Amz-Signature');
    // A preflight carries no signature and tells nothing.
    if (signed || request.method === 'OPTIONS') {
      serve(request, response);
      return;
    }
    request.resume();
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>');
  };
}

/** Answers a write only when the object is on the disk: the local file is deleted on this word. */
function durable(store: S3rver): S3rver['middleware'][number] {
  return async (context, next) => {
    await next();
    const { bucket: name, key } = context.params ?? {};
    if (context.status !== 200 || name === undefined || key === undefined) return;
    const written = context.method === 'PUT' ? !('uploadId' in context.query) : context.method === 'POST';
    if (!written || 'uploads' in context.query) return;
    const files = ['object', 'object.md5', 'metadata.json'].map((resource) =>
      store.store.getResourcePath(name, key, resource),
    );
    for (const toSync of [...files, dirname(files[0] ?? '')]) {
      const file = await open(toSync, 'r');
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    }
  };
}

/**
 * The SDK signs the path of a bucket as `/bucket/`, the package checks `/bucket`. These two fields are
 * what its check puts the path together from; nothing else reads them without a website configured.
 */
const bucketPaths: S3rver['middleware'][number] = (context, next) => {
  if (/^\/[^/]+\/$/.test(context.path)) {
    context.state.vhost = true;
    context.mountPath = '/';
  }
  return next();
};

/** AbortMultipartUpload, which the package lacks: it checks the signature, then says "not allowed". */
function abortable(store: S3rver): S3rver['middleware'][number] {
  return async (context, next) => {
    try {
      await next();
    } catch (thrown) {
      const uploadId = context.query['uploadId'];
      const refused = thrown instanceof Error && 'code' in thrown && thrown.code === 'MethodNotAllowed';
      if (!refused || context.method !== 'DELETE' || typeof uploadId !== 'string') throw thrown;
      const name = context.params?.bucket;
      if (name === undefined || !/^[0-9a-f]{32}$/.test(uploadId)) throw thrown;
      const uploads = store.store.getResourcePath(name, undefined, 'uploads');
      await rm(join(uploads, uploadId), { recursive: true, force: true });
      context.status = 204;
      context.body = null;
    }
  };
}

/** The package cannot list unfinished multipart uploads, so the sweep can't abort them. */
async function removeUnfinishedUploads(store: S3rver): Promise<void> {
  const uploads = store.store.getResourcePath(bucket, undefined, 'uploads');
  try {
    for (const name of await readdir(uploads)) {
      const path = join(uploads, name);
      const ageMs = Date.now() - (await stat(path)).mtimeMs;
      if (ageMs > unfinishedUploadAgeMs) await rm(path, { recursive: true, force: true });
    }
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
  }
}
