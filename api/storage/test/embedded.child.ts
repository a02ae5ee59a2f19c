import { createLog } from '../../shared/log';
import { startEmbeddedS3 } from '../embedded-s3.server';

/** The embedded store in a process that can be killed or stopped: `embedded.child.ts DIRECTORY`. */
const [, , directory = ''] = process.argv;
const log = createLog('info');
const store = await startEmbeddedS3({ directory, log });
log.info({ serving: store.serving() }, 'store_started');
// Until it is told to end: what listens and what waits for its turn keep no process.
setInterval(() => undefined, 60_000);
process.once('SIGTERM', async () => {
  await store.stop();
  process.exit(0);
});
