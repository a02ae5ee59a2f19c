import type { Queryable } from '../../db/connect';

/** Old id → new id. */
export type IdMap = ReadonlyMap<string, string>;

const pairs = (map: IdMap) => ({ from: [...map.keys()], to: [...map.values()] });

export type CopyPlan = {
  fromProjectId: string;
  toProjectId: string;
  scenes: IdMap;
  takes: IdMap;
  /** Songs that get a new id; a song that is not in it keeps its own (a copy within the project). */
  songs: IdMap;
};

/** The ids of all takes of some scenes. */
export async function listTakeIds(tx: Queryable, sceneIds: string[]): Promise<string[]> {
  if (sceneIds.length === 0) return [];
  const rows = await tx<{ id: string }[]>`select id from takes where scene_id in ${tx(sceneIds)}`;
  return rows.map(({ id }) => id);
}

export async function listSongIds(tx: Queryable, projectId: string): Promise<string[]> {
  const rows = await tx<{ id: string }[]>`select id from songs where project_id = ${projectId}`;
  return rows.map(({ id }) => id);
}

export async function copyProject(
  tx: Queryable,
  copy: { fromProjectId: string; toProjectId: string; title: string },
): Promise<void> {
  await tx`
    insert into projects (id, title, mode, concept, character_description, product_description, width,
      height, fps, budget_usd)
    select ${copy.toProjectId}, ${copy.title}, mode, concept, character_description, product_description,
      width, height, fps, budget_usd
    from projects where id = ${copy.fromProjectId}`;
}

/** All songs, also earlier ones: lip-syncs remember which one they were made for. */
export async function copySongs(tx: Queryable, plan: CopyPlan): Promise<void> {
  const { from, to } = pairs(plan.songs);
  await tx`
    insert into songs (id, project_id, file_name, source_key, source_bytes, source_sha256, master_key,
      master_bytes, master_sha256, encoded_key, encoded_bytes, encoded_sha256, samples, sample_rate,
      channels, peaks, created_at)
    select m.new, ${plan.toProjectId}, s.file_name, s.source_key, s.source_bytes, s.source_sha256,
      s.master_key, s.master_bytes, s.master_sha256, s.encoded_key, s.encoded_bytes, s.encoded_sha256,
      s.samples, s.sample_rate, s.channels, s.peaks, s.created_at
    from songs s join unnest(${from}::uuid[], ${to}::uuid[]) as m (old, new) on m.old = s.id`;
  await tx`
    update projects set song_id = m.new
    from projects original, unnest(${from}::uuid[], ${to}::uuid[]) as m (old, new)
    where projects.id = ${plan.toProjectId} and original.id = ${plan.fromProjectId}
      and m.old = original.song_id`;
}

/** Pictures of characters and products. */
export async function copyImages(tx: Queryable, plan: CopyPlan, newId: () => string): Promise<void> {
  const rows = await tx<{ id: string }[]>`
    select id from images where project_id = ${plan.fromProjectId}`;
  const { from, to } = pairs(new Map(rows.map(({ id }) => [id, newId()])));
  await tx`
    insert into images (id, project_id, s3_key, content_type, bytes, sha256, width, height, made_by, created_at)
    select m.new, ${plan.toProjectId}, i.s3_key, i.content_type, i.bytes, i.sha256, i.width, i.height,
      i.made_by, i.created_at
    from images i join unnest(${from}::uuid[], ${to}::uuid[]) as m (old, new) on m.old = i.id`;
}

/** Scenes with their numbers, and what they point at; `sequence` puts a single copy elsewhere. */
export async function copyScenes(tx: Queryable, plan: CopyPlan, sequence: number | null): Promise<void> {
  const scenes = pairs(plan.scenes);
  const takes = pairs(plan.takes);
  const take = (column: 'image_take_id' | 'original_take_id' | 'current_take_id' | 'lipsync_take_id') => tx`
    (select m.new from unnest(${takes.from}::uuid[], ${takes.to}::uuid[]) as m (old, new)
      where m.old = s.${tx(column)})`;
  await tx`
    insert into scenes (id, project_id, sequence, prompt, negative_prompt, slot_frames, "window",
      image_take_id, original_take_id, current_take_id, lipsync_take_id)
    select m.new, ${plan.toProjectId}, coalesce(${sequence}::int, s.sequence), s.prompt, s.negative_prompt,
      s.slot_frames, s."window", ${take('image_take_id')}, ${take('original_take_id')}, ${take('current_take_id')},
      ${take('lipsync_take_id')}
    from scenes s join unnest(${scenes.from}::uuid[], ${scenes.to}::uuid[]) as m (old, new) on m.old = s.id`;
}

/**
 * Takes of copied scenes. They share the objects in S3 (shared-objects.repository.ts); what they cost was
 * paid once and stays with the first.
 */
export async function copyTakes(tx: Queryable, plan: CopyPlan): Promise<void> {
  const [scenes, takes, songs] = [pairs(plan.scenes), pairs(plan.takes), pairs(plan.songs)];
  await tx`
    insert into takes (id, project_id, scene_id, kind, parent_id, s3_key, content_type, bytes, sha256, width,
      height, frames, source_key, source_bytes, source_sha256, source_name, sound_key, sound_bytes, sound_sha256,
      "window", source_start, source_frames, trim_in, trim_out, song_id, audio_start, audio_end, made_by, created_at, poster_key, filmstrip_key, filmstrip)
    select m.new, ${plan.toProjectId}, scene.new, t.kind, parent.new, t.s3_key, t.content_type, t.bytes,
      t.sha256, t.width, t.height, t.frames, t.source_key, t.source_bytes, t.source_sha256, t.source_name,
      t.sound_key, t.sound_bytes, t.sound_sha256, t."window", t.source_start, t.source_frames, t.trim_in, t.trim_out, coalesce(song.new, t.song_id), t.audio_start, t.audio_end, t.made_by,
      t.created_at, t.poster_key, t.filmstrip_key, t.filmstrip
    from takes t
    join unnest(${takes.from}::uuid[], ${takes.to}::uuid[]) as m (old, new) on m.old = t.id
    join unnest(${scenes.from}::uuid[], ${scenes.to}::uuid[]) as scene (old, new) on scene.old = t.scene_id
    left join unnest(${takes.from}::uuid[], ${takes.to}::uuid[]) as parent (old, new)
      on parent.old = t.parent_id
    left join unnest(${songs.from}::uuid[], ${songs.to}::uuid[]) as song (old, new) on song.old = t.song_id`;
}
