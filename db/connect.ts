import postgres from 'postgres';
import type { Log } from '../api/shared/log';
import { driverAddress } from './database-url';

/** A server far away answers in a second; requests wait for this. The library's own is 30 s. */
const CONNECT_TIMEOUT_SECONDS = 10;
/**
 * Pause before a connection that failed is tried again, in seconds. The library's own counts the failures
 * of all connections of a pool together: after a restart of 0.2 s ten of them wait up to 20 s.
 */
const pauseSeconds = () => 0.1 + 0.4 * Math.random();

/** A pool of connections to PostgreSQL. */
export type Database = postgres.Sql;
/** A running transaction: what `sql.begin` hands to its callback. */
export type Transaction = postgres.TransactionSql;
/** Anything that queries can be sent through. */
export type Queryable = Database | Transaction;

/** Above 2^53 a JavaScript number no longer holds every whole number. */
function toSafeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`The database returned ${text}, too large a number.`);
  return value;
}

/**
 * Opens a pool of connections to PostgreSQL; nothing is sent before the first query.
 *
 * Rows come with camelCase column names (`created_at` is `createdAt`) and `sql(object)` in an insert
 * or update takes camelCase keys; keys inside jsonb values stay as they are. `bigint` and `numeric`
 * come as numbers (a bigint beyond 2^53 fails its query), timestamps as Date, jsonb as its value.
 * @throws AppError `InvalidDatabaseUrl`, which holds nothing of the address
 */
export function connect(url: string, options: { max?: number; log?: Log } = {}): Database {
  const address = driverAddress(url);
  return postgres(address.url, {
    ...address.options,
    max: options.max ?? 10,
    connect_timeout: CONNECT_TIMEOUT_SECONDS,
    backoff: pauseSeconds,
    transform: { column: { from: postgres.toCamel, to: postgres.fromCamel } },
    types: {
      bigint: { to: 20, from: [20], serialize: String, parse: toSafeInteger },
      // Money with six decimals and sums of bigint: both far below the 15 digits that a number holds.
      numeric: { to: 1700, from: [1700], serialize: String, parse: Number },
    },
    onnotice: (notice) => options.log?.debug({ notice: notice['message'] }, 'database_notice'),
  });
}
