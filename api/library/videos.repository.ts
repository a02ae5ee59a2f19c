import type { Queryable } from '../../db/connect';
import type { NewVideo, VideoRow } from './videos.rules';

export async function insertVideo(sql: Queryable, video: NewVideo): Promise<void> {
  await sql`
    insert into videos (id, project_id, s3_key, sound_key, content_type, bytes, sha256, width, height, fps, frames,
      made_by, job_id)
    values (${video.id}, ${video.projectId}, ${video.s3Key}, ${video.soundKey}, ${video.contentType}, ${video.bytes},
      ${video.sha256}, ${video.width}, ${video.height}, ${video.fps}, ${video.frames},
      ${JSON.stringify(video.madeBy)}::text::jsonb, ${video.jobId})`;
}

export async function findVideo(sql: Queryable, id: string): Promise<VideoRow | null> {
  const [row] = await sql<VideoRow[]>`
    select id, project_id as "projectId", s3_key as "s3Key", sound_key as "soundKey", content_type as "contentType", bytes, sha256,
      width, height, fps, frames, made_by as "madeBy", job_id as "jobId", created_at as "createdAt"
    from videos where id = ${id}`;
  return row ?? null;
}

/** Every object in S3 that the videos of a project own. */
export async function listVideoKeys(sql: Queryable, projectId: string): Promise<string[]> {
  const rows = await sql<{ s3Key: string; soundKey: string | null }[]>`
    select s3_key as "s3Key", sound_key as "soundKey" from videos where project_id = ${projectId}`;
  return rows.flatMap((row) => (row.soundKey === null ? [row.s3Key] : [row.s3Key, row.soundKey]));
}
