import type { Queryable } from '../../db/connect';
import type { UpdateProject } from '../contract/project.schema';
import type { NewSong, ProjectRow, SongRow } from './projects.rules';

type FlatProject = Omit<ProjectRow, 'song'> & { songId: string | null };

const columns = (sql: Queryable) => sql`
  id, title, mode, concept, character_description as "characterDescription",
  product_description as "productDescription", width, height, fps,
  budget_usd as "budgetUsd", song_id as "songId",
  (select count(*) from scenes where scenes.project_id = projects.id)::int as "sceneCount",
  created_at as "createdAt", updated_at as "updatedAt"`;

const songColumns = (sql: Queryable) => sql`
  id, project_id as "projectId", file_name as "fileName", source_key as "sourceKey",
  source_bytes as "sourceBytes", source_sha256 as "sourceSha256", master_key as "masterKey",
  master_bytes as "masterBytes", master_sha256 as "masterSha256", encoded_key as "encodedKey",
  encoded_bytes as "encodedBytes", encoded_sha256 as "encodedSha256", samples, sample_rate as "sampleRate",
  channels, created_at as "createdAt"`;

async function withSongs(sql: Queryable, projects: FlatProject[]): Promise<ProjectRow[]> {
  const ids = projects.map((project) => project.songId).filter((id) => id !== null);
  const songs =
    ids.length === 0
      ? []
      : await sql<SongRow[]>`select ${songColumns(sql)} from songs where id in ${sql(ids)}`;
  const byId = new Map(songs.map((song) => [song.id, song]));
  return projects.map(({ songId, ...project }) => ({
    ...project,
    song: songId === null ? null : (byId.get(songId) ?? null),
  }));
}

export async function findProject(sql: Queryable, projectId: string): Promise<ProjectRow | null> {
  const rows = await sql<FlatProject[]>`select ${columns(sql)} from projects where id = ${projectId}`;
  const [project] = await withSongs(sql, rows);
  return project ?? null;
}

/**
 * Holds the project's row until the transaction ends, so that changes of its scenes happen one
 * after the other. False when there is no such project.
 */
export async function lockProject(sql: Queryable, projectId: string): Promise<boolean> {
  const rows = await sql`select 1 from projects where id = ${projectId} for update`;
  return rows.length === 1;
}

export async function listProjects(
  sql: Queryable,
  query: { search: string; limit: number; offset: number },
): Promise<{ projects: ProjectRow[]; total: number }> {
  const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
  const matches = query.search === '' ? sql`true` : sql`(title ilike ${pattern} or concept ilike ${pattern})`;
  const rows = await sql<FlatProject[]>`
    select ${columns(sql)} from projects where ${matches}
    order by updated_at desc, id desc limit ${query.limit} offset ${query.offset}`;
  const [count] = await sql<{ total: number }[]>`
    select count(*)::int as total from projects where ${matches}`;
  return { projects: await withSongs(sql, rows), total: count?.total ?? 0 };
}

export async function insertProject(
  sql: Queryable,
  project: Omit<ProjectRow, 'song' | 'sceneCount' | 'createdAt' | 'updatedAt'>,
): Promise<void> {
  await sql`
    insert into projects (id, title, mode, concept, character_description, product_description, width, height, fps, budget_usd)
    values (${project.id}, ${project.title}, ${project.mode}, ${project.concept},
      ${project.characterDescription}, ${project.productDescription}, ${project.width}, ${project.height},
      ${project.fps}, ${project.budgetUsd})`;
}

export async function updateProject(sql: Queryable, projectId: string, change: UpdateProject): Promise<void> {
  await sql`
    update projects set
      title = ${change.title === undefined ? sql`title` : change.title},
      concept = ${change.concept === undefined ? sql`concept` : change.concept},
      character_description = ${
        change.characterDescription === undefined ? sql`character_description` : change.characterDescription
      },
      product_description = ${
        change.productDescription === undefined ? sql`product_description` : change.productDescription
      },
      width = ${change.format === undefined ? sql`width` : change.format.width},
      height = ${change.format === undefined ? sql`height` : change.format.height},
      fps = ${change.format === undefined ? sql`fps` : change.format.fps},
      budget_usd = ${change.budgetUsd === undefined ? sql`budget_usd` : change.budgetUsd},
      updated_at = now()
    where id = ${projectId}`;
}

/** Marks the project as changed now. */
export async function touchProject(sql: Queryable, projectId: string): Promise<void> {
  await sql`update projects set updated_at = now() where id = ${projectId}`;
}

export async function deleteProject(sql: Queryable, projectId: string): Promise<void> {
  await sql`delete from projects where id = ${projectId}`;
}

/** Whether any clip was made for the project's format, which therefore can't change any more. */
export async function hasVideoTakes(sql: Queryable, projectId: string): Promise<boolean> {
  const rows = await sql`select 1 from takes where project_id = ${projectId} and kind <> 'image' limit 1`;
  return rows.length > 0;
}

/** Keeps planned lengths the same in seconds when the project's frame rate changes. */
export async function rescalePlannedFrames(
  sql: Queryable,
  projectId: string,
  change: { fromFps: number; toFps: number },
): Promise<void> {
  await sql`
    update scenes set
      planned_frames = greatest(1, round(planned_frames * ${change.toFps}::numeric / ${change.fromFps}::numeric))
    where project_id = ${projectId} and planned_frames is not null`;
}

export async function insertSong(sql: Queryable, song: NewSong): Promise<void> {
  await sql`
    insert into songs (
      id, project_id, file_name, source_key, source_bytes, source_sha256, master_key, master_bytes,
      master_sha256, encoded_key, encoded_bytes, encoded_sha256, samples, sample_rate, channels,
      peaks
    ) values (
      ${song.id}, ${song.projectId}, ${song.fileName}, ${song.sourceKey}, ${song.sourceBytes},
      ${song.sourceSha256}, ${song.masterKey}, ${song.masterBytes}, ${song.masterSha256}, ${song.encodedKey},
      ${song.encodedBytes}, ${song.encodedSha256}, ${song.samples}, ${song.sampleRate}, ${song.channels},
      ${Buffer.from(song.peaks)}
    )`;
}

export async function findSong(sql: Queryable, songId: string): Promise<SongRow | null> {
  const [song] = await sql<SongRow[]>`select ${songColumns(sql)} from songs where id = ${songId}`;
  return song ?? null;
}

/** The peaks of a song; null when they were never measured. */
export async function findPeaks(sql: Queryable, songId: string): Promise<Uint8Array | null> {
  const [row] = await sql<{ peaks: Uint8Array | null }[]>`select peaks from songs where id = ${songId}`;
  return row?.peaks ?? null;
}

export async function savePeaks(sql: Queryable, songId: string, peaks: Uint8Array): Promise<void> {
  await sql`update songs set peaks = ${Buffer.from(peaks)} where id = ${songId}`;
}

export async function chooseSong(sql: Queryable, projectId: string, songId: string): Promise<void> {
  await sql`update projects set song_id = ${songId}, updated_at = now() where id = ${projectId}`;
}

/** Every object in S3 that the songs of a project own. */
export async function listSongKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ keys: string[] }[]>`
    select array[source_key, master_key, encoded_key] as keys from songs where project_id = ${projectId}`;
  return rows.flatMap((row) => row.keys);
}
