import { createLog } from '../api/shared/log';
import { stopEmbeddedPostgresIfUnused } from './embedded-postgres.server';
import { testServerDirectory } from './test-database';

/** Runs after a test process has ended (see test-database.ts). */
await stopEmbeddedPostgresIfUnused({ directory: testServerDirectory, log: createLog('silent') });
