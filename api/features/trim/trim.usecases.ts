import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Trim } from '../../contract/scene.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { trimFrames } from '../../library/scenes.rules';
import { AppError } from '../../shared/errors';
import { framesToSeconds } from '../../shared/frames';
import { trimJob } from './trim.job';

export type TrimUsecases = ReturnType<typeof createTrimUsecases>;

/** Trims always cut the original clip, so trimming again can also make a scene longer. */
export function createTrimUsecases(deps: { sql: Database; jobs: Pick<Jobs, 'create'> }) {
  const { sql, jobs } = deps;

  return {
    /**
     * Starts cutting the scene's original clip to [in, out).
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `BadTrim`, `SceneBusy`
     */
    async start(projectId: string, sequence: string, trim: Trim): Promise<Job> {
      return sql.begin(async (tx) => {
        const project = await requireProject(tx, projectId);
        // Read under the lock, a clip that came meanwhile is not put aside by a cut of the old one.
        await lockProject(tx, project.id);
        const { scene } = await requireScene(tx, project, sequence);
        const original = scene.originalTake;
        if (original === null || original.frames === null) throw sceneHasNoVideo(scene.sequence);
        const { inFrame, outFrame } = trimFrames(trim, project);
        const length = `The original clip has ${original.frames} frames (${framesToSeconds(original.frames, project.fps).toFixed(3)} s).`;
        if (inFrame >= outFrame) {
          throw badTrim(
            `The in point (frame ${inFrame}) must lie before the out point (frame ${outFrame}). ${length}`,
            original.frames,
          );
        }
        if (outFrame > original.frames) {
          throw badTrim(
            `The out point (frame ${outFrame}) lies outside the clip. ${length}`,
            original.frames,
          );
        }
        return jobs.create(
          tx,
          trimJob.newJob({
            projectId: project.id,
            sceneId: scene.id,
            options: { originalTakeId: original.id, inFrame, outFrame },
            enqueue: true,
          }),
        );
      });
    },
  };
}

const badTrim = (message: string, frames: number) =>
  new AppError({ code: 'BadTrim', message, details: { frames } });
