import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import S3Error from '@20minutes/s3rver/lib/models/error.js';
import type FilesystemStore from '@20minutes/s3rver/lib/stores/filesystem.js';
import { isMissing } from './local-files';

/** How often a folder that a deletion removes at the same moment is made again. */
const triesOfRename = 5;

/**
 * Writes objects and parts beside their place, whole, on the disk, and with the bytes that were signed
 * (the stream fails otherwise) before they get their names: the package writes in place, so that a request
 * that breaks off leaves half an object, and it answers before the data is on the disk, though a local file
 * is deleted on this word. Deletions leave folders that are not empty alone, whatever is put meanwhile.
 * @param drafts a folder on the same disk as the objects
 */
export function writeWhole(files: FilesystemStore, drafts: string, newDraftName: () => string): void {
  const write = async (content: Readable) => {
    const draft = join(drafts, newDraftName());
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    const file = await open(draft, 'wx', 0o600);
    try {
      return { draft, ...(await writeAll(file, content)) };
    } catch (thrown) {
      await rm(draft, { force: true });
      throw thrown;
    } finally {
      await file.close();
    }
  };
  const uploadFolder = (bucket: string, uploadId: string) =>
    join(files.getResourcePath(bucket, undefined, 'uploads'), uploadId);

  files.putObject = async ({ bucket, key, content, metadata }) => {
    const { draft, size, md5 } = await write(content);
    const path = files.getResourcePath(bucket, key, 'object');
    const folder = dirname(path);
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await mkdir(folder, { recursive: true, mode: 0o700 });
          // Before the object, so that no moment shows it without its type.
          await files.putMetadata(bucket, key, metadata, md5);
          await sync(files.getResourcePath(bucket, key, 'object.md5'));
          await sync(files.getResourcePath(bucket, key, 'metadata.json'));
          await rename(draft, path);
          await sync(folder);
          return { size, md5 };
        } catch (thrown) {
          if (attempt === triesOfRename || !isMissing(thrown)) throw thrown;
        }
      }
    } finally {
      await rm(draft, { force: true });
    }
  };

  files.putPart = async (bucket, uploadId, partNumber, content) => {
    const folder = uploadFolder(bucket, uploadId);
    const { draft, size, md5 } = await write(content);
    try {
      await writeFile(join(folder, `${partNumber}.md5`), md5, { mode: 0o600 });
      await rename(draft, join(folder, partNumber));
      return { size, md5 };
    } catch (thrown) {
      throw isMissing(thrown) ? noSuchUpload() : thrown;
    } finally {
      await rm(draft, { force: true });
    }
  };

  files.putObjectMultipart = async (bucket, uploadId, parts) => {
    const folder = uploadFolder(bucket, uploadId);
    const key = await textOf(join(folder, 'key'));
    const metadata = await textOf(join(folder, 'metadata'));
    if (key === null || metadata === null) throw noSuchUpload();
    const inOrder = parts.toSorted((a, b) => a.number - b.number);
    for (const { number, etag } of inOrder) {
      if ((await textOf(join(folder, `${number}.md5`))) === etag) continue;
      throw new S3Error('InvalidPart', `Part ${number} was not uploaded, or is another one.`);
    }
    const paths = inOrder.map(({ number }) => join(folder, String(number)));
    const content = Readable.from(bytesOf(paths));
    const written = await files.putObject({ bucket, key, content, metadata: JSON.parse(metadata) });
    await rm(folder, { recursive: true, force: true });
    return written;
  };

  files.deleteObject = async (bucket, key) => {
    for (const resource of ['object', 'object.md5', 'metadata.json']) {
      await rm(files.getResourcePath(bucket, key, resource), { force: true });
    }
    const folders = key.split('/').slice(0, -1);
    for (; folders.length > 0; folders.pop()) {
      try {
        await rmdir(join(files.getBucketPath(bucket), ...folders));
      } catch (thrown) {
        if (isMissing(thrown) || isNotEmpty(thrown)) return;
        throw thrown;
      }
    }
  };
}

function noSuchUpload(): S3Error {
  return new S3Error('NoSuchUpload', 'There is no such multipart upload; it may have been ended.');
}

async function writeAll(file: FileHandle, content: Readable): Promise<{ size: number; md5: string }> {
  const md5 = new Bun.CryptoHasher('md5');
  let size = 0;
  for await (const piece of content) {
    const chunk: Uint8Array = piece;
    md5.update(chunk);
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
    size += chunk.length;
  }
  await file.sync();
  return { size, md5: md5.digest('hex') };
}

async function* bytesOf(paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: 256 * 1024 });
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

/** The system's ways to say that a folder has something in it. */
function isNotEmpty(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && ['ENOTEMPTY', 'EEXIST'].includes(String(thrown.code));
}

/** Removes what a killed store left of requests that it was about to finish. */
export async function removeOld(folder: string, names: readonly string[], ageMs: number): Promise<void> {
  for (const name of names) {
    const path = join(folder, name);
    try {
      if (Date.now() - (await stat(path)).mtimeMs > ageMs) await rm(path, { recursive: true, force: true });
    } catch (thrown) {
      // Finished meanwhile.
      if (!isMissing(thrown)) throw thrown;
    }
  }
}
