import type { Queryable } from '../../db/connect';
import type { MediaKind } from '../contract/media.schema';

/** Takes of one content within a project, oldest first, and the scenes that use them, in order. */
export type MediaGroup = {
  id: string;
  kind: MediaKind;
  takeIds: string[];
  uses: { sceneId: string; sequence: number }[];
};

/**
 * The clips and images of a project, each once: takes that were made of the same file are one. In the order
 * in which they came; those of deleted scenes too, as long as these are kept.
 */
export async function listMedia(sql: Queryable, projectId: string): Promise<MediaGroup[]> {
  return sql<MediaGroup[]>`
    select coalesce(t.source_sha256, t.sha256) as id,
      case t.kind when 'image' then 'image' else 'clip' end as kind,
      array_agg(t.id order by t.created_at, t.id) as take_ids,
      coalesce(
        jsonb_agg(jsonb_build_object('sceneId', s.id, 'sequence', s.sequence) order by s.sequence)
          filter (where t.id in (s.original_take_id, s.image_take_id) and s.deleted_at is null), '[]') as uses
    from takes t join scenes s on s.id = t.scene_id
    where t.project_id = ${projectId} and t.kind in ('original', 'image')
    group by 1, 2
    order by min(t.created_at), 1`;
}
