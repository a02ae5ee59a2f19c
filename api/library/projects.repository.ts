import { changedColumns } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { UpdateProject } from '../contract/project.schema';
import { useSong } from './bin.repository';
import type { NewSong, ProjectRow, SongRow } from './projects.rules';
import { SAMPLE_TEMPLATE_ID } from './sample-template.rules';
import { beginHistory, type ChangeNote, recordRevision } from './timeline-history.repository';

type FlatProject = Omit<ProjectRow, 'song'> & { songId: string | null };

type NewProject = Omit<ProjectRow, 'song' | 'sceneCount' | 'createdAt' | 'updatedAt'>;

const written = [
  'id',
  'title',
  'mode',
  'concept',
  'characterDescription',
  'productDescription',
  'width',
  'height',
  'fps',
  'budgetUsd',
] as const satisfies (keyof NewProject)[];
const columns = (sql: Queryable) => sql`
  ${sql([...written, 'songId', 'createdAt', 'updatedAt'])},
  (select count(*) from scenes where scenes.project_id = projects.id and scenes.deleted_at is null)::int as scene_count`;

const songFacts = [
  'id',
  'projectId',
  'fileName',
  'sourceKey',
  'sourceBytes',
  'sourceSha256',
  'masterKey',
  'masterBytes',
  'masterSha256',
  'encodedKey',
  'encodedBytes',
  'encodedSha256',
  'samples',
  'sampleRate',
  'channels',
] as const satisfies (keyof NewSong)[];
const songColumns = [...songFacts, 'createdAt'] as const satisfies (keyof SongRow)[];

async function withSongs(sql: Queryable, projects: FlatProject[]): Promise<ProjectRow[]> {
  const ids = projects.map((project) => project.songId).filter((id) => id !== null);
  const songs =
    ids.length === 0
      ? []
      : await sql<SongRow[]>`select ${sql(songColumns)} from songs where id in ${sql(ids)}`;
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
 * after the other. Before the first of them it writes down the state that undo goes back to at last. False
 * when there is no such project.
 */
export async function lockProject(sql: Queryable, projectId: string): Promise<boolean> {
  const [row] = await sql`select 1 from projects where id = ${projectId} for update`;
  if (row === undefined) return false;
  await beginHistory(sql, projectId);
  return true;
}

export async function listProjects(
  sql: Queryable,
  query: { search: string; limit: number; offset: number },
): Promise<{ projects: ProjectRow[]; total: number }> {
  const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
  const found = query.search === '' ? sql`true` : sql`(title ilike ${pattern} or concept ilike ${pattern})`;
  const matches = sql`${found} and id <> ${SAMPLE_TEMPLATE_ID}`;
  const rows = await sql<FlatProject[]>`
    select ${columns(sql)} from projects where ${matches}
    order by updated_at desc, id desc limit ${query.limit} offset ${query.offset}`;
  const [count] = await sql<{ total: number }[]>`
    select count(*)::int as total from projects where ${matches}`;
  return { projects: await withSongs(sql, rows), total: count?.total ?? 0 };
}

export async function insertProject(sql: Queryable, project: NewProject): Promise<void> {
  await sql`insert into projects ${sql(project, ...written)}`;
}

export async function updateProject(
  sql: Queryable,
  projectId: string,
  { title, concept, characterDescription, productDescription, budgetUsd, format }: UpdateProject,
): Promise<void> {
  const columns = changedColumns(projectId, {
    title,
    concept,
    characterDescription,
    productDescription,
    budgetUsd,
    width: format?.width,
    height: format?.height,
    fps: format?.fps,
  });
  await sql`update projects set ${sql(columns)}, updated_at = now() where id = ${projectId}`;
}

/**
 * Marks the project as changed now, and makes a step for undo of what was changed of its timeline
 * (`recordRevision`): whoever changes scenes or the song calls it last, with the project's lock held.
 */
export async function touchProject(sql: Queryable, projectId: string, note: ChangeNote = {}): Promise<void> {
  await sql`update projects set updated_at = now() where id = ${projectId}`;
  await recordRevision(sql, projectId, note);
}

export async function deleteProject(sql: Queryable, projectId: string): Promise<void> {
  await sql`delete from projects where id = ${projectId}`;
}

/** Whether any clip was made for the project's format, which therefore can't change any more. */
export async function hasVideoTakes(sql: Queryable, projectId: string): Promise<boolean> {
  const rows = await sql`select 1 from takes where project_id = ${projectId} and kind <> 'image' limit 1`;
  return rows.length > 0;
}

/** Keeps scenes' lengths the same in seconds when the project's frame rate changes. */
export async function rescaleSlots(
  sql: Queryable,
  projectId: string,
  change: { fromFps: number; toFps: number },
): Promise<void> {
  await sql`
    update scenes set
      slot_frames = greatest(1, round(slot_frames * ${change.toFps}::numeric / ${change.fromFps}::numeric))
    where project_id = ${projectId} and slot_frames is not null`;
}

export async function insertSong(sql: Queryable, song: NewSong): Promise<void> {
  await sql`insert into songs ${sql(song, ...songFacts, 'peaks')}`;
}

export async function findSong(sql: Queryable, songId: string): Promise<SongRow | null> {
  const [song] = await sql<SongRow[]>`select ${sql(songColumns)} from songs where id = ${songId}`;
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

/** Makes a song the project's own; the one before goes into the bin. */
export async function chooseSong(sql: Queryable, projectId: string, songId: string): Promise<void> {
  await useSong(sql, projectId, songId);
}

/** Every object in S3 that the songs of a project own. */
export async function listSongKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ keys: string[] }[]>`
    select array[source_key, master_key, encoded_key] as keys from songs where project_id = ${projectId}`;
  return rows.flatMap((row) => row.keys);
}
