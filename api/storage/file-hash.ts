import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export type PartHashes = { start: number; bytes: number; sha256: Buffer; md5: Buffer };

/** What was read from a file, whole and by parts, in one pass. */
export type FileHashes = {
  bytes: number;
  sha256: Buffer;
  md5: Buffer;
  /** One for a file that goes up in one request. */
  parts: PartHashes[];
  /** Which file was read; another file at the same path later is not the one that was uploaded. */
  identity: FileIdentity;
};

export type FileIdentity = { device: number; inode: number; bytes: number; modifiedMs: number };

/** Reads in pieces of 1 MiB: from there on hashing is bound by the hashes, not by the calls. */
const readBytes = 1024 * 1024;

/** Which file an open handle reads. @throws when it is not a regular file. */
export async function identityOf(file: FileHandle): Promise<FileIdentity> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new Error('It is not a regular file.');
  return { device: stat.dev, inode: stat.ino, bytes: stat.size, modifiedMs: stat.mtimeMs };
}

export function sameFile(a: FileIdentity, b: FileIdentity): boolean {
  return a.device === b.device && a.inode === b.inode && a.bytes === b.bytes && a.modifiedMs === b.modifiedMs;
}

/** Opens a file for reading without following a symbolic link at its end. */
export function openNoFollow(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
}

/**
 * Hashes a file while reading it once; memory stays flat. `partBytes` tells the size of the parts of
 * a file of so many bytes.
 */
export async function hashFile(
  path: string,
  options: { partBytes: (bytes: number) => number; signal?: AbortSignal },
): Promise<FileHashes> {
  const file = await openNoFollow(path);
  try {
    const identity = await identityOf(file);
    const partBytes = Math.max(1, options.partBytes(identity.bytes));
    const sha256 = new Bun.CryptoHasher('sha256');
    const md5 = new Bun.CryptoHasher('md5');
    const parts: PartHashes[] = [];
    const buffer = Buffer.allocUnsafe(readBytes);
    let partSha256 = new Bun.CryptoHasher('sha256');
    let partMd5 = new Bun.CryptoHasher('md5');
    let partStart = 0;
    let position = 0;
    const endPart = () => {
      parts.push({
        start: partStart,
        bytes: position - partStart,
        sha256: partSha256.digest(),
        md5: partMd5.digest(),
      });
      partSha256 = new Bun.CryptoHasher('sha256');
      partMd5 = new Bun.CryptoHasher('md5');
      partStart = position;
    };
    for (;;) {
      options.signal?.throwIfAborted();
      const wanted = Math.min(readBytes, partStart + partBytes - position);
      const { bytesRead } = await file.read(buffer, 0, wanted, position);
      if (bytesRead === 0) break;
      const piece = buffer.subarray(0, bytesRead);
      sha256.update(piece);
      md5.update(piece);
      partSha256.update(piece);
      partMd5.update(piece);
      position += bytesRead;
      if (position - partStart === partBytes) endPart();
    }
    if (position > partStart || parts.length === 0) endPart();
    return { bytes: position, sha256: sha256.digest(), md5: md5.digest(), parts, identity };
  } finally {
    await file.close();
  }
}
