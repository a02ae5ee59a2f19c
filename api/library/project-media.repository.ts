import type { Queryable } from '../../db/connect';
import type { MediaKind } from '../contract/media.schema';

/** Takes of one content within a project, oldest first, and the scenes that use them, in order. */
export type MediaGroup = {
  id: string;
  kind: MediaKind;
  takeIds: string[];
  uses: { sceneId: string; sequence: number }[];
  /** Null: it is there. What a scene shows is there, also when it was deleted and came back by undo. */
  deletedAt: Date | null;
};

async function listGroups(sql: Queryable, projectId: string): Promise<MediaGroup[]> {
  const groups = await sql<MediaGroup[]>`
    select coalesce(t.source_sha256, t.sha256) as id,
      case t.kind when 'image' then 'image' else 'clip' end as kind,
      array_agg(t.id order by t.created_at, t.id) as take_ids,
      coalesce(
        jsonb_agg(jsonb_build_object('sceneId', s.id, 'sequence', s.sequence) order by s.sequence)
          filter (where t.id in (s.original_take_id, s.image_take_id) and s.deleted_at is null), '[]') as uses,
      case when bool_and(t.deleted_at is not null) then max(t.deleted_at) end as deleted_at
    from takes t join scenes s on s.id = t.scene_id
    where t.project_id = ${projectId} and t.kind in ('original', 'image')
    group by 1, 2
    order by min(t.created_at), 1`;
  return groups.map((group) => (group.uses.length === 0 ? group : { ...group, deletedAt: null }));
}

/**
 * The clips and images of a project, each once: takes that were made of the same file are one. In the order
 * in which they came; those of deleted scenes too, as long as these are kept.
 */
export async function listMedia(sql: Queryable, projectId: string): Promise<MediaGroup[]> {
  return (await listGroups(sql, projectId)).filter(({ deletedAt }) => deletedAt === null);
}

/** Media that were deleted and are still kept, last deleted first. */
export async function listDeletedMedia(
  sql: Queryable,
  projectId: string,
): Promise<(MediaGroup & { deletedAt: Date })[]> {
  return (await listGroups(sql, projectId))
    .flatMap(({ deletedAt, ...group }) => (deletedAt === null ? [] : [{ ...group, deletedAt }]))
    .sort((a, b) => b.deletedAt.getTime() - a.deletedAt.getTime());
}

/** Some takes and all that was made of them, as a table `family (id, root)` of a query. */
const familyOf = (sql: Queryable, takeIds: string[]) => sql`
  with recursive family as (
    select id, id as root from takes where id = any(${takeIds}::uuid[])
    union
    select takes.id, family.root from takes join family on takes.parent_id = family.id
  )`;

const pointers = (sql: Queryable) =>
  sql`(scenes.image_take_id, scenes.original_take_id, scenes.current_take_id, scenes.lipsync_take_id)`;

/** The numbers of the scenes that show one of some takes, or what was made of it. */
export async function listShowing(tx: Queryable, takeIds: string[]): Promise<number[]> {
  const rows = await tx<{ sequence: number }[]>`
    ${familyOf(tx, takeIds)}
    select distinct scenes.sequence from scenes join family on family.id in ${pointers(tx)}
    where scenes.deleted_at is null order by 1`;
  return rows.map(({ sequence }) => sequence);
}

/** Takes some takes, and all that was made of them, off the project's media. Their files stay for now. */
export async function deleteMediaTakes(tx: Queryable, takeIds: string[]): Promise<void> {
  await tx`
    ${familyOf(tx, takeIds)}
    update takes set deleted_at = now() from family where takes.id = family.id and takes.deleted_at is null`;
  // Their time begins now, not when they came.
  await tx`
    update scenes set deleted_at = now()
    where media_only and id in (select scene_id from takes where id = any(${takeIds}::uuid[]))`;
}

/** Puts takes that were deleted, and all that was made of them, back among the project's media. */
export async function restoreMediaTakes(tx: Queryable, takeIds: string[]): Promise<void> {
  await tx`
    ${familyOf(tx, takeIds)}
    update takes set deleted_at = null from family where takes.id = family.id`;
}

/** What was deleted from projects' media before a time, by project. */
export async function findExpiredTakes(
  sql: Queryable,
  before: Date,
): Promise<{ projectId: string; takeIds: string[] }[]> {
  return sql<{ projectId: string; takeIds: string[] }[]>`
    select project_id, array_agg(id) as take_ids from takes where deleted_at < ${before} group by project_id`;
}

/**
 * Deletes takes for good that were deleted from the media, with all that was made of them: but for those that a
 * scene shows, also a deleted one, or that undo could bring back. Hold the project's lock.
 * @returns their objects in S3
 */
export async function dropTakes(
  tx: Queryable,
  projectId: string,
  takeIds: string[],
  before: Date,
): Promise<string[]> {
  const rows = await tx<{ keys: string[] }[]>`
    ${familyOf(tx, takeIds)},
    needed as (
      select distinct family.root from family
      where exists (select 1 from scenes where family.id in ${pointers(tx)})
        or family.root in (select id from takes where deleted_at is null or deleted_at >= ${before})
        or family.id::text in (
          select field.value from timeline_revisions, jsonb_array_elements(snapshot -> 'scenes') as scene,
            jsonb_each_text(scene) as field
          where project_id = ${projectId} and field.key like '%TakeId'
        )
    )
    delete from takes using family
    where takes.id = family.id and takes.project_id = ${projectId}
      and family.root not in (select root from needed)
    returning array_remove(array[s3_key, source_key, sound_key, poster_key, filmstrip_key], null) as keys`;
  return rows.flatMap((row) => row.keys);
}

/** A place for media that come without a scene. */
export async function insertMediaScene(
  tx: Queryable,
  { id, projectId }: { id: string; projectId: string },
): Promise<void> {
  await tx`
    insert into scenes (id, project_id, sequence, deleted_at, media_only)
    values (${id}, ${projectId}, null, now(), true)`;
}

/** Whether an id is that of a place for media without a scene. */
export async function isMediaScene(sql: Queryable, sceneId: string): Promise<boolean> {
  return (await sql`select 1 from scenes where id = ${sceneId} and media_only`).length === 1;
}

/** How many media a project has without a scene, also deleted ones and those that are still coming. */
export async function countMediaScenes(sql: Queryable, projectId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from scenes where project_id = ${projectId} and media_only`;
  return row?.count ?? 0;
}
