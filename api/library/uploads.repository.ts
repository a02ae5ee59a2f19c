import type { Queryable } from '../../db/connect';

/**
 * The uploaded files of a project (or of one of its scenes) in S3, also those that never became a take
 * because their job failed or was canceled.
 */
export async function listUploadKeys(
  sql: Queryable,
  owner: { projectId: string; sceneId?: string },
): Promise<string[]> {
  const ofScene = owner.sceneId === undefined ? sql`` : sql`and scene_id = ${owner.sceneId}`;
  const rows = await sql<{ key: string }[]>`
    select options ->> 'sourceKey' as key from jobs
    where project_id = ${owner.projectId} and options ? 'sourceKey' ${ofScene}`;
  return rows.map((row) => row.key);
}
