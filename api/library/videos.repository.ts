import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import { mediaColumns } from './stored-file.rules';
import type { NewVideo, VideoRow } from './videos.rules';

const written = [...mediaColumns, 'soundKey', 'fps', 'frames'] as const satisfies (keyof NewVideo)[];
const columns = [...written, 'createdAt'] as const satisfies (keyof VideoRow)[];

export async function insertVideo(sql: Queryable, video: NewVideo): Promise<void> {
  await sql`insert into videos ${sql({ ...video, madeBy: jsonb(sql, video.madeBy) }, ...written)}`;
}

export async function findVideo(sql: Queryable, id: string): Promise<VideoRow | null> {
  const [row] = await sql<VideoRow[]>`select ${sql(columns)} from videos where id = ${id}`;
  return row ?? null;
}

/** Every object in S3 that the videos of a project own. */
export async function listVideoKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ keys: string[] }[]>`
    select array_remove(array[s3_key, sound_key], null) as keys from videos where project_id = ${projectId}`;
  return rows.flatMap((row) => row.keys);
}
