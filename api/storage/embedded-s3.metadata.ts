import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';

const whole = /^"[0-9a-f]{32}(-\d+)?"$/;

/**
 * A store that was killed while it wrote an object leaves files of metadata that are cut off. The package
 * then fails every read of the object, and every listing of its bucket, for good. Such an object is given
 * with what its bytes say: the next write of it, or its deletion, goes through.
 */
export function tolerateCutMetadata(files: FilesystemStore): void {
  const read = files.getMetadata.bind(files);
  files.getMetadata = async (bucket, key) => {
    try {
      const metadata = await read(bucket, key);
      if (whole.test(metadata.etag)) return metadata;
      return { ...metadata, ...(await bytesSay(files, bucket, key)) };
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown;
      return bytesSay(files, bucket, key);
    }
  };
}

async function bytesSay(files: FilesystemStore, bucket: string, key: string) {
  const path = files.getResourcePath(bucket, key, 'object');
  const { mtime, size } = await stat(path);
  const md5 = new Bun.CryptoHasher('md5');
  for await (const chunk of createReadStream(path)) md5.update(chunk);
  return { etag: `"${md5.digest('hex')}"`, 'last-modified': mtime.toUTCString(), 'content-length': size };
}
