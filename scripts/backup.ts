import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readProcessConfig } from '../api/config';
import { createServices } from '../api/services';
import { errorMessage } from '../api/shared/errors';
import { closeFolder } from '../api/shared/private-files';
import { backupStudio } from './backup/backup-studio';
import { runCommand } from './lib/command-line';

/** Writes the database and the objects (or their list) into a folder, while the studio runs. */
await runCommand(async () => {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: { out: { type: 'string' }, objects: { type: 'string' } },
  });
  const config = readProcessConfig({ LOG_LEVEL: 'warn' });
  const embeddedStore = config.S3_BUCKET === undefined;
  const now = new Date();
  const stamp = now.toISOString().slice(0, 19).replaceAll(':', '-');
  const directory = resolve(values.out ?? join('backups', stamp));
  const onOpen = (folder: string, error: unknown) =>
    console.error(`Other users of this machine may read ${folder}: ${errorMessage(error)}.`);
  if (values.out === undefined) {
    // Earlier backups in it may have been left open.
    await mkdir('backups', { recursive: true });
    await closeFolder('backups').catch((error: unknown) => onOpen('backups', error));
  }
  const services = await createServices(config);
  try {
    const manifest = await backupStudio({
      sql: services.sql,
      storage: services.storage,
      directory,
      // A store of one's own has its own copies (versions, replication); the embedded one has none.
      copyObjects: values.objects === undefined ? embeddedStore : values.objects === 'copy',
      version: services.version,
      now,
      onOpen,
    });
    const rows = manifest.database.tables.reduce((sum, table) => sum + table.rows, 0);
    const { tables } = manifest.database;
    const bytes = manifest.objects.reduce((sum, object) => sum + object.bytes, 0);
    console.log(
      `${directory}: ${rows} rows of ${tables.length} tables, ${manifest.objects.length} objects (${(bytes / 1e6).toFixed(1)} MB) ${manifest.objectsCopied ? 'copied, and all read back' : 'listed; the rows read back'}`,
    );
    if (manifest.filesNotStored > 0) {
      console.log(
        `${manifest.filesNotStored} files wait for their upload and are not part of it ("bun run sweep").`,
      );
    }
    for (const key of manifest.missing) console.error(`The store does not have ${key}.`);
    return manifest.missing.length === 0 ? 0 : 1;
  } finally {
    await services.stop({ graceMs: 0 });
  }
});
