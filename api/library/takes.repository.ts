import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import { mediaColumns } from './stored-file.rules';
import type { NewTake, TakeRow } from './takes.rules';

/** What a new take is written with; its pictures come later. */
const written = [
  ...mediaColumns,
  'sceneId',
  'kind',
  'parentId',
  'frames',
  'sourceKey',
  'sourceBytes',
  'sourceSha256',
  'sourceName',
  'soundKey',
  'soundBytes',
  'soundSha256',
  'window',
  'sourceStart',
  'sourceFrames',
  'trimIn',
  'trimOut',
  'songId',
  'audioStart',
  'audioEnd',
  'costUsd',
] as const satisfies (keyof NewTake)[];
const columns = [
  ...written,
  'createdAt',
  'posterKey',
  'filmstripKey',
  'filmstrip',
] as const satisfies (keyof TakeRow)[];

export async function insertTake(sql: Queryable, take: NewTake): Promise<void> {
  await sql`insert into takes ${sql({ ...take, madeBy: jsonb(sql, take.madeBy), window: jsonb(sql, take.window) }, ...written)}`;
}

export async function findTake(sql: Queryable, takeId: string): Promise<TakeRow | null> {
  const [take] = await sql<TakeRow[]>`select ${sql(columns)} from takes where id = ${takeId}`;
  return take ?? null;
}

/** The original that a clip was made of, by way of its parents; null when one of them is gone. */
export async function findOriginal(sql: Queryable, clip: TakeRow): Promise<TakeRow | null> {
  let take: TakeRow | null = clip;
  while (take !== null && take.kind !== 'original') {
    take = take.parentId === null ? null : await findTake(sql, take.parentId);
  }
  return take;
}

export async function findTakes(sql: Queryable, takeIds: string[]): Promise<TakeRow[]> {
  if (takeIds.length === 0) return [];
  return sql<TakeRow[]>`select ${sql(columns)} from takes where id in ${sql(takeIds)}`;
}

/** All takes of a scene, newest first. */
export async function listTakes(sql: Queryable, sceneId: string): Promise<TakeRow[]> {
  return sql<TakeRow[]>`
    select ${sql(columns)} from takes where scene_id = ${sceneId} order by created_at desc, id desc`;
}

/** The versions of a scene that people see, newest first: without those that were deleted, unless it shows them. */
export async function listVersions(sql: Queryable, sceneId: string): Promise<TakeRow[]> {
  return sql<TakeRow[]>`
    select ${sql(columns)} from takes
    where scene_id = ${sceneId} and (deleted_at is null or exists (
      select 1 from scenes where scenes.id = takes.scene_id
        and takes.id in (image_take_id, original_take_id, current_take_id, lipsync_take_id)))
    order by created_at desc, id desc`;
}

/** Every object in S3 that the takes of a project (or of one of its scenes) own. */
export async function listTakeKeys(
  sql: Queryable,
  owner: { projectId: string; sceneId?: string },
): Promise<string[]> {
  const ofScene = owner.sceneId === undefined ? sql`` : sql`and scene_id = ${owner.sceneId}`;
  const rows = await sql<{ keys: string[] }[]>`
    select array_remove(array[s3_key, source_key, sound_key, poster_key, filmstrip_key], null) as keys from takes
    where project_id = ${owner.projectId} ${ofScene}`;
  return rows.flatMap((row) => row.keys);
}
