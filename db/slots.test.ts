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
afterAll(() => database.drop());

test('an old project keeps its cuts, its trims and its lip-syncs', async () => {
  const { sql } = database;
  const slots = (await readMigrations(migrationsDirectory)).find(({ name }) => name.endsWith('_slots.sql'));
  await migrate(sql, { log, upTo: (slots?.number ?? 0) - 1 });
  const id = () => crypto.randomUUID();
  const [project, song] = [id(), id()];
  await sql`insert into projects (id, title, mode, width, height, fps) values (${project}, 'Old', 'music-video', 320, 180, 25)`;
  await sql`
    insert into songs (id, project_id, file_name, source_key, source_bytes, source_sha256, master_key, master_bytes,
      master_sha256, encoded_key, encoded_bytes, encoded_sha256, samples, sample_rate, channels)
    values (${song}, ${project}, 'a.wav', 'a', 1, 'a', 'b', 1, 'b', 'c', 1, 'c', 480000, 48000, 2)`;
  let sequence = 0;
  const scene = async (plannedFrames: number | null) => {
    const sceneId = id();
    sequence += 1;
    await sql`
      insert into scenes (id, project_id, sequence, planned_frames)
      values (${sceneId}, ${project}, ${sequence}, ${plannedFrames})`;
    return sceneId;
  };
  const take = async (
    sceneId: string,
    kind: string,
    frames: number | null,
    of: { parent?: string; trim?: [number, number]; sound?: [number, number] } = {},
  ) => {
    const takeId = id();
    await sql`
      insert into takes (id, project_id, scene_id, kind, parent_id, s3_key, content_type, bytes, sha256, width, height,
        frames, trim_in, trim_out, song_id, audio_start, audio_end)
      values (${takeId}, ${project}, ${sceneId}, ${kind}, ${of.parent ?? null}, ${takeId}, 'video/mp4', 1, 'a', 320, 180,
        ${frames}, ${of.trim?.[0] ?? null}, ${of.trim?.[1] ?? null}, ${of.sound === undefined ? null : song},
        ${of.sound?.[0] ?? null}, ${of.sound?.[1] ?? null})`;
    return takeId;
  };
  const point = (sceneId: string, original: string, current: string) =>
    sql`update scenes set original_take_id = ${original}, current_take_id = ${current} where id = ${sceneId}`;
  const job = async (kind: string, sceneId: string, state: string) => {
    const jobId = id();
    await sql`insert into jobs (id, project_id, scene_id, kind, state) values (${jobId}, ${project}, ${sceneId}, ${kind}, ${state})`;
    return jobId;
  };

  const planned = await scene(40);
  const empty = await scene(null);
  await take(empty, 'image', null);
  const whole = await scene(40);
  const wholeClip = await take(whole, 'original', 50);
  await point(whole, wholeClip, wholeClip);
  const trimmed = await scene(null);
  const trimmedClip = await take(trimmed, 'original', 100);
  const trim = await take(trimmed, 'trimmed', 30, { parent: trimmedClip, trim: [20, 50] });
  await point(trimmed, trimmedClip, trim);
  const synced = await scene(null);
  const syncedClip = await take(synced, 'original', 100);
  const syncedTrim = await take(synced, 'trimmed', 25, { parent: syncedClip, trim: [10, 35] });
  const sync = await take(synced, 'lipsynced', 25, { parent: syncedTrim, sound: [120, 145] });
  await point(synced, syncedClip, sync);
  const trimming = await job('trim', trimmed, 'queued');
  const syncing = await job('lipsync', synced, 'queued');

  expect(await migrate(sql, { log })).toContain(slots?.name ?? '');

  const window = (inFrame: number) => ({
    inFrame,
    speed: 1,
    blend: false,
    ending: 'hold',
    framing: { mode: 'fit', background: '#000000', x: 0.5, y: 0.5, scale: 1 },
  });
  const scenes = await sql`
    select id, sequence, slot_frames, "window", lipsync_take_id from scenes order by sequence`;
  const facts = (sceneId: string) => {
    const row = scenes.find((candidate) => candidate['id'] === sceneId);
    return [row?.['slotFrames'], row?.['window'], row?.['lipsyncTakeId']];
  };
  expect(facts(planned)).toEqual([40, null, null]);
  expect(facts(empty)).toEqual([null, null, null]);
  // The clip decided, not what had been planned before it came.
  expect(facts(whole)).toEqual([50, window(0), null]);
  expect(facts(trimmed)).toEqual([30, window(20), null]);
  expect(facts(synced)).toEqual([25, window(10), sync]);
  const takes = await sql`select id, "window", source_start, source_frames from takes`;
  const of = (takeId: string) => {
    const row = takes.find((candidate) => candidate['id'] === takeId);
    return [row?.['window'], row?.['sourceStart'], row?.['sourceFrames']];
  };
  expect(of(wholeClip)).toEqual([window(0), 0, 50]);
  expect(of(trim)).toEqual([window(20), 0, null]);
  expect(of(sync)).toEqual([window(10), 0, null]);
  const states = await sql`select id, kind, state from jobs`;
  expect(states.find((row) => row['id'] === trimming)).toMatchObject({ kind: 'fit', state: 'canceled' });
  expect(states.find((row) => row['id'] === syncing)?.['state']).toBe('queued');

  // A clip that is slowed or held is longer than the frames of its original.
  const slowed = id();
  await sql`
    insert into takes (id, project_id, scene_id, kind, parent_id, s3_key, content_type, bytes, sha256, width, height,
      frames, trim_in, trim_out)
    values (${slowed}, ${project}, ${trimmed}, 'trimmed', ${trimmedClip}, ${slowed}, 'video/mp4', 1, 'a', 320, 180, 60, 20, 50)`;
  // The fitting of a clip goes on beside other work of its scene, once.
  await job('fit', synced, 'queued');
  await expect(job('fit', synced, 'queued')).rejects.toThrow('jobs_one_fit_per_scene');
  await expect(job('lipsync', synced, 'queued')).rejects.toThrow('jobs_one_active_per_scene');
});
