import type { Queryable } from '../../db/connect';

/** A picture that is no scene's: what a character or product looks like. */
export type ImageRow = {
  id: string;
  projectId: string | null;
  s3Key: string;
  contentType: string;
  bytes: number;
  sha256: string;
  width: number;
  height: number;
  madeBy: Record<string, unknown>;
  jobId: string | null;
  createdAt: Date;
};

export async function insertImage(sql: Queryable, image: Omit<ImageRow, 'createdAt'>): Promise<void> {
  await sql`
    insert into images (id, project_id, s3_key, content_type, bytes, sha256, width, height, made_by, job_id)
    values (${image.id}, ${image.projectId}, ${image.s3Key}, ${image.contentType}, ${image.bytes},
      ${image.sha256}, ${image.width}, ${image.height}, ${JSON.stringify(image.madeBy)}::text::jsonb,
      ${image.jobId})`;
}

/** The pictures of a project, newest first. */
export function listImages(sql: Queryable, projectId: string): Promise<ImageRow[]> {
  return sql<ImageRow[]>`
    select * from images where project_id = ${projectId} order by created_at desc, id desc`;
}
