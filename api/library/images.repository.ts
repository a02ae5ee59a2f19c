import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import { type MediaRow, mediaColumns } from './stored-file.rules';

/** A picture that is no scene's: what a character or product looks like. */
export type ImageRow = MediaRow;

export async function insertImage(sql: Queryable, image: Omit<ImageRow, 'createdAt'>): Promise<void> {
  await sql`insert into images ${sql({ ...image, madeBy: jsonb(sql, image.madeBy) }, ...mediaColumns)}`;
}

/** The pictures of a project, newest first. */
export function listImages(sql: Queryable, projectId: string): Promise<ImageRow[]> {
  return sql<ImageRow[]>`
    select * from images where project_id = ${projectId} order by created_at desc, id desc`;
}
