import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Closers, closeAll } from '../api/composition/closers';
import { closeDataDirectory } from '../api/composition/data-directory';
import { connectDatabase, openS3 } from '../api/composition/stores.services';
import { readProcessConfig } from '../api/config';
import { AppError } from '../api/shared/errors';
import { createLog } from '../api/shared/log';
import { restoreStudio } from './backup/restore-studio';
import { runCommand } from './lib/command-line';

/** Brings a backup back into an empty database and a store. */
await runCommand(async () => {
  const { values } = parseArgs({ args: process.argv.slice(2), options: { from: { type: 'string' } } });
  if (values.from === undefined) {
    throw new AppError({
      code: 'BadUse',
      message: 'Say which: bun run restore -- --from backups/2026-11-25T04-00-00',
    });
  }
  const config = readProcessConfig({ LOG_LEVEL: 'warn' });
  const log = createLog(config.LOG_LEVEL);
  const closers: Closers = [];
  try {
    await closeDataDirectory({
      directory: config.dataDirectory,
      embeddedDatabase: config.DATABASE_URL === undefined,
      log,
    });
    const { sql } = await connectDatabase(config, log, closers);
    const { s3, bucket } = await openS3(config, log, closers);
    const { manifest, put, missing } = await restoreStudio({
      sql,
      s3,
      bucket,
      directory: resolve(values.from),
      log,
    });
    const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
    console.log(
      `Restored the studio of ${manifest.at}: ${rows} rows of ${manifest.database.tables.length} tables, ${put} of ${manifest.objects.length} objects put back, the others were there. Start it with "bun run start".`,
    );
    for (const key of missing) console.error(`Neither the store nor the backup has ${key}.`);
    return missing.length === 0 ? 0 : 1;
  } finally {
    await closeAll(closers, log);
  }
});
