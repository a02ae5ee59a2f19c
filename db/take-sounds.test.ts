import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { createLog } from '../api/shared/log';
import { migrate, migrationsDirectory, readMigrations } from './migrate';
import { createTestDatabase, type TestDatabase } from './test-database';

// A busy machine may take many times the usual fraction of a second.
setDefaultTimeout(60_000);

const log = createLog('silent');
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql`drop schema public cascade`;
  await database.sql`create schema public`;
});
afterAll(async () => {
  await database.drop();
});

test('the sound of an old stand-alone lip-sync moves to its own columns, sources stay', async () => {
  const { sql } = database;
  const moving = (await readMigrations(migrationsDirectory)).find(({ name }) =>
    name.endsWith('_take_sounds.sql'),
  );
  await migrate(sql, { log, upTo: (moving?.number ?? 0) - 1 });
  const [project, scene, upload, sceneSync, standalone] = Array.from({ length: 5 }, () =>
    crypto.randomUUID(),
  );
  await sql`insert into projects (id, title, mode, width, height, fps) values (${project ?? ''}, 'Old', 'music-video', 320, 180, 25)`;
  await sql`insert into scenes (id, project_id, sequence) values (${scene ?? ''}, ${project ?? ''}, 1)`;
  const take = (id: string | undefined, kind: string, source: [string, number, string, string] | null) => sql`
    insert into takes (id, project_id, scene_id, kind, s3_key, content_type, bytes, sha256, width, height, frames,
      source_key, source_bytes, source_sha256, source_name)
    values (${id ?? ''}, ${project ?? ''}, ${scene ?? ''}, ${kind}, ${`${id}.mp4`}, 'video/mp4', 1, 'a', 320, 180, 25,
      ${source?.[0] ?? null}, ${source?.[1] ?? null}, ${source?.[2] ?? null}, ${source?.[3] ?? 'clip.mov'})`;
  await take(upload, 'original', ['source.mov', 5, 'b', 'clip.mov']);
  await take(sceneSync, 'lipsynced', null);
  await take(standalone, 'lipsynced', ['slice.wav', 7, 'c', 'slice.wav']);

  expect(await migrate(sql, { log })).toContain(moving?.name ?? '');

  const facts = async (id: string | undefined) => {
    const [row] = await sql`
      select source_key, source_bytes::int, source_sha256, source_name, sound_key, sound_bytes::int, sound_sha256
      from takes where id = ${id ?? ''}`;
    return Object.values(row ?? {});
  };
  expect(await facts(upload)).toEqual(['source.mov', 5, 'b', 'clip.mov', null, null, null]);
  expect(await facts(sceneSync)).toEqual([null, null, null, 'clip.mov', null, null, null]);
  expect(await facts(standalone)).toEqual([null, null, null, null, 'slice.wav', 7, 'c']);
});
