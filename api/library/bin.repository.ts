import type { Queryable } from '../../db/connect';

/** Puts scenes into the bin: they keep all they have but their number. The others are numbered by the caller. */
export async function binScenes(tx: Queryable, sceneIds: string[]): Promise<void> {
  if (sceneIds.length === 0) return;
  await tx`
    update scenes set deleted_at = now(), deleted_sequence = sequence, sequence = null, updated_at = now()
    where id in ${tx(sceneIds)} and deleted_at is null`;
}

/** Makes a song the project's own, or gives it none; the one before goes into the bin. */
export async function useSong(tx: Queryable, projectId: string, songId: string | null): Promise<void> {
  // A song that was deleted for good can't come back.
  await tx`
    update projects set updated_at = now(),
      song_id = (select id from songs where id = ${songId}::uuid and project_id = ${projectId})
    where id = ${projectId}`;
  await tx`
    update songs set replaced_at = case when id is not distinct from ${songId}::uuid then null else now() end
    where project_id = ${projectId} and (replaced_at is null) <> (id is not distinct from ${songId}::uuid)`;
}

export type BinnedScene = {
  id: string;
  deletedAt: Date;
  deletedSequence: number;
  prompt: string;
  slotFrames: number | null;
  posterKey: string | null;
  hasClip: boolean;
};

/** Deleted scenes of a project that had anything in them, last deleted first. */
export async function listBinnedScenes(sql: Queryable, projectId: string): Promise<BinnedScene[]> {
  return sql<BinnedScene[]>`
    select s.id, s.deleted_at, coalesce(s.deleted_sequence, 1) as deleted_sequence, s.prompt, s.slot_frames,
      coalesce(clip.poster_key, image.poster_key) as poster_key, clip.id is not null as has_clip
    from scenes s
    left join takes clip on clip.id = s.current_take_id
    left join takes image on image.id = s.image_take_id
    where s.project_id = ${projectId} and s.deleted_at is not null and not s.media_only
      and (s.prompt <> '' or s.negative_prompt <> '' or clip.id is not null or image.id is not null
        or exists (select 1 from takes where takes.scene_id = s.id))
    order by s.deleted_at desc, s.deleted_sequence`;
}

export type BinnedSong = {
  id: string;
  replacedAt: Date;
  fileName: string;
  samples: number;
  sampleRate: number;
};

/** Songs of a project that another one took the place of since a time, last replaced first. */
export async function listBinnedSongs(sql: Queryable, projectId: string, since: Date): Promise<BinnedSong[]> {
  return sql<BinnedSong[]>`
    select id, replaced_at, file_name, samples, sample_rate from songs
    where project_id = ${projectId} and replaced_at > ${since} order by replaced_at desc`;
}

/** What is in a project's bin under an id. */
export async function findBinned(
  tx: Queryable,
  projectId: string,
  id: string,
): Promise<{ kind: 'scene'; sequence: number } | { kind: 'song' } | null> {
  const [scene] = await tx<{ sequence: number }[]>`
    select coalesce(deleted_sequence, 1) as sequence from scenes
    where id = ${id} and project_id = ${projectId} and deleted_at is not null and not media_only`;
  if (scene !== undefined) return { kind: 'scene', sequence: scene.sequence };
  const songs = await tx`
    select 1 from songs where id = ${id} and project_id = ${projectId} and replaced_at is not null`;
  return songs.length === 0 ? null : { kind: 'song' };
}

/** Puts a deleted scene back at a number, where there is room for it. */
export async function unbinScene(tx: Queryable, sceneId: string, sequence: number): Promise<void> {
  await tx`
    update scenes set sequence = ${sequence}, deleted_at = null, deleted_sequence = null, updated_at = now()
    where id = ${sceneId}`;
}

/** Deleted scenes of one project that are kept at most: twice as many as it can have. */
const MOST_BINNED = 2000;

/**
 * What has been in bins since before a time, by project, and the projects whose history has steps as old: a part
 * of it, when there is very much.
 */
export async function findExpired(
  sql: Queryable,
  since: Date,
): Promise<{ projectId: string; sceneIds: string[]; songIds: string[] }[]> {
  return sql<{ projectId: string; sceneIds: string[]; songIds: string[] }[]>`
    with old as (
      select project_id, id as scene_id, null::uuid as song_id from (
        select project_id, id, deleted_at,
          row_number() over (partition by project_id order by deleted_at desc, id) as place
        from scenes where deleted_at is not null and ${holdsNothing(sql)}
      ) binned where deleted_at < ${since} or place > ${MOST_BINNED}
      union all
      select project_id, null, id from songs
      where replaced_at < ${since} and not exists (select 1 from takes where takes.song_id = songs.id)
      union all
      select project_id, null::uuid, null::uuid from timeline_revisions where created_at < ${since}
      group by project_id having count(*) > 1
    )
    select project_id, coalesce(array_agg(scene_id) filter (where scene_id is not null), '{}') as scene_ids,
      coalesce(array_agg(song_id) filter (where song_id is not null), '{}') as song_ids
    from old group by project_id`;
}

/** Of a scene that is only there for media: whether none of them is there any more. */
const holdsNothing = (sql: Queryable) => sql`
  not (media_only and exists (select 1 from takes where takes.scene_id = scenes.id and takes.deleted_at is null))`;

/** Deletes a scene for good, with its takes and jobs. False when it was put back meanwhile. */
export async function deleteBinnedScene(tx: Queryable, sceneId: string): Promise<boolean> {
  const rows = await tx`
    delete from scenes where id = ${sceneId} and deleted_at is not null and ${holdsNothing(tx)} returning id`;
  return rows.length === 1;
}

/** Deletes a replaced song for good. @returns its objects in S3; none when something needs it by now */
export async function deleteReplacedSong(tx: Queryable, songId: string): Promise<string[]> {
  const rows = await tx<{ keys: string[] }[]>`
    delete from songs where id = ${songId} and replaced_at is not null
      and not exists (select 1 from takes where takes.song_id = songs.id)
    returning array[source_key, master_key, encoded_key] as keys`;
  return rows.flatMap((row) => row.keys);
}
