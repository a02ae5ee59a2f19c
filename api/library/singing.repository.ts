import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { Faces, Voice } from '../contract/singing.schema';

/** A worker that is silent for this long has died; what it was at is another's. */
const CLAIM_MINUTES = 15;
/** What can't be looked at is left alone after this many tries. */
const MAX_ATTEMPTS = 3;

/**
 * Takes over the newest original that nobody has looked for faces in. Null: there is none, or another worker was
 * faster. Trims and lip-syncs show the pictures of their original.
 */
export async function claimFacesWork(sql: Queryable): Promise<string | null> {
  const [claimed] = await sql<{ takeId: string }[]>`
    insert into take_faces (take_id)
    select t.id from takes t left join take_faces w on w.take_id = t.id
    where t.kind = 'original' and (
      w.take_id is null
      or (w.faces is null and w.attempts < ${MAX_ATTEMPTS}
        and w.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES}))
    )
    order by t.created_at desc, t.id desc limit 1
    on conflict (take_id) do update set attempts = take_faces.attempts + 1, claimed_at = now()
      where take_faces.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES})
    returning take_id`;
  return claimed?.takeId ?? null;
}

/** Takes over the newest of the projects' songs that nobody has listened to; null as for faces. */
export async function claimVoiceWork(sql: Queryable): Promise<string | null> {
  const [claimed] = await sql<{ songId: string }[]>`
    insert into song_voices (song_id)
    select s.id from songs s join projects p on p.song_id = s.id left join song_voices w on w.song_id = s.id
    where w.song_id is null
      or (w.voice is null and w.attempts < ${MAX_ATTEMPTS}
        and w.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES}))
    order by s.created_at desc, s.id desc limit 1
    on conflict (song_id) do update set attempts = song_voices.attempts + 1, claimed_at = now()
      where song_voices.claimed_at < now() - make_interval(mins => ${CLAIM_MINUTES})
    returning song_id`;
  return claimed?.songId ?? null;
}

/** False when the take is gone. */
export async function saveFaces(sql: Queryable, takeId: string, faces: Faces): Promise<boolean> {
  const rows = await sql`
    update take_faces set faces = ${jsonb(sql, faces)}, last_error = null where take_id = ${takeId} returning 1`;
  return rows.length === 1;
}

/** False when the song is gone. */
export async function saveVoice(sql: Queryable, songId: string, voice: Voice): Promise<boolean> {
  const rows = await sql`
    update song_voices set voice = ${jsonb(sql, voice)}, last_error = null where song_id = ${songId} returning 1`;
  return rows.length === 1;
}

export async function noteFacesError(sql: Queryable, takeId: string, message: string): Promise<void> {
  await sql`update take_faces set last_error = ${message} where take_id = ${takeId}`;
}

export async function noteVoiceError(sql: Queryable, songId: string, message: string): Promise<void> {
  await sql`update song_voices set last_error = ${message} where song_id = ${songId}`;
}

/** What was seen in takes, by their ids. */
export async function findFaces(sql: Queryable, takeIds: readonly string[]): Promise<Map<string, Faces>> {
  if (takeIds.length === 0) return new Map();
  const rows = await sql<{ takeId: string; faces: Faces }[]>`
    select take_id, faces from take_faces where take_id in ${sql([...takeIds])} and faces is not null`;
  return new Map(rows.map(({ takeId, faces }) => [takeId, faces]));
}

/** Takes that will be looked at soon: new, no look at them has failed, and somebody looks at the newest. */
export async function findLooking(sql: Queryable, takeIds: readonly string[]): Promise<Set<string>> {
  if (takeIds.length === 0) return new Set();
  const rows = await sql<{ id: string }[]>`
    select t.id from takes t left join take_faces w on w.take_id = t.id
    where t.id in ${sql([...takeIds])} and w.faces is null and w.last_error is null
      and t.created_at > now() - make_interval(mins => ${CLAIM_MINUTES})
      and exists (select 1 from take_faces where claimed_at > now() - make_interval(mins => ${CLAIM_MINUTES}))`;
  return new Set(rows.map(({ id }) => id));
}

export async function findVoice(sql: Queryable, songId: string): Promise<Voice | null> {
  const [row] = await sql<{ voice: Voice | null }[]>`
    select voice from song_voices where song_id = ${songId}`;
  return row?.voice ?? null;
}

/** What was said by hand of a project's scenes, by their ids. */
export async function listNeedsLipsync(sql: Queryable, projectId: string): Promise<Map<string, boolean>> {
  const rows = await sql<{ id: string; needsLipsync: boolean }[]>`
    select id, needs_lipsync from scenes where project_id = ${projectId} and needs_lipsync is not null`;
  return new Map(rows.map(({ id, needsLipsync }) => [id, needsLipsync]));
}

/** @param needs null: what was seen and heard decides again */
export async function setNeedsLipsync(sql: Queryable, sceneId: string, needs: boolean | null): Promise<void> {
  await sql`update scenes set needs_lipsync = ${needs}, updated_at = now() where id = ${sceneId}`;
}

/** What was seen, heard and said of copied takes, songs and scenes (old id → new id). */
export async function copySinging(
  tx: Queryable,
  copied: Record<'takes' | 'songs' | 'scenes', ReadonlyMap<string, string>>,
): Promise<void> {
  const pairs = (map: ReadonlyMap<string, string>) =>
    tx`unnest(${[...map.keys()]}::uuid[], ${[...map.values()]}::uuid[]) as m (old, new)`;
  await tx`
    insert into take_faces (take_id, faces)
    select m.new, f.faces
    from take_faces f join ${pairs(copied.takes)} on m.old = f.take_id
    where f.faces is not null`;
  await tx`
    insert into song_voices (song_id, voice)
    select m.new, s.voice
    from song_voices s join ${pairs(copied.songs)} on m.old = s.song_id
    where s.voice is not null`;
  await tx`
    update scenes set needs_lipsync = o.needs_lipsync
    from scenes o join ${pairs(copied.scenes)} on m.old = o.id
    where scenes.id = m.new and o.needs_lipsync is not null`;
}
