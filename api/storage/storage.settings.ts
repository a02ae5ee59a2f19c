const mebibyte = 1024 * 1024;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** The numbers of storage; tests make them smaller. */
export type StorageSettings = {
  /** Files of at least this size go up in parts. */
  multipartFromBytes: number;
  partBytes: number;
  partsAtOnce: number;
  /** Tries while the caller waits; later ones are the sweep's. */
  inlineTries: number;
  /** Waits before the second, third, … inline try; the last one repeats. */
  inlineDelaysMs: number[];
  /** Wait after the first failure on record; doubles with each further one up to the longest. */
  backOffFirstMs: number;
  backOffLongestMs: number;
  connectTimeoutMs: number;
  /** Bound of a request that carries no file. */
  requestTimeoutMs: number;
  /** A transfer may take `requestTimeoutMs` plus its bytes at this rate. */
  slowestBytesPerSecond: number;
  /** A file that no row knows is looked for in S3 when older than this. */
  unknownFileAgeMs: number;
  /** Empty folders younger than this may be about to be used. */
  emptyFolderAgeMs: number;
  multipartUploadAgeMs: number;
  /** How long an object that only a job needs may outlive its process. */
  temporaryObjectLifeMs: number;
  /** How long a job waits for another machine that has its result on disk and can't store it. */
  elsewherePatienceMs: number;
};

export const defaultStorageSettings: StorageSettings = {
  // Below it one request is quicker than three; AWS advises parts from 100 MB on, a broken home line
  // loses at most this much.
  multipartFromBytes: 64 * mebibyte,
  // 16 MiB: S3's smallest is 5 MiB; 10,000 parts of 16 MiB are 156 GiB.
  partBytes: 16 * mebibyte,
  partsAtOnce: 2,
  inlineTries: 3,
  inlineDelaysMs: [200, 1 * second],
  backOffFirstMs: 30 * second,
  backOffLongestMs: 1 * hour,
  connectTimeoutMs: 5 * second,
  requestTimeoutMs: 30 * second,
  // 1 Mbit/s, the slowest upstream on which sending video makes sense.
  slowestBytesPerSecond: 128 * 1024,
  unknownFileAgeMs: 24 * hour,
  emptyFolderAgeMs: 1 * hour,
  multipartUploadAgeMs: 24 * hour,
  // Longer than any provider keeps a job.
  temporaryObjectLifeMs: 24 * hour,
  // The other machine tries five times in this (30 s, 1, 2, 4 min); one that never comes back must not
  // hold a scene for long.
  elsewherePatienceMs: 600 * second,
};

/** How long a transfer of so many bytes may take. */
export function transferTimeoutMs(bytes: number, settings: StorageSettings): number {
  return settings.requestTimeoutMs + Math.ceil((bytes / settings.slowestBytesPerSecond) * second);
}

/** Wait before the next try after so many failures: 30 s, 1 min, 2 min … an hour. */
export function backOffMs(attempts: number, settings: StorageSettings): number {
  const doublings = Math.max(0, Math.min(attempts - 1, 30));
  return Math.min(settings.backOffLongestMs, settings.backOffFirstMs * 2 ** doublings);
}

/** The size of the parts: the set one, larger when S3's limit of 10,000 parts would be passed. */
export function partBytesFor(bytes: number, settings: StorageSettings): number {
  return Math.max(settings.partBytes, Math.ceil(bytes / 10_000));
}
