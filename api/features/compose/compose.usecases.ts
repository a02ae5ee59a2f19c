import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { type ComposeOptions, ComposeOptionsSchema } from '../../contract/compose.schema';
import type { Job } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { composeTimeline } from '../../library/compositions.rules';
import { projectHasNoSong, scenesWithoutVideo } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { listScenes } from '../../library/scenes.repository';
import { isFitting } from '../../library/window.rules';
import { AppError } from '../../shared/errors';
import { composeJob } from './compose.job';

export type ComposeUsecases = ReturnType<typeof createComposeUsecases>;

export function createComposeUsecases(deps: { sql: Database; jobs: Pick<Jobs, 'create'> }) {
  const { sql, jobs } = deps;

  return {
    /**
     * Starts composing the current takes of all scenes with the song. Clips that are still being fitted to their
     * scenes are waited for.
     * @throws AppError `ProjectNotFound`, `ProjectHasNoSong`, `ProjectHasNoScenes`,
     * `ScenesWithoutVideo` (with `allowMissing` only for scenes without a length), `ProjectBusy` while another composition is being made
     */
    async start(projectId: string, asked: Partial<ComposeOptions> = {}): Promise<Job> {
      const options = v.parse(ComposeOptionsSchema, asked);
      const project = await requireProject(sql, projectId);
      if (project.song === null) throw projectHasNoSong();
      const scenes = await listScenes(sql, project.id);
      if (scenes.length === 0) {
        throw new AppError({
          code: 'ProjectHasNoScenes',
          message: 'This project has no scenes yet. Add scenes with clips, then compose.',
        });
      }
      const plan = composeTimeline(project.song.id, scenes, options);
      if ('withoutClip' in plan) {
        throw scenesWithoutVideo(plan.withoutClip);
      }
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const isFitted = !scenes.some((scene) => isFitting(scene, project));
        return jobs.create(
          tx,
          composeJob.newJob({
            projectId: project.id,
            sceneId: null,
            options: { timeline: isFitted ? plan.timeline : null, how: options },
            enqueue: true,
          }),
        );
      });
    },
  };
}
