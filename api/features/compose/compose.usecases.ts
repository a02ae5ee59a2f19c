import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { composeTimeline } from '../../library/compositions.rules';
import { projectHasNoSong } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { listScenes } from '../../library/scenes.repository';
import { AppError } from '../../shared/errors';
import { composeJob } from './compose.job';

export type ComposeUsecases = ReturnType<typeof createComposeUsecases>;

export function createComposeUsecases(deps: { sql: Database; jobs: Pick<Jobs, 'create'> }) {
  const { sql, jobs } = deps;

  return {
    /**
     * Starts composing the current takes of all scenes with the song.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`, `ProjectHasNoScenes`,
     * `ScenesWithoutVideo`, `ProjectBusy` while another composition is being made
     */
    async start(projectId: string): Promise<Job> {
      const project = await requireProject(sql, projectId);
      if (project.song === null) throw projectHasNoSong();
      const scenes = await listScenes(sql, project.id);
      if (scenes.length === 0) {
        throw new AppError({
          code: 'ProjectHasNoScenes',
          message: 'This project has no scenes yet. Add scenes with clips, then compose.',
        });
      }
      const plan = composeTimeline(project.song.id, scenes);
      if ('withoutClip' in plan) {
        const numbers = plan.withoutClip.join(', ');
        throw new AppError({
          code: 'ScenesWithoutVideo',
          message: `These scenes have no clip yet: ${numbers}. Upload clips for them or delete them, then compose.`,
          details: { sequences: plan.withoutClip },
        });
      }
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        return jobs.create(
          tx,
          composeJob.newJob({
            projectId: project.id,
            sceneId: null,
            options: { timeline: plan.timeline },
            enqueue: true,
          }),
        );
      });
    },
  };
}
