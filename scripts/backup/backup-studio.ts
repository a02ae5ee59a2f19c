import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, hasCode } from '../../api/shared/errors';
import { closeFolder } from '../../api/shared/private-files';
import type { Storage } from '../../api/storage/storage.types';
import type { Database, Transaction } from '../../db/connect';
import { dumpDatabase } from '../../db/dump';
import { migrationsDirectory, readMigrations } from '../../db/migrate';
import { madeByMigrations } from '../../db/schema';
import { BACKUP_FORMAT, type BackedUpObject, type Manifest } from './backup.types';

/** Every object that the database names: all columns `…_key` but those of plans and of what is not stored yet. */
async function listKeys(tx: Transaction, schema: string, tables: Set<string>): Promise<string[]> {
  const columns = await tx<{ table: string; column: string }[]>`
    select table_name as table, column_name as column from information_schema.columns
    where table_schema = ${schema} and table_name = any(${[...tables]})
      and column_name like '%\\_key' and data_type = 'text'
      and table_name not in ('uploads', 'object_deletions')`;
  const keys = new Set<string>();
  for (const { table, column } of columns) {
    const rows = await tx<{ key: string }[]>`
      select distinct ${tx(column)} as key from ${tx(table)} where ${tx(column)} is not null`;
    for (const { key } of rows) keys.add(key);
  }
  return [...keys].sort();
}

async function countUnstored(tx: Transaction): Promise<number> {
  const [row] = await tx<{ files: number }[]>`
    select count(*)::int as files from uploads where state in ('pending', 'failed')`;
  return row?.files ?? 0;
}

/** Where an object's copy lies in a backup. */
export const objectPath = (directory: string, key: string) => join(directory, 'objects', ...key.split('/'));

async function copyObject(
  storage: Pick<Storage, 'read'>,
  directory: string,
  key: string,
): Promise<BackedUpObject> {
  const object = await storage.read(key);
  const path = objectPath(directory, key);
  await mkdir(dirname(path), { recursive: true });
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    Readable.from(object.body),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  if (bytes !== object.bytes) throw new Error(`${key} came with ${bytes} of ${object.bytes} bytes.`);
  const sha256 = hash.digest('hex');
  if ((await hashFile(path)) !== sha256) throw damaged(`The copy of ${key}`);
  return { key, bytes, sha256, contentType: object.contentType };
}

/** SHA-256 (hex) of a file. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

const damaged = (what: string) =>
  new AppError({
    code: 'BackupDamaged',
    message: `${what} in the backup cannot be read back as it was written. Look at the disk, and write the backup to another.`,
  });

const isGone = (error: unknown) => hasCode(error, 'ObjectNotFound');

/**
 * Writes a backup into a new or empty folder while the studio runs: the database as it was at one
 * moment, then the objects it names, whole or as a list. Objects are never changed and deleted only by a
 * later sweep, so they fit that moment. Other users can't get into the folder. `backup.json` comes last: a folder without it is no backup.
 * @throws AppError `BackupFolderInUse`
 * later sweep, so they fit that moment. Each file is read back and compared. `backup.json` comes last: a
 * folder without it is no backup.
 * @throws AppError `BackupFolderInUse`, `NothingToBackUp`, `BackupDamaged`
 */
export async function backupStudio(options: {
  sql: Database;
  storage: Pick<Storage, 'read' | 'head'>;
  directory: string;
  copyObjects: boolean;
  version: string;
  now: Date;
  /** Told when the folder can't be closed to other users. */
  onOpen: (directory: string, error: unknown) => void;
}): Promise<Manifest> {
  const { sql, storage, directory, copyObjects } = options;
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length > 0) {
    throw new AppError({
      code: 'BackupFolderInUse',
      message: `${directory} is not empty. Name a new folder: a backup never overwrites another.`,
    });
  }
  // Now that it is known to hold nothing of anybody else. Disks without rights (FAT) can't do it.
  await closeFolder(directory).catch((error: unknown) => options.onOpen(directory, error));
  const known = await readMigrations(migrationsDirectory);
  const own = madeByMigrations('table', known);
  const dumped = await dumpDatabase(sql, join(directory, 'database'), known, async (tx, schema) => ({
    keys: await listKeys(tx, schema, own),
    filesNotStored: await countUnstored(tx),
  }));
  const { dump, more } = dumped;
  const objects: BackedUpObject[] = [];
  const missing: string[] = [];
  for (const key of more.keys) {
    if (copyObjects) {
      const copied = await copyObject(storage, directory, key).catch((error: unknown) => {
        if (isGone(error)) return null;
        throw error;
      });
      if (copied === null) missing.push(key);
      else objects.push(copied);
    } else {
      const head = await storage.head(key);
      if (head === null) missing.push(key);
      else objects.push({ key, bytes: head.bytes, sha256: null, contentType: head.contentType });
    }
  }
  const manifest: Manifest = {
    format: BACKUP_FORMAT,
    version: options.version,
    at: options.now.toISOString(),
    database: dump,
    objectsCopied: copyObjects,
    objects,
    missing,
    filesNotStored: more.filesNotStored,
  };
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const path = join(directory, 'backup.json');
  await writeFile(path, text);
  if ((await readFile(path, 'utf8')) !== text) throw damaged('Its list, backup.json,');
  return manifest;
}
