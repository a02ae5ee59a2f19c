import { statfs } from 'node:fs/promises';
import { AppError } from '../../shared/errors';

/** Free bytes of the disk that a folder lies on. */
export type FreeBytes = (directory: string) => Promise<number>;

export const freeBytesOf: FreeBytes = async (directory) => {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
};

export type DiskGuard = ReturnType<typeof createDiskGuard>;

const mebibytes = (bytes: number) => `${Math.floor(bytes / 1024 / 1024).toLocaleString('en')} MiB`;

/**
 * Keeps some of the disk free, so that the database and uploads under way never meet a full one: work
 * that would write waits, and uploads are refused before they begin.
 */
export function createDiskGuard(options: {
  directory: string;
  /** What has to stay free. */
  minimumBytes: number;
  freeBytes?: FreeBytes;
}) {
  const { directory, minimumBytes, freeBytes = freeBytesOf } = options;

  return {
    freeBytes: () => freeBytes(directory),

    /**
     * @param neededBytes what is about to be written, as far as it is known
     * @param promisedBytes what others may still write
     * @throws AppError 507 `DiskNearlyFull`
     */
    async requireSpace(neededBytes = 0, promisedBytes = 0): Promise<void> {
      const free = await freeBytes(directory);
      if (free - promisedBytes - neededBytes >= minimumBytes) return;
      throw new AppError({
        code: 'DiskNearlyFull',
        message: `The studio's disk is nearly full: ${mebibytes(free)} are free, ${mebibytes(minimumBytes)} must stay so${promisedBytes > 0 ? `, ${mebibytes(promisedBytes)} are still to come of uploads that have begun` : ''}${neededBytes > 0 ? ` and this needs ${mebibytes(neededBytes)}` : ''}. Free some, or set DATA_DIR to another disk. Nothing was lost.`,
        details: { freeBytes: free, minimumBytes, promisedBytes },
      });
    },
  };
}
