import { AppError } from '../api/shared/errors';
import type { Database, Queryable, Transaction } from './connect';
import type { Migration } from './migrate';

/** A name as SQL text. (The driver's own way turns capital letters into another name.) */
export const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * The schema in which the studio's tables are: where the connection's `search_path` finds the list of
 * migrations. Null when it finds none. Seldom `public` alone: a database may be shared, each with a schema.
 */
export async function findStudioSchema(sql: Queryable): Promise<string | null> {
  const [row] = await sql<{ schema: string }[]>`
    select nspname as schema from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where pg_class.oid = to_regclass('schema_migrations')`;
  return row?.schema ?? null;
}

/** The schema in which new tables are made. @throws AppError `NoDatabaseSchema` */
export async function requireCurrentSchema(sql: Queryable): Promise<string> {
  const [row] = await sql<{ schema: string | null; path: string }[]>`
    select current_schema() as schema, current_setting('search_path') as path`;
  if (row?.schema != null) return row.schema;
  throw new AppError({
    code: 'NoDatabaseSchema',
    message: `The database's search_path (${row?.path}) names no schema that is there. Create the schema, or correct the search_path of the database or of its user.`,
  });
}

/** Names of what migrations make, in no order. Pure. */
export function madeByMigrations(
  kind: 'table' | 'sequence',
  migrations: readonly Pick<Migration, 'text'>[],
): Set<string> {
  const statement = new RegExp(`^\\s*create ${kind} ([a-z_]+)`, 'gim');
  const made = migrations.flatMap(({ text }) => [...text.matchAll(statement)]);
  return new Set(made.map(([, name = '']) => name));
}

/**
 * The tables of a schema that belong to no extension (PostGIS and others keep theirs there). Views and
 * foreign tables hold no rows of their own.
 */
export async function listTables(sql: Queryable, schema: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = (select oid from pg_namespace where nspname = ${schema}) and relkind in ('r', 'p')
      and not exists (
        select from pg_depend
        where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype = 'e'
      )
    order by relname`;
  return rows.map(({ name }) => name);
}

/** How to drop what a migration makes: tables, sequences and functions, by their ids. */
async function listDrops(sql: Queryable, schema: string): Promise<Map<number, string>> {
  const rows = await sql<{ oid: number; drop: string }[]>`
    with own as (select oid from pg_namespace where nspname = ${schema})
    select pg_class.oid::int8 as oid,
      format('drop %s if exists %I.%I cascade', case relkind when 'S' then 'sequence' else 'table' end,
        ${schema}::text, relname) as drop
    from pg_class join own on own.oid = relnamespace
    where relkind in ('r', 'p', 'S') and not exists (
      -- A sequence that belongs to a column goes with its table.
      select from pg_depend
      where classid = 'pg_class'::regclass and objid = pg_class.oid and relkind = 'S' and deptype in ('a', 'i')
    )
    union all
    select pg_proc.oid::int8, format('drop function if exists %s cascade', pg_proc.oid::regprocedure)
    from pg_proc join own on own.oid = pronamespace where prokind = 'f'`;
  return new Map(rows.map(({ oid, drop }) => [oid, drop]));
}

/** Remembers what a schema holds; the function that it returns drops all that was made since. */
export async function rememberSchema(sql: Database, schema: string): Promise<() => Promise<void>> {
  const before = await listDrops(sql, schema);
  return () =>
    sql.begin(async (tx: Transaction) => {
      for (const [oid, drop] of await listDrops(tx, schema)) if (!before.has(oid)) await tx.unsafe(drop);
    });
}
