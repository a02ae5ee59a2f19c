import { Database as LockFile } from 'bun:sqlite';

/**
 * Runs `work` while holding a lock that other processes (and other callers in this one) respect.
 * The lock is SQLite's on an otherwise empty file: the system drops it when its holder dies, so it
 * can't be left behind, and it works the same on Linux and macOS.
 * @throws Error when the lock is not free within `timeoutMs`.
 */
export async function withFileLock<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const file = new LockFile(path, { create: true });
  try {
    file.run('pragma busy_timeout = 0');
    const deadline = performance.now() + timeoutMs;
    while (!tryLock(file)) {
      if (performance.now() > deadline) {
        throw new Error(
          `Another process has held ${path} for ${timeoutMs / 1000} s. Look what it waits for.`,
        );
      }
      await Bun.sleep(25);
    }
    const result = await work();
    return result;
  } finally {
    file.close();
  }
}

function tryLock(file: LockFile): boolean {
  try {
    file.run('begin exclusive');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return false;
    throw error;
  }
}
