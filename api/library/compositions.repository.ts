import { jsonb } from '../../db/columns';
import type { Queryable } from '../../db/connect';
import type { CompositionRow, NewComposition } from './compositions.rules';

const written = [
  'id',
  'projectId',
  's3Key',
  'bytes',
  'sha256',
  'width',
  'height',
  'fps',
  'frames',
  'timeline',
  'jobId',
] as const satisfies (keyof NewComposition)[];
const columns = [...written, 'createdAt'] as const satisfies (keyof CompositionRow)[];

export async function insertComposition(sql: Queryable, composition: NewComposition): Promise<void> {
  const row = { ...composition, timeline: jsonb(sql, composition.timeline) };
  await sql`insert into compositions ${sql(row, ...written)}`;
}

export async function findComposition(sql: Queryable, id: string): Promise<CompositionRow | null> {
  const [row] = await sql<CompositionRow[]>`select ${sql(columns)} from compositions where id = ${id}`;
  return row ?? null;
}

/** The newest finished video of a project. */
export async function latestComposition(sql: Queryable, projectId: string): Promise<CompositionRow | null> {
  const [row] = await sql<CompositionRow[]>`
    select ${sql(columns)} from compositions where project_id = ${projectId}
    order by created_at desc, id desc limit 1`;
  return row ?? null;
}

/** Every object in S3 that the finished videos of a project own. */
export async function listCompositionKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ s3Key: string }[]>`
    select s3_key from compositions where project_id = ${projectId}`;
  return rows.map((row) => row.s3Key);
}
