import type { Queryable } from '../../db/connect';
import type { CompositionRow, NewComposition } from './compositions.rules';

const columns = (sql: Queryable) => sql`
  id, project_id as "projectId", s3_key as "s3Key", bytes, sha256, width, height, fps, frames, timeline,
  job_id as "jobId", created_at as "createdAt"`;

export async function insertComposition(sql: Queryable, composition: NewComposition): Promise<void> {
  await sql`
    insert into compositions (id, project_id, s3_key, bytes, sha256, width, height, fps, frames, timeline, job_id)
    values (${composition.id}, ${composition.projectId}, ${composition.s3Key}, ${composition.bytes},
      ${composition.sha256}, ${composition.width}, ${composition.height}, ${composition.fps},
      ${composition.frames}, ${JSON.stringify(composition.timeline)}::text::jsonb, ${composition.jobId})`;
}

export async function findComposition(sql: Queryable, id: string): Promise<CompositionRow | null> {
  const [row] = await sql<CompositionRow[]>`select ${columns(sql)} from compositions where id = ${id}`;
  return row ?? null;
}

/** The newest finished video of a project. */
export async function latestComposition(sql: Queryable, projectId: string): Promise<CompositionRow | null> {
  const [row] = await sql<CompositionRow[]>`
    select ${columns(sql)} from compositions where project_id = ${projectId}
    order by created_at desc, id desc limit 1`;
  return row ?? null;
}

/** Every object in S3 that the finished videos of a project own. */
export async function listCompositionKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ s3Key: string }[]>`
    select s3_key as "s3Key" from compositions where project_id = ${projectId}`;
  return rows.map((row) => row.s3Key);
}
