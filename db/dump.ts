import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Database, Queryable, Transaction } from './connect';

export type DumpedTable = { name: string; columns: string[]; rows: number };
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

/** The tables of the studio, each after those that its rows point at (deferred references apart). */
async function orderedTables(sql: Queryable): Promise<{ name: string; columns: string[] }[]> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    select table_name as name, array_agg(column_name::text order by ordinal_position) as columns
    from information_schema.columns
    where table_schema = 'public' and table_name <> all(${leftOut}) and is_generated = 'NEVER'
    group by table_name order by table_name`;
  const links = await sql<{ child: string; parent: string }[]>`
    select conrelid::regclass::text as child, confrelid::regclass::text as parent from pg_constraint
    where contype = 'f' and not condeferred and conrelid <> confrelid
      and connamespace = 'public'::regnamespace`;
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

/**
 * Writes all rows of the studio's tables into a folder, as they were at one moment (one snapshot),
 * while the studio runs. Works on any PostgreSQL, without its own tools. `inSnapshot` reads more from the same moment.
 */
export async function dumpDatabase<More>(
  sql: Database,
  directory: string,
  inSnapshot: (tx: Transaction) => Promise<More>,
): Promise<{ dump: Dump; more: More }> {
  await mkdir(directory, { recursive: true });
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const migrations = await tx<Dump['migrations']>`
      select number, name, checksum from schema_migrations order by number`;
    const sequences = await tx<Dump['sequences']>`
      select sequencename as name, coalesce(last_value, 0) as last_value from pg_sequences
      where schemaname = 'public' order by sequencename`;
    const tables: DumpedTable[] = [];
    for (const { name, columns } of await orderedTables(tx)) {
      const source = await tx`copy ${tx(name)} (${tx(columns)}) to stdout`.readable();
      await pipeline(source, createWriteStream(copyFile(directory, name)));
      const [count] = await tx<{ rows: number }[]>`select count(*)::int as rows from ${tx(name)}`;
      tables.push({ name, columns, rows: count?.rows ?? 0 });
    }
    const dump = { migrations: [...migrations], tables, sequences: [...sequences] };
    return { dump, more: await inSnapshot(tx) };
  });
}

/** Whether a database has nothing of a studio yet. */
export async function isEmptyDatabase(sql: Queryable): Promise<boolean> {
  const [row] = await sql<{ tables: number }[]>`
    select count(*)::int as tables from information_schema.tables where table_schema = 'public'`;
  return row?.tables === 0;
}

/**
 * Loads a dump into a database that has exactly the dump's migrations and no rows, in one transaction:
 * all or nothing. @throws Error when a table does not have as many rows afterwards as were dumped
 */
export async function loadDump(sql: Database, directory: string, dump: Dump): Promise<void> {
  await sql.begin(async (tx) => {
    // Above every number that was given out, so that nothing remembered elsewhere names another state.
    for (const { name, lastValue } of dump.sequences) {
      await tx`select setval(${`public.${name}`}::regclass, ${lastValue + 1_000_000})`;
    }
    for (const { name, columns, rows } of dump.tables) {
      const target = await tx`copy ${tx(name)} (${tx(columns)}) from stdin`.writable();
      await pipeline(createReadStream(copyFile(directory, name)), target);
      const [count] = await tx<{ rows: number }[]>`select count(*)::int as rows from ${tx(name)}`;
      if (count?.rows !== rows) throw new Error(`${name} has ${count?.rows} rows instead of ${rows}.`);
    }
  });
}
