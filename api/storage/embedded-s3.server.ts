import { createServer, type Server } from 'node:http';
import { errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import {
  cannotStart,
  endpointOf,
  isRunning,
  listenOnPort,
  listenOnSocket,
  type StoreAddress,
  socketPlace,
} from './embedded-s3.address';
import { createObjectFiles, type FindObjectFile } from './embedded-s3.files';
import { createGuard } from './embedded-s3.guard';
import { type EmbeddedS3Identity, readIdentity, writeIdentity } from './embedded-s3.identity';
import { storeBucket } from './embedded-s3.operations';
import { dataFolder, openPackage } from './embedded-s3.package';
import { storeRegion } from './embedded-s3.signature';

export type EmbeddedS3 = {
  endpoint: string;
  /** Unset where the store is spoken to over loopback. */
  socketPath?: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  bucket: string;
  /** Objects as files of this machine. */
  objectFile: FindObjectFile;
  /** Whether this process serves the store now (else another one does). */
  serving(): boolean;
  /** Stops serving; another process that uses the store takes over. */
  stop(): Promise<void>;
};

export type EmbeddedS3Options = {
  directory: string;
  log: Log;
  /** How it is spoken to. Loopback is for systems without sockets in the file system, and for tests. */
  transport?: 'socket' | 'loopback';
  now?: () => Date;
};

/** How soon a process that uses another's store notices that it has ended. */
const takeOverMs = 1000;
/** How long a server that was replaced finishes what it has begun. */
const finishMs = 10_000;

/** A server that this process runs. */
type Serving = { server: Server; isStillOurs(): Promise<boolean> };

/**
 * The store that is there without any account: S3's protocol over a folder, without a port. The first
 * process of a directory serves it on a socket that only its own user reaches; others find it running and
 * use it, and one of them takes over when the serving one ends, however it ends. Credentials are chosen once
 * and kept.
 * @throws AppError `EmbeddedS3Failed`, `EmbeddedS3Damaged`
 */
export async function startEmbeddedS3(options: EmbeddedS3Options): Promise<EmbeddedS3> {
  const { directory, log, now = () => new Date() } = options;
  const transport = options.transport ?? (process.platform === 'win32' ? 'loopback' : 'socket');
  const identity = await readIdentity(directory);
  const serve = (address: StoreAddress) => serveUnlessRunning({ directory, identity, address, log, now });
  const { address, first } =
    transport === 'socket'
      ? await onSocket(directory, serve)
      : await onLoopback({ directory, identity, log, serve });

  let serving: Serving | null = first;
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  const look = async () => {
    if (stopped) return;
    try {
      if (serving !== null) {
        if (await serving.isStillOurs()) return;
        log.warn({ directory }, 'embedded_s3_replaced');
        finish(serving.server);
        serving = null;
      }
      const taken = await serve(address);
      if (taken !== 'port taken') serving = taken;
    } catch (thrown) {
      log.error({ reason: errorMessage(thrown) }, 'embedded_s3_take_over_failed');
    }
  };
  const watch = setInterval(() => {
    turn = turn.then(look);
  }, takeOverMs);
  watch.unref();

  return {
    endpoint: endpointOf(address),
    ...('port' in address ? {} : { socketPath: address.socketPath }),
    accessKeyId: identity.accessKeyId,
    secretAccessKey: identity.secretAccessKey,
    region: storeRegion,
    bucket: storeBucket,
    objectFile: createObjectFiles(dataFolder(directory)),
    serving: () => serving !== null,
    async stop() {
      stopped = true;
      clearInterval(watch);
      await turn;
      if (serving !== null) await close(serving.server);
      serving = null;
    },
  };
}

type Serve = (address: StoreAddress) => Promise<Serving | null | 'port taken'>;
type Started = { address: StoreAddress; first: Serving | null };

async function onSocket(directory: string, serve: Serve): Promise<Started> {
  const address = { socketPath: await socketPlace(directory) };
  const first = await serve(address);
  return { address, first: first === 'port taken' ? null : first };
}

/** The port is chosen once and kept, so that other processes find it. */
async function onLoopback(options: {
  directory: string;
  identity: EmbeddedS3Identity;
  log: Log;
  serve: Serve;
}): Promise<Started> {
  const { directory, identity, log, serve } = options;
  const choosePort = async () => {
    const port = await freePort();
    await writeIdentity(directory, { ...identity, port });
    return port;
  };
  let address = { port: identity.port ?? (await choosePort()) };
  let first = await serve(address);
  if (first === 'port taken') {
    // Remembered, but a stranger has it now.
    address = { port: await choosePort() };
    log.warn({ port: address.port }, 'embedded_s3_port_changed');
    first = await serve(address);
  }
  if (first === 'port taken') throw cannotStart(`port ${address.port} was taken at once. Start it again`);
  return { address, first };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listenOnPort(server, 0);
  const address = server.address();
  await close(server);
  if (address === null || typeof address === 'string') throw cannotStart('no port is free. Free one');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** Takes no more connections; what has begun may end. */
function finish(server: Server): void {
  server.close();
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), finishMs).unref();
}

/** The server when this process serves now, null when another one does. */
async function serveUnlessRunning(options: {
  directory: string;
  identity: EmbeddedS3Identity;
  address: StoreAddress;
  log: Log;
  now: () => Date;
}): Promise<Serving | null | 'port taken'> {
  const { directory, identity, address, log, now } = options;
  if (await isRunning(identity, address)) return null;
  const store = await openPackage(directory, log);
  const checkHost = 'port' in address;
  const server = createServer(createGuard({ identity, checkHost, now, log, serve: store.serve }));
  server.once('close', () => store.close());
  try {
    const isStillOurs =
      'port' in address
        ? await onPort(server, address.port)
        : await listenOnSocket(server, address.socketPath);
    log.info({ directory, ...address }, 'embedded_s3_serving');
    return { server, isStillOurs };
  } catch (thrown) {
    store.close();
    if (!('port' in address && isTaken(thrown))) throw thrown;
    return (await isRunning(identity, address)) ? null : 'port taken';
  }
}

async function onPort(server: Server, port: number): Promise<() => Promise<boolean>> {
  await listenOnPort(server, port);
  return async () => true;
}

function isTaken(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EADDRINUSE';
}
