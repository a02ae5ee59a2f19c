import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { SplitScene } from '../../contract/scene.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene, requireSceneCapacity } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { findTake } from '../../library/takes.repository';
import { AppError } from '../../shared/errors';
import { splitJob } from './split.job';
import { splitOf } from './split.rules';

export type SplitUsecases = ReturnType<typeof createSplitUsecases>;

/** Two scenes from one clip, each a trim of the original, so that either can be made longer again. */
export function createSplitUsecases(deps: { sql: Database; jobs: Pick<Jobs, 'create'> }) {
  const { sql, jobs } = deps;

  return {
    /**
     * Starts cutting a scene in two before a frame of its current clip. Its lip-sync stays among its
     * versions; both parts are clips without it, to be lip-synced anew.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `SplitOutside`, `SceneBusy`,
     * `TooManyScenes`
     */
    async start(projectId: string, sequence: string, { frame }: SplitScene): Promise<Job> {
      return sql.begin(async (tx) => {
        const project = await requireProject(tx, projectId);
        await lockProject(tx, project.id);
        const { scene, scenes } = await requireScene(tx, project, sequence);
        requireSceneCapacity(scenes.length);
        const { currentTake, originalTake } = scene;
        if (currentTake === null || originalTake === null) throw sceneHasNoVideo(scene.sequence);
        const parent = currentTake.parentId === null ? null : await findTake(tx, currentTake.parentId);
        const uncut = currentTake.kind === 'lipsynced' ? parent : currentTake;
        const split = uncut === null ? null : splitOf(uncut, frame);
        if (split === null) {
          throw new AppError({
            code: 'SplitOutside',
            message: `Scene ${scene.sequence} can't be split before frame ${frame}: its clip has ${currentTake.frames} frames, so it can be split before frames 1 to ${(currentTake.frames ?? 1) - 1}.`,
            details: { frames: currentTake.frames },
          });
        }
        return jobs.create(
          tx,
          splitJob.newJob({
            projectId: project.id,
            sceneId: scene.id,
            options: { originalTakeId: originalTake.id, ...split },
            enqueue: true,
          }),
        );
      });
    },
  };
}
