import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../api/shared/errors';
import type { Log } from '../api/shared/log';
import type { Database } from './connect';

/** Where the migrations of this version of the studio are. */
export const migrationsDirectory = join(import.meta.dir, 'migrations');

// Any fixed number: all studios that share a database take this advisory lock ('songreel' in ASCII, cut).
const MIGRATION_LOCK = 0x736f6e67;

export type Migration = { number: number; name: string; text: string; checksum: string };
type Applied = { number: number; name: string; checksum: string };

/**
 * Reads a directory of `NNNN_name.sql` files, in order.
 * @throws AppError `MigrationsBroken` for a file of another name or a number used twice.
 */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
  const migrations: Migration[] = [];
  for (const name of names) {
    const digits = /^(\d{4})_[a-z0-9_]+\.sql$/.exec(name)?.[1];
    if (digits === undefined) {
      throw broken(
        `${name} in ${directory} is not named like a migration (0001_name.sql). Rename or remove it.`,
      );
    }
    const number = Number(digits);
    if (migrations.at(-1)?.number === number) {
      throw broken(
        `Two migrations in ${directory} have the number ${digits}. Give the newer one the next free number.`,
      );
    }
    const text = await readFile(join(directory, name), 'utf8');
    migrations.push({ number, name, text, checksum: createHash('sha256').update(text).digest('hex') });
  }
  return migrations;
}

/**
 * Which migrations are still to run. Pure.
 * @throws AppError `MigrationChanged`, `DatabaseTooNew`, `MigrationsBroken`.
 */
export function pendingMigrations(known: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const byNumber = new Map(known.map((migration) => [migration.number, migration]));
  for (const row of applied) {
    const migration = byNumber.get(row.number);
    if (!migration) {
      throw new AppError({
        code: 'DatabaseTooNew',
        message: `The database was made by a newer version of the studio: it has the migration ${row.name}, which this version doesn't know. Update the studio or use another database.`,
      });
    }
    if (migration.checksum !== row.checksum) {
      throw new AppError({
        code: 'MigrationChanged',
        message: `The migration ${row.name} was changed after it ran on this database. Restore the file and put the change into a new migration.`,
      });
    }
  }
  const newest = Math.max(0, ...applied.map((row) => row.number));
  const done = new Set(applied.map((row) => row.number));
  const pending = known.filter((migration) => !done.has(migration.number));
  const late = pending.find((migration) => migration.number < newest);
  if (late) {
    throw broken(
      `The migration ${late.name} has a lower number than one that already ran. Give it the next free number.`,
    );
  }
  return pending;
}

/**
 * Brings the database to this version's schema: each new migration in a transaction of its own, all
 * under an advisory lock, so that several processes may call it at once. Never goes back.
 * @returns the names of the migrations that ran.
 * @throws AppError as `readMigrations` and `pendingMigrations`; `MigrationFailed` when one's SQL fails,
 * with everything before it kept and nothing of it.
 */
export async function migrate(
  sql: Database,
  options: {
    log: Log;
    directory?: string;
    /** The last migration to run; all of them without it. */
    upTo?: number;
  },
): Promise<string[]> {
  const upTo = options.upTo ?? Number.POSITIVE_INFINITY;
  const known = (await readMigrations(options.directory ?? migrationsDirectory)).filter(
    (migration) => migration.number <= upTo,
  );
  const ran: string[] = [];
  const connection = await sql.reserve();
  try {
    await connection`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await connection`
      create table if not exists schema_migrations (
        number integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`;
    const applied = await connection<Applied[]>`
      select number, name, checksum from schema_migrations order by number`;
    for (const migration of pendingMigrations(known, applied)) {
      try {
        await connection`begin`;
        await connection.unsafe(migration.text);
        await connection`insert into schema_migrations ${connection({
          number: migration.number,
          name: migration.name,
          checksum: migration.checksum,
        })}`;
        await connection`commit`;
      } catch (error) {
        await connection`rollback`;
        throw new AppError({
          code: 'MigrationFailed',
          message: `The migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`,
          cause: error,
        });
      }
      ran.push(migration.name);
      options.log.info({ migration: migration.name }, 'migration_applied');
    }
  } finally {
    // Fails only when the connection is gone, and the lock with it.
    await connection`select pg_advisory_unlock(${MIGRATION_LOCK})`.catch((error: unknown) =>
      options.log.warn({ error: String(error) }, 'migration_lock_lost'),
    );
    connection.release();
  }
  return ran;
}

function broken(message: string): AppError {
  return new AppError({ code: 'MigrationsBroken', message });
}
