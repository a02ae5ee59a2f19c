import type { Queryable } from '../../db/connect';

/**
 * Copies of scenes and projects share objects in S3. Whoever copies or deletes holds this lock until the
 * end of its transaction: two deletions at once would each see the other's rows and leave the object
 * behind, and a copy could take over an object that is just being deleted. Lock the project first.
 */
export async function lockSharedObjects(tx: Queryable): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended('songreel shared objects', 0))`;
}

/**
 * Those of the keys that nothing outside the project (or outside one of its scenes) uses: they can be
 * deleted with it. Without an owner: those that nothing uses at all. Takes `lockSharedObjects`.
 */
export async function unsharedKeys(
  tx: Queryable,
  keys: string[],
  owner: { projectId: string; sceneId?: string } | null,
): Promise<string[]> {
  if (keys.length === 0) return [];
  await lockSharedObjects(tx);
  const { projectId = null, sceneId } = owner ?? {};
  const others =
    sceneId === undefined ? tx`t.project_id is distinct from ${projectId}` : tx`t.scene_id <> ${sceneId}`;
  const rows = await tx<{ key: string }[]>`
    select key from unnest(${keys}::text[]) as wanted (key)
    where not exists (
      select 1 from takes t
      where key in (t.s3_key, t.source_key, t.sound_key, t.poster_key, t.filmstrip_key) and ${others}
    ) and not exists (
      select 1 from songs s where key in (s.source_key, s.master_key, s.encoded_key)
        and s.project_id is distinct from ${projectId}
    ) and not exists (
      select 1 from images i where i.s3_key = key and (${projectId}::uuid is null or i.project_id is distinct from ${projectId})
    )`;
  return rows.map(({ key }) => key);
}
