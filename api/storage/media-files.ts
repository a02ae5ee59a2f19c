import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What is left under a folder, however deep: files, and links to files. */
async function mediaFilesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Local files go right after the database change that their job waits for, so an answer can be a few
 * milliseconds ahead of them. Resolves to the files that are still there when the patience is over.
 */
export async function mediaFilesLeft(directory: string, patienceMs = 10_000): Promise<string[]> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const files = await mediaFilesUnder(directory);
    if (files.length === 0 || Date.now() > giveUpAt) return files;
    await Bun.sleep(50);
  }
}
