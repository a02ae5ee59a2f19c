import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../../../db/connect';
import type { Storage } from '../../storage/storage.types';

/**
 * Says that this process receives uploads, and deletes what a killed one was receiving: files that are
 * not in the outbox, of requests that never got an answer. Nothing is deleted while another process
 * receives into the same folder. Who receives is told by a lock in the database, which goes with its
 * holder's connection: process ids mean nothing between containers that share a disk.
 */
export async function claimUploads(options: {
  sql: Database;
  /** The folder's identity, the same for every process that uses it. */
  mediaRootId: string;
  directory: string;
  /** Deletes a file unless the outbox knows it. */
  discard: Storage['discard'];
}): Promise<{ release(): Promise<void> }> {
  const session = await options.sql.reserve();
  const name = `receiving ${options.mediaRootId}`;
  const [mine] = await session<{ alone: boolean }[]>`
    select pg_try_advisory_lock(hashtextextended(${name}, 0)) as alone`;
  if (mine?.alone === true) {
    for (const file of await readdir(options.directory)) await options.discard(join(options.directory, file));
  }
  await session`select pg_advisory_lock_shared(hashtextextended(${name}, 0))`;
  if (mine?.alone === true) await session`select pg_advisory_unlock(hashtextextended(${name}, 0))`;
  return {
    async release() {
      await session`select pg_advisory_unlock_shared(hashtextextended(${name}, 0))`;
      session.release();
    },
  };
}

/** A body that brings nothing for a minute breaks off; a file that nothing was added to for an hour has no sender. */
const DEAD_AFTER_MS = 60 * 60 * 1000;

/** Deletes files whose receiving broke off without their process noticing; resolves to their number. */
export async function pruneReceived(options: {
  directory: string;
  now: Date;
  discard: Storage['discard'];
}): Promise<number> {
  const { directory, now, discard } = options;
  const parts = (await readdir(directory)).filter((name) => name.endsWith('.part'));
  let pruned = 0;
  for (const name of parts) {
    const path = join(directory, name);
    const changedMs = (await stat(path).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (now.getTime() - changedMs <= DEAD_AFTER_MS) continue;
    await discard(path);
    pruned += 1;
  }
  return pruned;
}
