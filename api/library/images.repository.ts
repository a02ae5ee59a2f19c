import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { FileColumns } from './stored-file.rules';

/** A picture that is no scene's: what a character or product looks like. */
export type ImageRow = FileColumns & {
  id: string;
  projectId: string | null;
  width: number;
  height: number;
  madeBy: Record<string, unknown>;
  jobId: string | null;
  createdAt: Date;
};

type NewImage = Omit<ImageRow, 'createdAt'>;

const written = [
  'id',
  'projectId',
  's3Key',
  'contentType',
  'bytes',
  'sha256',
  'width',
  'height',
  'madeBy',
  'jobId',
] as const satisfies (keyof NewImage)[];

export async function insertImage(sql: Queryable, image: NewImage): Promise<void> {
  await sql`insert into images ${sql({ ...image, madeBy: jsonb(sql, image.madeBy) }, ...written)}`;
}

/** The pictures of a project, newest first. */
export function listImages(sql: Queryable, projectId: string): Promise<ImageRow[]> {
  return sql<ImageRow[]>`
    select * from images where project_id = ${projectId} order by created_at desc, id desc`;
}
