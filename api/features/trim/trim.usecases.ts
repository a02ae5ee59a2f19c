import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Trim } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { Fitting } from '../../library/fitting.types';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import { pointScene } from '../../library/scenes.repository';
import { trimFrames } from '../../library/scenes.rules';
import { keptWindowOf, sourceFramesOf, trimmedTo } from '../../library/window.rules';
import { AppError } from '../../shared/errors';
import { framesToSeconds } from '../../shared/frames';

export type TrimUsecases = ReturnType<typeof createTrimUsecases>;

/** Trims count in the original clip, so trimming again can also make a scene longer. */
export function createTrimUsecases(deps: {
  sql: Database;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, events, fitting } = deps;

  return {
    /**
     * Makes the scene show [in, out) of its original clip, at the speed that it has; the scenes after it move.
     * @returns the job that makes the clip for it; null when there is one already
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `BadTrim`
     */
    async trim(
      projectId: string,
      sequence: string,
      trim: Trim,
    ): Promise<{ sceneId: string; job: Job | null }> {
      const project = await requireProject(sql, projectId);
      return sql.begin(async (tx) => {
        // Read under the lock, a clip that came meanwhile is not put aside by a cut of the old one.
        await lockProject(tx, project.id);
        const { scene } = await requireScene(tx, project, sequence);
        const original = scene.originalTake;
        if (original === null) throw sceneHasNoVideo(scene.sequence);
        const frames = sourceFramesOf(original);
        const { inFrame, outFrame } = trimFrames(trim, project);
        const length = `The original clip has ${frames} frames (${framesToSeconds(frames, project.fps).toFixed(3)} s).`;
        if (inFrame >= outFrame) {
          throw badTrim(
            `The in point (frame ${inFrame}) must lie before the out point (frame ${outFrame}). ${length}`,
            frames,
          );
        }
        if (outFrame > frames) {
          throw badTrim(`The out point (frame ${outFrame}) lies outside the clip. ${length}`, frames);
        }
        await pointScene(tx, scene.id, trimmedTo(keptWindowOf(scene), { inFrame, outFrame }));
        const job = await fitting.settle(tx, scene.id, 'now');
        await touchProject(tx, project.id);
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'clip.trimmed' },
        });
        return { sceneId: scene.id, job };
      });
    },
  };
}

const badTrim = (message: string, frames: number) =>
  new AppError({ code: 'BadTrim', message, details: { frames } });
