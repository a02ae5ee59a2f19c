/** Of postgres.js: the connection could not be made or went away. */
const connectionCodes = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs of a server that is being stopped (57P01), has crashed (57P02), is still starting or
 * stopping (57P03) or has no connection left (53300); class 08 are broken connections. Of a deadlock (40P01)
 * the server ends one transaction, which may simply run again.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const serverCodes = /^(57P0[123]|53300|40P01|08...)$/;

/** Whether a failed query says that the database is away for the moment, and nothing about the query. */
export function isDatabaseUnavailable(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return false;
  return connectionCodes.has(thrown.code) || serverCodes.test(thrown.code);
}
