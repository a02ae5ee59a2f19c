import { join } from 'node:path';
import { connect, type Database } from '../../../db/connect';
import { findHome } from '../../../db/embedded-postgres.places';
import { recordedPid, stopServer } from '../../../db/embedded-postgres.process';
import { startEmbeddedPostgres } from '../../../db/embedded-postgres.server';
import { findRunAs } from '../../../db/embedded-postgres.user';
import { createLog } from '../../shared/log';
import { until } from '../process.harness';

const log = createLog('silent');
/** Only a crash of the whole machine loses what the system has taken; killed servers lose nothing. */
const settings = { fsync: 'off' };

/** A real PostgreSQL of the run's own, that can be stopped and crashed while others use it. */
export async function startChaosPostgres(directory: string) {
  const home = await findHome(findRunAs(), directory, log);
  const cluster = join(home, 'cluster');
  let server = await startEmbeddedPostgres({ directory, log, settings });
  const { url } = server;
  const sql: Database = connect(url, { max: 3, log });

  async function bring(): Promise<void> {
    server = await startEmbeddedPostgres({ directory, log, settings });
    if (server.url !== url) throw new Error('Another program took the port of PostgreSQL.');
  }

  return {
    url,
    sql,
    /** Where its files are, to be removed at the end. */
    home,
    /** Ends all sessions at once, writes everything, and starts again. */
    async restart(): Promise<void> {
      const pid = await recordedPid(cluster);
      if (pid !== null) await stopServer(pid, cluster);
      await bring();
    },
    /** Ends without writing anything (SIGQUIT); the next start recovers from the log. */
    async crash(): Promise<void> {
      const pid = await recordedPid(cluster);
      if (pid !== null) {
        process.kill(pid, 'SIGQUIT');
        await until('PostgreSQL is gone', async () => (await recordedPid(cluster)) !== pid || !isAlive(pid));
      }
      await bring();
    },
    async stop(): Promise<void> {
      await sql.end({ timeout: 1 });
      const pid = await recordedPid(cluster);
      await server.stop();
      if (pid !== null && isAlive(pid)) await stopServer(pid, cluster);
    },
  };
}

export type ChaosPostgres = Awaited<ReturnType<typeof startChaosPostgres>>;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // There is no such process.
    return false;
  }
}
