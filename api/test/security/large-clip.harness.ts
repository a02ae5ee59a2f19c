import { copyFile, open, truncate } from 'node:fs/promises';
import { plainClip } from '../test-media';

/** Header of an MP4 box with a 64-bit size. */
const HEADER_BYTES = 16;

/**
 * A short clip that is `bytes` long and takes next to nothing on the disk: after its own boxes comes one
 * that is free space, as editors leave it, and a hole in the file.
 */
export async function writeLargeClip(path: string, bytes: number): Promise<void> {
  await copyFile(await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 }), path);
  const file = await open(path, 'a');
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32BE(1, 0);
    header.write('free', 4, 'latin1');
    header.writeBigUInt64BE(BigInt(bytes - size), 8);
    await file.write(header);
  } finally {
    await file.close();
  }
  await truncate(path, bytes);
}
