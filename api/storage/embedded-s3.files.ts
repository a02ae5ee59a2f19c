import { statSync } from 'node:fs';
import FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';
import { LRUCache } from 'lru-cache';
import { tolerateCutMetadata } from './embedded-s3.metadata';
import { storeBucket } from './embedded-s3.operations';
import { isObjectKey } from './keys';
import { isMissing } from './local-files';

/** An object of the embedded store as a file of this machine. */
export type ObjectFile = {
  /** Absolute. */
  path: string;
  bytes: number;
  /** In its quotation marks. */
  etag: string;
  contentType: string;
};

/** Null when there is no such object, or its key is none of the studio's. */
export type FindObjectFile = (key: string) => Promise<ObjectFile | null>;

/** About 300 bytes each: 6 MB for as many objects as a large studio shows at once. */
const mostRemembered = 20_000;

/**
 * Finds objects as files, past S3's protocol, in every process that has the store's folder. Keys are never
 * used again, so that what a file is stays known; whether it is there is looked at each time.
 */
export function createObjectFiles(dataFolder: string): FindObjectFile {
  const files = new FilesystemStore(dataFolder);
  tolerateCutMetadata(files);
  const known = new LRUCache<string, ObjectFile>({ max: mostRemembered });
  return async (key) => {
    const remembered = known.get(key);
    if (remembered === undefined && !isObjectKey(key)) return null;
    const path = remembered?.path ?? files.getResourcePath(storeBucket, key, 'object');
    try {
      // Not through the thread pool, which takes ten times as long: a local disk's cache answers in microseconds.
      const { size } = statSync(path);
      if (remembered?.bytes === size) return remembered;
      const metadata = await files.getMetadata(storeBucket, key);
      const told = metadata['content-type'];
      const found: ObjectFile = {
        path,
        bytes: metadata['content-length'],
        etag: metadata.etag,
        contentType: told ?? 'application/octet-stream',
      };
      // Without its type the metadata is cut off: the next write of the object mends it.
      if (told !== undefined) known.set(key, found);
      return found;
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      known.delete(key);
      return null;
    }
  };
}
