import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import * as v from 'valibot';
import { AppError, errorMessage } from '../../api/shared/errors';
import type { Log } from '../../api/shared/log';
import { signedBody } from '../../api/storage/put-object';
import { isNoSuchObject } from '../../api/storage/s3.client';
import type { Database } from '../../db/connect';
import { checkDump, isEmptyDatabase, loadDump } from '../../db/dump';
import { migrate, migrationsDirectory, readMigrations } from '../../db/migrate';
import { rememberSchema, requireCurrentSchema } from '../../db/schema';
import { type BackedUpObject, type Manifest, ManifestSchema } from './backup.types';
import { hashFile, objectPath } from './backup-studio';

type Refusal = 'NoBackup' | 'BackupDamaged' | 'BackupOfOtherVersion' | 'DatabaseNotEmpty';
const refuse = (code: Refusal, message: string) => new AppError({ code, message });

/** @throws AppError `NoBackup` */
export async function readManifest(directory: string): Promise<Manifest> {
  const file = Bun.file(join(directory, 'backup.json'));
  const text = (await file.exists()) ? await file.text() : null;
  const parsed = text === null ? null : v.safeParse(v.pipe(v.string(), v.parseJson(), ManifestSchema), text);
  if (parsed?.success !== true) {
    throw refuse('NoBackup', `${directory} holds no whole backup that this version can read (backup.json).`);
  }
  return parsed.output;
}

/** The number of the backup's last migration, when this studio knows all of them. @throws AppError */
async function lastMigration(manifest: Manifest): Promise<number> {
  const known = new Map((await readMigrations(migrationsDirectory)).map((one) => [one.number, one]));
  for (const { number, name, checksum } of manifest.database.migrations) {
    if (known.get(number)?.checksum !== checksum) {
      throw refuse(
        'BackupOfOtherVersion',
        `The backup was made by version ${manifest.version}, whose database has ${name}; this version does not know it. Restore it with that version or a newer one.`,
      );
    }
  }
  return manifest.database.migrations.at(-1)?.number ?? 0;
}

async function hasObject(s3: S3Client, bucket: string, object: BackedUpObject): Promise<boolean> {
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: object.key }));
    return head.ContentLength === object.bytes;
  } catch (error) {
    if (isNoSuchObject(error)) return false;
    throw error;
  }
}

async function putObject(s3: S3Client, bucket: string, directory: string, object: BackedUpObject) {
  const path = objectPath(directory, object.key);
  if ((await hashFile(path)) !== object.sha256) {
    throw refuse(
      'BackupDamaged',
      `${object.key} in the backup is not as it was written. Use another backup.`,
    );
  }
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: object.key,
    Body: createReadStream(path),
    ContentLength: object.bytes,
    ContentType: object.contentType,
  });
  const sha256 = Buffer.from(object.sha256, 'hex');
  command.middlewareStack.add(signedBody(sha256), { step: 'build', name: 'signedBody' });
  await s3.send(command);
}

/**
 * Brings a backup back into an empty database and a store: objects first, so that nothing in the
 * database ever names one that is not there; then all rows in one transaction, at the backup's own migrations; then
 * the migrations since. May be repeated after it failed half-way. `missing` are objects that neither the
 * backup nor the store has.
 * @throws AppError `NoBackup`, `DatabaseNotEmpty`, `BackupOfOtherVersion`, `BackupDamaged`, `RestoreFailed`
 */
export async function restoreStudio(options: {
  sql: Database;
  s3: S3Client;
  bucket: string;
  directory: string;
  log: Log;
}): Promise<{ manifest: Manifest; put: number; missing: string[] }> {
  const { sql, s3, bucket, directory, log } = options;
  const manifest = await readManifest(directory);
  if (!(await isEmptyDatabase(sql))) {
    throw refuse(
      'DatabaseNotEmpty',
      'The database already has tables. A backup is restored into an empty one: name another with DATABASE_URL or DATA_DIR.',
    );
  }
  const upTo = await lastMigration(manifest);
  await checkDump(join(directory, 'database'), manifest.database);
  let put = 0;
  const missing = [...manifest.missing];
  for (const object of manifest.objects) {
    if (await hasObject(s3, bucket, object)) continue;
    if (object.sha256 === null) missing.push(object.key);
    else {
      await putObject(s3, bucket, directory, object);
      put += 1;
    }
  }
  const dropWhatWasMade = await rememberSchema(sql, await requireCurrentSchema(sql));
  try {
    await migrate(sql, { log, upTo });
    await loadDump(sql, join(directory, 'database'), manifest.database);
  } catch (error) {
    // Empty again, so that the same backup or another can be tried.
    await dropWhatWasMade();
    throw new AppError({
      code: 'RestoreFailed',
      message: `The rows of the backup could not be loaded: ${errorMessage(error)}. The database is empty again.`,
      cause: error,
    });
  }
  await migrate(sql, { log });
  return { manifest, put, missing };
}
