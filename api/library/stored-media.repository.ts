import type { Queryable } from '../../db/connect';

/** What all media of the studio weigh in S3; trims have no source of their own. */
export async function sumStoredMedia(sql: Queryable): Promise<{ bytes: number; files: number }> {
  const [stored] = await sql<{ bytes: number; files: number }[]>`
    select coalesce(sum(bytes), 0)::bigint as bytes, count(*)::int as files from (
      select bytes from takes
      union all select source_bytes from takes where source_bytes is not null and kind <> 'trimmed'
      union all select sound_bytes from takes where sound_bytes is not null
      union all select source_bytes from songs
      union all select master_bytes from songs
      union all select encoded_bytes from songs
      union all select bytes from compositions
      union all select bytes from videos
    ) as media`;
  return { bytes: Number(stored?.bytes ?? 0), files: stored?.files ?? 0 };
}
