import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError } from '../api/shared/errors';
import type { Database, Queryable, Transaction } from './connect';
import type { Migration } from './migrate';
import { findStudioSchema, listTables, madeByMigrations, quoted, requireCurrentSchema } from './schema';

export type DumpedTable = {
  name: string;
  columns: string[];
  rows: number;
  /** Of the table's file, in hex; backups of format 1 have none. */
  sha256?: string | undefined;
};
/** What lies in a dump's folder: one `<table>.copy` for each table, in PostgreSQL's own text format. */
export type Dump = {
  migrations: { number: number; name: string; checksum: string }[];
  /** In the order in which they can be loaded: what others point at comes first. */
  tables: DumpedTable[];
  sequences: { name: string; lastValue: number }[];
};

/**
 * What is not part of a dump: what the schema itself makes, browsers' sessions, and what is worth
 * nothing a day later. The queue of jobs (its own schema) is not either: jobs without an entry are queued again.
 */
const leftOut = [
  'schema_migrations',
  'events',
  'project_revisions',
  'sessions',
  'webhook_deliveries',
  'signing_keys',
];

const copyFile = (directory: string, table: string) => join(directory, `${table}.copy`);

const NEWLINE = 0x0a;

/** Rows and SHA-256 of a table's file: PostgreSQL writes a row as one line and escapes its newlines. */
async function readBack(path: string): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  let rows = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) rows += 1;
  }
  return { rows, sha256: hash.digest('hex') };
}

/**
 * Compares the files of a dump with what was noted of them, before any of it is used.
 * @throws AppError `BackupDamaged`
 */
export async function checkDump(directory: string, dump: Dump): Promise<void> {
  for (const { name, rows, sha256 } of dump.tables) {
    const found = await readBack(copyFile(directory, name));
    if (found.rows === rows && (sha256 === undefined || found.sha256 === sha256)) continue;
    throw new AppError({
      code: 'BackupDamaged',
      message: `The file of the table ${name} in the backup is not as it was written (${found.rows} of ${rows} rows). Use another backup, and look at the disk.`,
    });
  }
}

/** The studio's tables in a schema, each after those that its rows point at (deferred references apart). */
async function orderedTables(
  sql: Queryable,
  schema: string,
  names: string[],
): Promise<{ name: string; columns: string[] }[]> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
    from information_schema.columns
    where table_schema = ${schema} and table_name = any(${names}) and is_generated = 'NEVER'
    group by table_name order by table_name`;
  const links = await sql<{ child: string; parent: string }[]>`
    select child.relname as child, parent.relname as parent from pg_constraint
    join pg_class child on child.oid = conrelid
    join pg_class parent on parent.oid = confrelid
    where contype = 'f' and not condeferred and conrelid <> confrelid
      and connamespace = (select oid from pg_namespace where nspname = ${schema})`;
  const ordered: { name: string; columns: string[] }[] = [];
  const left: typeof ordered = [...tables];
  while (left.length > 0) {
    const next = left.findIndex((table) =>
      links.every(({ child, parent }) => child !== table.name || !left.some(({ name }) => name === parent)),
    );
    if (next < 0) throw new Error(`Tables point at each other in a circle: ${left.map(({ name }) => name)}.`);
    ordered.push(...left.splice(next, 1));
  }
  return ordered;
}

/** What is dumped: nothing of other programs, whose tables may be in the same schema. */
async function listOwnTables(sql: Queryable, schema: string, known: readonly Migration[]): Promise<string[]> {
  const own = madeByMigrations('table', known);
  return (await listTables(sql, schema)).filter((name) => own.has(name) && !leftOut.includes(name));
}

const nothingToDump = (what: string) =>
  new AppError({
    code: 'NothingToBackUp',
    message: `The database has no ${what} of a studio where its search_path leads. See that DATABASE_URL and the search_path are those that the studio runs with.`,
  });

/**
 * Writes all rows of the studio's tables into a folder, as they were at one moment (one snapshot), while
 * the studio runs, and reads them back. Works on any PostgreSQL, without its own tools. `inSnapshot` reads
 * more from the same moment.
 * @throws AppError `NothingToBackUp`, `BackupDamaged`
 */
export async function dumpDatabase<More>(
  sql: Database,
  directory: string,
  known: readonly Migration[],
  inSnapshot: (tx: Transaction, schema: string) => Promise<More>,
): Promise<{ dump: Dump; more: More }> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const schema = await findStudioSchema(tx);
    if (schema === null) throw nothingToDump('migrations');
    const migrations = await tx<Dump['migrations']>`
      select number, name, checksum from schema_migrations order by number`;
    if (migrations.length === 0) throw nothingToDump('migrations');
    const sequences = await tx<Dump['sequences']>`
      select sequencename as name, coalesce(last_value, 0) as last_value from pg_sequences
      where schemaname = ${schema} and sequencename = any(${[...madeByMigrations('sequence', known)]})
      order by sequencename`;
    const names = await listOwnTables(tx, schema, known);
    if (names.length === 0) throw nothingToDump('tables');
    await mkdir(directory, { recursive: true });
    const tables: DumpedTable[] = [];
    for (const { name, columns } of await orderedTables(tx, schema, names)) {
      const table = tx.unsafe(`${quoted(schema)}.${quoted(name)}`);
      const source = await tx`copy ${table} (${tx(columns)}) to stdout`.readable();
      const hash = createHash('sha256');
      await pipeline(
        source,
        async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            hash.update(chunk);
            yield chunk;
          }
        },
        createWriteStream(copyFile(directory, name)),
      );
      const [count] = await tx<{ rows: number }[]>`select count(*)::int as rows from ${table}`;
      tables.push({ name, columns, rows: count?.rows ?? 0, sha256: hash.digest('hex') });
    }
    const dump = { migrations: [...migrations], tables, sequences: [...sequences] };
    await checkDump(directory, dump);
    return { dump, more: await inSnapshot(tx, schema) };
  });
}

/** Whether a database has no tables yet where a studio's would be made. @throws AppError `NoDatabaseSchema` */
export async function isEmptyDatabase(sql: Queryable): Promise<boolean> {
  const tables = await listTables(sql, await requireCurrentSchema(sql));
  return tables.length === 0 && (await findStudioSchema(sql)) === null;
}

/**
 * Loads a dump into a database that has exactly the dump's migrations and no rows, in one transaction:
 * all or nothing. @throws Error when a table does not have as many rows afterwards as were dumped
 */
export async function loadDump(sql: Database, directory: string, dump: Dump): Promise<void> {
  await sql.begin(async (tx) => {
    const schema = quoted(await requireCurrentSchema(tx));
    // Above every number that was given out, so that nothing remembered elsewhere names another state.
    for (const { name, lastValue } of dump.sequences) {
      await tx`select setval(${`${schema}.${quoted(name)}`}::regclass, ${lastValue + 1_000_000})`;
    }
    for (const { name, columns, rows } of dump.tables) {
      const table = tx.unsafe(`${schema}.${quoted(name)}`);
      const target = await tx`copy ${table} (${tx(columns)}) from stdin`.writable();
      await pipeline(createReadStream(copyFile(directory, name)), target);
      const [count] = await tx<{ rows: number }[]>`select count(*)::int as rows from ${table}`;
      if (count?.rows !== rows) throw new Error(`${name} has ${count?.rows} rows instead of ${rows}.`);
    }
  });
}
