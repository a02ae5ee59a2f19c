import { createLog } from '../../shared/log';
import { startEmbeddedS3 } from '../../storage/embedded-s3.server';

/**
 * The store alone, in a process that can be killed: `store.process.ts DIRECTORY`. Logs when it serves, over
 * loopback: a proxy that fails stands between.
 */
const [, , directory = ''] = process.argv;
await startEmbeddedS3({ directory, log: createLog('info'), transport: 'loopback' });
