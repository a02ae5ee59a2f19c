import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, lstat, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppError, errorMessage } from '../shared/errors';
import { type EmbeddedS3Identity, proof, proofPath } from './embedded-s3.identity';
import { storeHost } from './embedded-s3.operations';
import { isMissing } from './local-files';

/** Where a store is spoken to: a socket in the file system, or a port of this machine's loopback. */
export type StoreAddress = { socketPath: string } | { port: number };

export const loopback = '127.0.0.1';

/** The endpoint that is signed. Over a socket no name is looked up. */
export function endpointOf(address: StoreAddress): string {
  return 'port' in address ? `http://${loopback}:${address.port}` : `http://${storeHost}`;
}

/** Whether the store of this identity answers there. */
export async function isRunning(identity: EmbeddedS3Identity, address: StoreAddress): Promise<boolean> {
  const nonce = randomBytes(16).toString('hex');
  try {
    const answer = await fetch(`${endpointOf(address)}${proofPath}${nonce}`, {
      redirect: 'error',
      // It answers in milliseconds; a busy machine may need more.
      signal: AbortSignal.timeout(3000),
      ...('port' in address ? {} : { unix: address.socketPath }),
    });
    const told = Buffer.from((await answer.text()).slice(0, 100));
    const expected = Buffer.from(proof(identity, nonce));
    return told.length === expected.length && timingSafeEqual(told, expected);
  } catch {
    // Refused, reset or too slow: not ours, whatever it is.
    return false;
  }
}

export function cannotStart(why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'EmbeddedS3Failed',
    message: `The embedded store cannot start: ${why}, or set S3_ENDPOINT to a store of your own.`,
    cause,
  });
}

const socketName = 's3.sock';
/** Taken by a server before its socket gets the shared name. */
const ownName = () => `${randomBytes(4).toString('hex')}.sock`;
/** Bytes of a socket's path: Linux has room for 107, macOS for 103. */
const longestSocketPath = 103;

/**
 * Where the socket of a store lies: in a folder of its own that only we can enter, under the store's
 * directory, or, when that path is too long for a socket, under the system's folder for temporary files.
 * @param directory of the store; must exist
 */
export async function socketPlace(directory: string): Promise<string> {
  const real = await realpath(directory);
  const own = join(real, 'socket');
  const longest = Buffer.byteLength(join(own, ownName()));
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 16);
  const folder = longest <= longestSocketPath ? own : join(await realpath(tmpdir()), `songreel-${hash}`);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  }
  const found = await lstat(folder);
  // Somebody else may have made it first where all users may write.
  const isOurs = found.isDirectory() && found.uid === (process.getuid?.() ?? found.uid);
  if (!isOurs) {
    throw cannotStart(
      `${folder}, where its socket should be, is no folder of the user that the studio runs as. Remove it, set DATA_DIR to a shorter path`,
    );
  }
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
  return join(folder, socketName);
}

/**
 * Lets a server listen under a name of its own and then gives its socket the shared name, in one step and
 * over whatever is there: a socket that a killed process left, or one of a process that came at the same
 * time and will see that it was replaced. @returns whether the shared name is still this server's
 */
export async function listenOnSocket(server: Server, socketPath: string): Promise<() => Promise<boolean>> {
  const folder = dirname(socketPath);
  const own = join(folder, ownName());
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: own }, resolve);
    });
    await chmod(own, 0o600);
    const { ino } = await stat(own);
    await rename(own, socketPath);
    return async () => {
      try {
        return (await stat(socketPath)).ino === ino;
      } catch (thrown) {
        // Removed by somebody: it is no longer anybody's.
        if (isMissing(thrown)) return false;
        throw thrown;
      }
    };
  } catch (thrown) {
    server.close();
    await rm(own, { force: true });
    throw cannotStart(
      `there can be no socket in ${folder} (${errorMessage(thrown)}). Empty that folder, set DATA_DIR to one on a disk of this machine`,
      thrown,
    );
  }
}

/** @throws the system's error, EADDRINUSE when somebody else has the port */
export function listenOnPort(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: loopback, exclusive: true }, resolve);
  });
}
