import { rename, rm } from 'node:fs/promises';

/** Writes a file that gets its name only when it is whole; two that write the same don't disturb each other. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.${crypto.randomUUID()}.part`;
  try {
    await Bun.write(part, bytes);
    await rename(part, path);
  } finally {
    await rm(part, { force: true });
  }
}
