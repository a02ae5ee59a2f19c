import { link, lstat, mkdir, readdir, readFile, realpath, rmdir, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';

/** The folders of the media root. */
export const mediaFolders = ['audio', 'videos', 'images', 'jobs', 'uploads'] as const;
/** Holds the media root's id; a copied or moved folder keeps its identity. */
const markerName = '.media-root-id';

export type LocalFile = { path: string; bytes: number; modifiedMs: number };
export type LocalTree = {
  files: LocalFile[];
  /** Deepest first. */
  folders: { path: string; modifiedMs: number }[];
  /** What is no plain file: never followed. */
  links: string[];
};

/** True for "there is no such file". */
export function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
  );
}

function hasCode(thrown: unknown, ...codes: string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}

function notAllowed(path: string, why: string): AppError {
  return new AppError({
    code: 'PathNotAllowed',
    message: `${path} is not touched: ${why}. Only plain files under the media folder are.`,
  });
}

/** The files under the media root, and the guard around them. */
export type LocalFiles = Awaited<ReturnType<typeof openLocalFiles>>;

/**
 * Opens a media root, making its folders and its id when it is new.
 *
 * Every path goes through `inside`: it must lie under the root, have no `..`, and neither it nor any
 * folder on the way may be a symbolic link. `root` itself is resolved once.
 */
export async function openLocalFiles(options: { mediaRoot: string; newId: NewId }) {
  const givenRoot = resolve(options.mediaRoot);
  for (const folder of mediaFolders) await mkdir(join(givenRoot, folder), { recursive: true });
  const root = await realpath(givenRoot);
  const rootId = await readRootId(root, options.newId);

  async function inside(path: string): Promise<string> {
    if (path.includes('\0')) throw notAllowed(JSON.stringify(path), 'it has a zero byte');
    if (path.split(/[\\/]/).includes('..')) throw notAllowed(path, 'it goes up by ".."');
    let absolute = isAbsolute(path) ? resolve(path) : join(root, path);
    if (absolute !== root && !absolute.startsWith(root + sep) && absolute.startsWith(givenRoot + sep))
      absolute = root + absolute.slice(givenRoot.length);
    if (!absolute.startsWith(root + sep)) throw notAllowed(path, 'it lies outside');
    let step = root;
    for (const name of relative(root, absolute).split(sep)) {
      step = join(step, name);
      try {
        if ((await lstat(step)).isSymbolicLink()) throw notAllowed(path, 'it passes a symbolic link');
      } catch (thrown) {
        if (isMissing(thrown)) break;
        throw thrown;
      }
    }
    return absolute;
  }

  return {
    root,
    rootId,
    /** The absolute path, or AppError `PathNotAllowed`. The file need not exist. */
    inside,
    /** The path as the outbox has it: relative to the root, with forward slashes. */
    async relativePath(path: string): Promise<string> {
      return relative(root, await inside(path))
        .split(sep)
        .join('/');
    },
    /** Deletes a plain file; tells its size. @throws ENOENT when it is not there. */
    async unlink(path: string): Promise<number> {
      const absolute = await inside(path);
      const stat = await lstat(absolute);
      if (!stat.isFile()) throw notAllowed(path, 'it is not a plain file');
      await unlink(absolute);
      return stat.size;
    },
    /** Takes a symbolic link away; what it points at stays. @throws ENOENT when it is not there. */
    async unlinkLink(path: string): Promise<void> {
      const link = join(await inside(dirname(path)), basename(path));
      if (!(await lstat(link)).isSymbolicLink()) throw notAllowed(path, 'it is not a symbolic link');
      await unlink(link);
    },
    /** Removes a folder if it is empty and not one of the root's own. */
    async removeIfEmpty(path: string): Promise<boolean> {
      const absolute = await inside(path);
      if (dirname(absolute) === root) return false;
      try {
        await rmdir(absolute);
        return true;
      } catch (thrown) {
        if (isMissing(thrown) || hasCode(thrown, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return false;
        throw thrown;
      }
    },
    /** Everything under a folder (the whole root without one); files that vanish meanwhile are left out. */
    async tree(path?: string): Promise<LocalTree> {
      const tree: LocalTree = { files: [], folders: [], links: [] };
      const visit = async (folder: string): Promise<void> => {
        for (const entry of await readdir(folder, { withFileTypes: true }).catch(emptyWhenMissing)) {
          const entryPath = join(folder, entry.name);
          if (folder === root && entry.name.startsWith(markerName)) continue;
          try {
            const stat = await lstat(entryPath);
            if (stat.isDirectory()) {
              await visit(entryPath);
              tree.folders.push({ path: entryPath, modifiedMs: stat.mtimeMs });
            } else if (stat.isFile()) {
              tree.files.push({ path: entryPath, bytes: stat.size, modifiedMs: stat.mtimeMs });
            } else tree.links.push(entryPath);
          } catch (thrown) {
            if (!isMissing(thrown)) throw thrown;
          }
        }
      };
      await visit(path === undefined ? root : await inside(path));
      return tree;
    },
    async makeFolder(path: string): Promise<string> {
      const absolute = await inside(path);
      await mkdir(absolute, { recursive: true });
      return absolute;
    },
  };
}

function emptyWhenMissing(thrown: unknown): never[] {
  if (isMissing(thrown)) return [];
  throw thrown;
}

/** Reads the root's id; the first process to come makes it, whole before it is seen by others. */
async function readRootId(root: string, newId: NewId): Promise<string> {
  const marker = join(root, markerName);
  try {
    await lstat(marker);
  } catch (thrown) {
    if (!isMissing(thrown)) throw thrown;
    const draft = `${marker}.${newId()}`;
    await writeFile(draft, `${newId()}\n`, { flag: 'wx' });
    try {
      await link(draft, marker);
    } catch (linking) {
      if (!hasCode(linking, 'EEXIST')) throw linking;
    } finally {
      await unlink(draft);
    }
  }
  const id = (await readFile(marker, 'utf8')).trim();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw new AppError({
      code: 'MediaRootDamaged',
      message: `${marker} does not hold an id. Restore it; files that wait for their upload are known by it.`,
    });
  }
  return id;
}
