import type { Queryable } from '../../db/connect';
import type { NewTake, TakeRow } from './takes.rules';

const columns = (sql: Queryable) => sql`
  id, project_id as "projectId", scene_id as "sceneId", kind, parent_id as "parentId", s3_key as "s3Key",
  content_type as "contentType", bytes, sha256, width, height, frames,
  source_key as "sourceKey", source_bytes as "sourceBytes", source_sha256 as "sourceSha256",
  source_name as "sourceName", sound_key as "soundKey", sound_bytes as "soundBytes",
  sound_sha256 as "soundSha256", trim_in as "trimIn", trim_out as "trimOut", song_id as "songId",
  audio_start as "audioStart", audio_end as "audioEnd", made_by as "madeBy",
  cost_usd as "costUsd", job_id as "jobId", created_at as "createdAt",
  poster_key as "posterKey", filmstrip_key as "filmstripKey", filmstrip`;

export async function insertTake(sql: Queryable, take: NewTake): Promise<void> {
  await sql`
    insert into takes (
      id, project_id, scene_id, kind, parent_id, s3_key, content_type, bytes, sha256, width, height, frames,
      source_key, source_bytes, source_sha256, source_name, sound_key, sound_bytes, sound_sha256,
      trim_in, trim_out, song_id, audio_start, audio_end,
      made_by, cost_usd, job_id
    ) values (
      ${take.id}, ${take.projectId}, ${take.sceneId}, ${take.kind}, ${take.parentId}, ${take.s3Key},
      ${take.contentType}, ${take.bytes}, ${take.sha256}, ${take.width}, ${take.height}, ${take.frames},
      ${take.sourceKey}, ${take.sourceBytes}, ${take.sourceSha256}, ${take.sourceName}, ${take.soundKey},
      ${take.soundBytes}, ${take.soundSha256}, ${take.trimIn}, ${take.trimOut}, ${take.songId}, ${take.audioStart}, ${take.audioEnd},
      ${JSON.stringify(take.madeBy)}::text::jsonb, ${take.costUsd}, ${take.jobId}
    )`;
}

export async function findTake(sql: Queryable, takeId: string): Promise<TakeRow | null> {
  const [take] = await sql<TakeRow[]>`select ${columns(sql)} from takes where id = ${takeId}`;
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
  return sql<TakeRow[]>`select ${columns(sql)} from takes where id in ${sql(takeIds)}`;
}

/** All takes of a scene, newest first. */
export async function listTakes(sql: Queryable, sceneId: string): Promise<TakeRow[]> {
  return sql<TakeRow[]>`
    select ${columns(sql)} from takes where scene_id = ${sceneId} order by created_at desc, id desc`;
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
