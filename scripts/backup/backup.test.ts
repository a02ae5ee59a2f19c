import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Closers, closeAll } from '../../api/composition/closers';
import { openS3 } from '../../api/composition/stores.services';
import { readConfig } from '../../api/config';
import type { Project } from '../../api/contract/project.schema';
import { type Studio, startStudio } from '../../api/main';
import { createLog } from '../../api/shared/log';
import { createApiClient, startTestStudio, type TestStudio } from '../../api/test/studio.harness';
import { plainClip, songFile } from '../../api/test/test-media';
import { connect } from '../../db/connect';
import { createTestDatabase } from '../../db/test-database';
import { backupStudio, objectPath } from './backup-studio';
import { restoreStudio } from './restore-studio';

setDefaultTimeout(120_000);
const log = createLog('silent');

let studio: TestStudio;
let folder: string;
let project: Project;
beforeAll(async () => {
  studio = await startTestStudio();
  folder = await mkdtemp(join(tmpdir(), 'songreel-backup-'));
  const { api } = studio;
  const made = await api.createProject({
    title: 'Kept: "quotes"\ttabs',
    format: { width: 320, height: 180, fps: 25 },
  });
  const clip = await plainClip('plain-25.mp4', { size: '320x180', rate: '25', seconds: 2 });
  await api.uploadSong(made.id, await songFile());
  await api.addScene(made.id, { prompt: 'Línea\nzwei \\N' });
  await api.addScene(made.id, { prompt: '' });
  await api.uploadClip(made.id, 1, clip);
  await api.trim(made.id, 1, { inFrame: 5, outFrame: 30 });
  await studio.studio.services.access.createToken('kept', 'edit');
  project = await api.project(made.id);
});
afterAll(async () => {
  await studio.stop();
  await rm(folder, { recursive: true, force: true });
});

const backup = (directory: string, copyObjects = true) =>
  backupStudio({
    sql: studio.studio.services.sql,
    storage: studio.studio.services.storage,
    directory: join(folder, directory),
    copyObjects,
    version: 'test',
    now: new Date(),
    onOpen: (_directory, error) => {
      throw error;
    },
  });

/** A project without its URLs, whose signatures differ from store to store. */
const comparable = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, inner) =>
      /url$/i.test(name) || name === 'updatedAt' || name.endsWith('Pictures') || name === 'poster'
        ? undefined
        : inner,
    ),
  );

async function withEmptyStudio(
  work: (empty: { databaseUrl: string; dataDirectory: string }) => Promise<void>,
): Promise<void> {
  const database = await createTestDatabase();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'songreel-restored-'));
  const sql = connect(database.url, { max: 1 });
  await sql`drop schema public cascade`;
  await sql`create schema public`;
  await sql.end();
  try {
    await work({ databaseUrl: database.url, dataDirectory });
  } finally {
    await database.drop();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function restore(empty: { databaseUrl: string; dataDirectory: string }, directory: string) {
  const closers: Closers = [];
  const config = readConfig({ DATABASE_URL: empty.databaseUrl, DATA_DIR: empty.dataDirectory });
  const sql = connect(empty.databaseUrl, { max: 2 });
  closers.push(() => sql.end());
  try {
    const { s3, bucket } = await openS3(config, log, closers);
    return await restoreStudio({ sql, s3, bucket, directory: join(folder, directory), log });
  } finally {
    await closeAll(closers, log);
  }
}

test('a backup restored into an empty studio is the same studio, and work goes on in it', async () => {
  const manifest = await backup('whole');
  expect(manifest).toMatchObject({ objectsCopied: true, missing: [], filesNotStored: 0 });
  expect(manifest.objects.length).toBeGreaterThanOrEqual(5);
  await withEmptyStudio(async (empty) => {
    const restored = await restore(empty, 'whole');
    expect(restored).toMatchObject({ put: manifest.objects.length, missing: [] });
    const other: Studio = await startStudio(
      readConfig({
        DATABASE_URL: empty.databaseUrl,
        DATA_DIR: empty.dataDirectory,
        PORT: '0',
        LOG_LEVEL: 'silent',
      }),
    );
    try {
      const api = createApiClient(`${other.url}/api/mv`);
      const same = await api.project(project.id);
      expect(comparable(same)).toEqual(comparable(project));
      // The media itself, byte for byte.
      for (const take of [same.scenes[0]?.currentTake, same.scenes[0]?.originalTake]) {
        const bytes = await (await api.media(take?.url)).bytes();
        expect(new Bun.CryptoHasher('sha256').update(bytes).digest('hex')).toBe(take?.sha256 ?? '');
      }
      expect(await other.services.access.listTokens()).toMatchObject([{ name: 'kept', scope: 'edit' }]);
      const trimmed = await api.trim(project.id, 1, { inFrame: 0, outFrame: 20 });
      expect(trimmed.frames).toBe(20);
      // Numbers that were given out are not given out again.
      const [ours] = await studio.studio.services.sql<{ last: number }[]>`
        select last_value as last from project_revision`;
      const [theirs] = await other.services.sql<
        { last: number }[]
      >`select last_value as last from project_revision`;
      expect(theirs?.last).toBeGreaterThan((ours?.last ?? 0) + 900_000);
    } finally {
      await other.stop();
    }
    // A second one into the same database would mix two studios.
    await expect(restore(empty, 'whole')).rejects.toMatchObject({ code: 'DatabaseNotEmpty' });
  });
});

test('a list finds what is in the store and names what is not', async () => {
  const listed = await backup('list', false);
  expect(listed.objects.every(({ sha256 }) => sha256 === null)).toBe(true);
  await withEmptyStudio(async (empty) => {
    const restored = await restore(empty, 'list');
    expect(restored.missing).toEqual(listed.objects.map(({ key }) => key));
  });
});

test('a damaged or half backup is refused, and the database stays empty', async () => {
  const manifest = await backup('damaged');
  await expect(backup('damaged')).rejects.toMatchObject({ code: 'BackupFolderInUse' });
  const [object] = manifest.objects;
  await writeFile(objectPath(join(folder, 'damaged'), object?.key ?? ''), 'other bytes');
  await withEmptyStudio(async (empty) => {
    await expect(restore(empty, 'damaged')).rejects.toMatchObject({ code: 'BackupDamaged' });
    await expect(restore(empty, 'nowhere')).rejects.toMatchObject({ code: 'NoBackup' });
    await backup('rows');
    const scenes = join(folder, 'rows', 'database', 'scenes.copy');
    await writeFile(scenes, (await Bun.file(scenes).text()).split('\n').slice(1).join('\n'));
    await expect(restore(empty, 'rows')).rejects.toMatchObject({ code: 'BackupDamaged' });
    // Of a backup of format 1 only the rows are known: what is in them shows when they are loaded.
    const manifestPath = join(folder, 'rows', 'backup.json');
    const older = (await Bun.file(manifestPath).text()).replace(/"format": 2/, '"format": 1');
    await writeFile(manifestPath, older.replace(/,\s*"sha256": "[0-9a-f]{64}"(?=\s*\})/g, ''));
    await writeFile(scenes, (await Bun.file(scenes).text()).replace(/^/, 'no id\t\n'));
    await expect(restore(empty, 'rows')).rejects.toMatchObject({ code: 'RestoreFailed' });
    // Empty again: a good one goes in.
    expect((await restore(empty, 'whole')).missing).toEqual([]);
  });
});
