import type { Queryable } from './connect';

/** PostgreSQL's number of the type jsonb. */
const JSONB_OID = 3802;

/**
 * The value of a jsonb column, in a row given to `sql(row, ...columns)`; null is SQL's null. The library's own
 * `sql.json` does the same, but takes no `Record<string, unknown>`.
 */
export const jsonb = (sql: Queryable, value: object | null) => sql.typed(value, JSONB_OID);

/**
 * What an update sets, for `update … set ${sql(changedColumns(id, change))}`: null empties a column, undefined
 * leaves it as it is. The id, which stays the same, is there because an update must set something.
 */
export function changedColumns<Value>(
  id: string,
  change: Record<string, Value | undefined>,
): Record<string, Value | string> {
  const columns: Record<string, Value | string> = { id };
  for (const [name, value] of Object.entries(change)) if (value !== undefined) columns[name] = value;
  return columns;
}
