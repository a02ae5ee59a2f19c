import { chmod, chown, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Takes every right of the group and of others from what is written. */
const OWNER_ONLY = 0o077;

/**
 * From now on all files and folders that this process and its programs make are for its user alone, however
 * they are made. To be called once, by a process's entry.
 * @returns the umask before, for files that a user asked for by name
 */
export function keepFilesPrivate(): number {
  return process.umask(OWNER_ONLY);
}

/** Gives a file that a user asked for by name the rights that the user's own umask leaves. */
export async function giveUsualRights(path: string, usersUmask: number): Promise<void> {
  await chmod(path, 0o666 & ~usersUmask);
}

/** Rights to enter a folder, not to list it. */
const PASS_THROUGH = 0o710;

/**
 * Closes a folder to everybody but its owner. Nobody gets at what lies in a closed folder, whatever rights
 * the files themselves have, so this takes as long for one file as for a million.
 * @param group whose members may pass through to a folder they know the name of; they can't list it
 * @throws the system's error (EPERM, EROFS…) when the rights can't be changed
 */
export async function closeFolder(path: string, group: number | null = null): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const wanted = group === null ? 0o700 : PASS_THROUGH;
  if (group !== null && gid !== group) await chown(path, uid, group);
  if ((mode & 0o7777) !== wanted) await chmod(path, wanted);
}

/** Makes a folder and those above it that are missing, all of them closed as by `closeFolder`. */
export async function makeClosedFolder(path: string, group: number | null = null): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  for (let folder = path; ; folder = dirname(folder)) {
    await closeFolder(folder, group);
    if (first === undefined || folder === first) return;
  }
}

/** Lets everybody read a folder and all in it: programs and pages that are public anyway. */
export async function openToAll(path: string): Promise<void> {
  const entry = await lstat(path);
  if (entry.isSymbolicLink()) return;
  const runs = entry.isDirectory() || (entry.mode & 0o100) !== 0;
  await chmod(path, runs ? 0o755 : 0o644);
  if (entry.isDirectory()) for (const name of await readdir(path)) await openToAll(join(path, name));
}
