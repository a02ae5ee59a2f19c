/** The embedded store in a process of its own; ends when its standard input does. */
import { createLog } from '../../../api/shared/log';
import { startEmbeddedS3 } from '../../../api/storage/embedded-s3.server';

const store = await startEmbeddedS3({ directory: process.argv[2] ?? '', log: createLog('warn') });
console.log(JSON.stringify(store));
for await (const _chunk of Bun.stdin.stream());
await store.stop();
