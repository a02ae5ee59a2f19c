import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  chown,
  cp,
  mkdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { AppError, errorMessage } from '../api/shared/errors';
import type { Log } from '../api/shared/log';
import { closeFolder, makeClosedFolder, openToAll } from '../api/shared/private-files';
import { canEnter, type RunAs, runAs } from './embedded-postgres.user';

/** Where root keeps what the database's user cannot reach in its own place. */
const SHARED_PLACE = '/var/lib/songreel';

export type Binaries = { postgres: string; initdb: string; version: string };

/**
 * PostgreSQL's programs from npm. When the database's user cannot run them where they are (a
 * checkout under a home directory that is closed to others), they are copied to a place where it can.
 * @throws AppError `NoDatabasePrograms` when npm installed none for this machine or they don't run.
 */
export async function findBinaries(
  user: RunAs,
  log: Log,
  sharedPlace = SHARED_PLACE,
  native = packageDirectory(),
): Promise<Binaries> {
  const inPlace = binariesIn(native);
  let failure = inPlace.failure(user);
  if (failure === null) return inPlace.binaries();

  // Named after its version and origin, so that an update of the package is copied anew.
  const origin = createHash('sha256')
    .update(await packageIdentity(native))
    .digest('hex')
    .slice(0, 16);
  const place = user ? sharedPlace : join(native, '..', '..', '.songreel');
  const copy = join(place, `postgres-${origin}`);
  const copied = binariesIn(copy);
  if (copied.failure(user) === null) return copied.binaries();
  try {
    await makePlace(user, place);
    const half = `${copy}.${randomUUID()}`;
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await restoreLinks(native, half);
    // Another user runs them, and they come from npm: there is nothing to hide.
    await openToAll(half);
    await rm(copy, { recursive: true, force: true });
    await rename(half, copy);
    log.info({ from: native, to: copy }, 'database_programs_copied');
    failure = copied.failure(user);
  } catch (error) {
    failure = errorMessage(error);
  }
  if (failure === null) return copied.binaries();
  throw new AppError({
    code: 'NoDatabasePrograms',
    message: `The embedded database's programs don't run: ${failure}. Set DATABASE_URL to a PostgreSQL of yours.`,
  });
}

function binariesIn(native: string) {
  const postgres = join(native, 'bin', 'postgres');
  const initdb = join(native, 'bin', 'initdb');
  let version = '';
  return {
    /** Why they can't be run by that user; null when they can. */
    failure(user: RunAs): string | null {
      for (const program of [initdb, postgres]) {
        const result = runAs(user, program, ['--version']);
        if (result.status !== 0)
          return result.error?.message ?? (result.stderr.trim() || `${program} failed`);
        version = /(\d+)(\.\d+)?/.exec(result.stdout)?.[1] ?? '';
      }
      return null;
    },
    binaries: (): Binaries => ({ postgres, initdb, version }),
  };
}

export function packageDirectory(): string {
  try {
    const wrapper = dirname(Bun.resolveSync('embedded-postgres', import.meta.dir));
    const entry = Bun.resolveSync(`@embedded-postgres/${process.platform}-${process.arch}`, wrapper);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new AppError({
      code: 'NoDatabasePrograms',
      message: `There is no embedded database for ${process.platform}-${process.arch}. Run bun install, or set DATABASE_URL to a PostgreSQL of yours.`,
      cause: error,
    });
  }
}

async function packageIdentity(native: string): Promise<string> {
  return (await readFile(join(native, '..', 'package.json'), 'utf8')) + (await realpath(native));
}

/** npm packages hold no links: the package lists its own, for a script that may not have run. */
async function restoreLinks(native: string, copy: string): Promise<void> {
  const list: unknown = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
  if (!Array.isArray(list)) return;
  for (const entry of list) {
    const { source, target } = entry;
    if (typeof source !== 'string' || typeof target !== 'string') continue;
    const link = join(copy, relative('native', target));
    await rm(link, { force: true });
    await symlink(basename(source), link);
  }
}

/**
 * The directory that holds the database's files: `directory` itself, or, when the database's user
 * cannot reach it, one in a shared place that `directory`/location.json then names.
 */
export async function findHome(
  user: RunAs,
  directory: string,
  log: Log,
  sharedPlace = SHARED_PLACE,
): Promise<string> {
  const group = user?.gid ?? null;
  await makeClosedFolder(directory, group);
  const pointer = Bun.file(join(directory, 'location.json'));
  if (await pointer.exists()) {
    const { home } = await pointer.json();
    if (typeof home === 'string' && canEnter(user, home)) {
      await closeFolder(home, group);
      return home;
    }
    throw new AppError({
      code: 'DatabaseMoved',
      message: `The database of ${directory} was kept in ${home}, which is gone or closed. Bring it back, or delete ${pointer.name} to begin with an empty database.`,
    });
  }
  if (canEnter(user, directory)) return directory;
  if (await Bun.file(join(directory, 'cluster', 'PG_VERSION')).exists()) {
    // Never an empty one in its place.
    throw new AppError({
      code: 'DatabaseClosed',
      message: `The database in ${directory} runs as the user ${user?.name}, who can't enter this folder any more. Let that user through the folders above it ("chmod o+x", or its group), or move DATA_DIR to where it can.`,
    });
  }

  // Random, so that a directory that was deleted to begin anew does not get its old database back.
  const home = join(sharedPlace, `database-${randomUUID()}`);
  await makePlace(user, sharedPlace);
  await makeClosedFolder(home, group);
  await writeFile(join(home, 'belongs-to.txt'), `${directory}\n`);
  await writeFile(
    join(directory, 'location.json'),
    `${JSON.stringify({ home, why: `The user ${user?.name} that runs the database cannot enter this directory.` })}\n`,
  );
  log.info({ directory, home, user: user?.name }, 'database_kept_elsewhere');
  return home;
}

/** Makes the shared place: where root made it, others pass through to what is theirs and list nothing. */
async function makePlace(user: RunAs, place: string): Promise<void> {
  await mkdir(place, { recursive: true });
  if (user) await chmod(place, 0o711);
}

/** Makes a directory that only the database's user can read. */
export async function makePrivateDirectory(user: RunAs, path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (user) await chown(path, user.uid, user.gid);
}
