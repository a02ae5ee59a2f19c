import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findRunAs } from '../../db/embedded-postgres.user';
import { AppError, errorMessage } from '../shared/errors';
import type { Log } from '../shared/log';
import { closeFolder, makeClosedFolder } from '../shared/private-files';

/** The studio's folders in DATA_DIR. PostgreSQL's is closed by whoever starts it. */
const ownFolders = ['outputs', 's3', 'uploads-in-progress', 'demo'];
/** What may lie beside them in a folder that is the studio's alone: a database, backups, what disks make. */
const usualNames = new Set([...ownFolders, 'postgres', 'backups', 'lost+found']);

const isUsual = (name: string) => usualNames.has(name) || name.startsWith('.');

/**
 * Makes DATA_DIR, or closes one that an earlier version left open, to everybody but this process's user. The
 * folders are closed, not each file: nobody passes a closed folder, so a studio with 100,000 files starts as
 * fast as an empty one.
 *
 * As root the embedded database runs as another user, whose group may pass through DATA_DIR to its own
 * folder: it can list nothing on the way and opens none of the other folders.
 * A folder that others use as well (/tmp, /var/lib) is left as it is, with a warning.
 * @throws AppError `DataDirectoryUnusable` when DATA_DIR can't be made
 */
export async function closeDataDirectory(options: {
  directory: string;
  embeddedDatabase: boolean;
  log: Log;
}): Promise<void> {
  const { directory, embeddedDatabase, log } = options;
  const group = embeddedDatabase ? (findRunAs()?.gid ?? null) : null;

  async function close(path: string, passing: number | null): Promise<void> {
    try {
      await closeFolder(path, passing);
    } catch (error) {
      log.warn(
        {
          path,
          error: errorMessage(error),
          help: 'Its rights could not be changed, so other users of this machine may get in. Make it belong to the user of the studio.',
        },
        'data_directory_open',
      );
    }
  }

  const found = await stat(directory).catch(() => null);
  if (found === null) {
    try {
      await makeClosedFolder(directory, group);
    } catch (error) {
      throw unusable(directory, errorMessage(error), error);
    }
    return;
  }
  if (!found.isDirectory()) throw unusable(directory, 'it is no folder');

  const isSticky = (found.mode & 0o1000) !== 0;
  const foreign = (await readdir(directory)).filter((name) => !isUsual(name));
  if (isSticky || directory === homedir() || foreign.length > 0) {
    log.warn(
      {
        directory,
        others: foreign.slice(0, 5),
        help: 'Other things lie in DATA_DIR as well, so only the folders of the studio in it were closed to other users. Give the studio a folder of its own.',
      },
      'data_directory_shared',
    );
  } else {
    await close(directory, group);
  }
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own && found.uid !== 0) {
    log.warn(
      {
        directory,
        owner: found.uid,
        help: 'Its owner can read and replace what the studio keeps. Make it belong to the user of the studio.',
      },
      'data_directory_of_another_user',
    );
  }
  for (const name of ownFolders) {
    const path = join(directory, name);
    if (await isFolder(path)) await close(path, null);
  }
}

const isFolder = async (path: string) => (await stat(path).catch(() => null))?.isDirectory() ?? false;

function unusable(directory: string, why: string, cause?: unknown): AppError {
  return new AppError({
    code: 'DataDirectoryUnusable',
    message: `DATA_DIR is ${directory}, but ${why}. Set it to a folder that the user of the studio may write to.`,
    cause,
  });
}
