import type { Queryable } from '../../db/connect';

/** Where a job belongs, for lists across projects; null once the project or scene is gone. */
export type JobPlace = { id: string; projectTitle: string | null; sequence: number | null };

export function listJobPlaces(sql: Queryable, jobIds: string[]): Promise<JobPlace[]> {
  return sql<JobPlace[]>`
    select jobs.id, projects.title as project_title, scenes.sequence from jobs
    left join projects on projects.id = jobs.project_id
    left join scenes on scenes.id = jobs.scene_id
    where jobs.id in ${sql(jobIds)}`;
}
