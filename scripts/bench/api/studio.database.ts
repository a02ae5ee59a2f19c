import { join } from 'node:path';
import { createLog } from '../../../api/shared/log';
import { connect, type Database } from '../../../db/connect';
import { startEmbeddedPostgres } from '../../../db/embedded-postgres.server';

/** Work on the database of a running studio, past its API. */
export async function withDatabase<Result>(
  dataDirectory: string,
  work: (sql: Database) => Promise<Result>,
): Promise<Result> {
  const server = await startEmbeddedPostgres({
    directory: join(dataDirectory, 'postgres'),
    log: createLog('warn'),
  });
  const sql = connect(server.url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end();
    await server.stop();
  }
}
