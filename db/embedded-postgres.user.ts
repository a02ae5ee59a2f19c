import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { AppError } from '../api/shared/errors';

/**
 * Who PostgreSQL's programs run as: PostgreSQL refuses root. Null: as this process itself.
 */
export type RunAs = { uid: number; gid: number; name: string } | null;

/** The whole environment of PostgreSQL's programs: their messages are read, so they are in English. */
export const postgresEnvironment = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin:/usr/sbin:/sbin' };

/**
 * The system user to run PostgreSQL as. When this process is root: `postgres`, made if there is
 * none, or `nobody` where no user can be made.
 * @throws AppError `NoDatabaseUser` when there is none of them.
 */
export function findRunAs(): RunAs {
  if (process.getuid?.() !== 0) return null;
  const found = lookUp('postgres');
  if (found) return found;
  run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
  const made = lookUp('postgres') ?? lookUp('nobody');
  if (made) return made;
  throw new AppError({
    code: 'NoDatabaseUser',
    message:
      'The embedded database cannot run as root and no other user could be made. Run the studio as a normal user, or set DATABASE_URL.',
  });
}

/** Runs a program to its end as that user, with file system access as that user has it. */
export function runAs(user: RunAs, program: string, args: string[]): SpawnSyncReturns<string> {
  return spawnSync(program, args, {
    encoding: 'utf8',
    cwd: '/',
    env: postgresEnvironment,
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
}

/** Whether that user can enter a directory (every directory above it lets it through); it need not list it. */
export function canEnter(user: RunAs, directory: string): boolean {
  return runAs(user, '/bin/sh', ['-c', 'cd "$0"', directory]).status === 0;
}

function lookUp(name: string): RunAs {
  const uid = Number.parseInt(run('id', ['-u', name]), 10);
  const gid = Number.parseInt(run('id', ['-g', name]), 10);
  return Number.isNaN(uid) || Number.isNaN(gid) ? null : { uid, gid, name };
}

/** The output of a program; empty when it fails or is not there. */
function run(program: string, args: string[]): string {
  const result = spawnSync(program, args, { encoding: 'utf8', env: postgresEnvironment });
  return result.status === 0 ? result.stdout : '';
}
