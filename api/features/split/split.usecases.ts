import type { Database, Transaction } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { SplitScene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { copyTakes } from '../../library/copies.repository';
import { isFitJob } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { sceneBusy, sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene, requireSceneCapacity } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import { insertScene, pointScene } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { lockSharedObjects } from '../../library/shared-objects.repository';
import { findTake } from '../../library/takes.repository';
import type { TakeRow } from '../../library/takes.rules';
import { keptWindowOf, movedWindow, sourceFramesOf } from '../../library/window.rules';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';

export type SplitUsecases = ReturnType<typeof createSplitUsecases>;

/** Two scenes from one, both of the same original, so that either can be made longer again. */
export function createSplitUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'list'>;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, newId, jobs, events, fitting } = deps;

  /** The take with all that it was made from. */
  async function withParents(tx: Transaction, take: TakeRow | null): Promise<TakeRow[]> {
    const chain: TakeRow[] = [];
    let next = take;
    while (next !== null) {
      chain.push(next);
      next = next.parentId === null ? null : await findTake(tx, next.parentId);
    }
    return chain;
  }

  /** Gives the new scene the old one's image, clip and lip-sync; their objects are shared. */
  async function share(tx: Transaction, scene: SceneRow, newSceneId: string) {
    await lockSharedObjects(tx);
    const chain = await withParents(tx, scene.lipsyncTake);
    const shared = [scene.imageTake, scene.originalTake, ...chain].filter((take) => take !== null);
    const takes = new Map(shared.map(({ id }) => [id, newId()]));
    await copyTakes(tx, {
      fromProjectId: scene.projectId,
      toProjectId: scene.projectId,
      songs: new Map(),
      scenes: new Map([[scene.id, newSceneId]]),
      takes,
    });
    return (take: TakeRow | null) => (take === null ? undefined : takes.get(take.id));
  }

  return {
    /**
     * Cuts a scene in two before a frame of it. Nothing moves in time; a lip-sync stays where it was made for.
     * @returns the jobs that make the two clips; fewer where there are some already
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `SplitOutside`, `SceneBusy`,
     * `TooManyScenes`
     */
    async split(projectId: string, sequence: string, { frame }: SplitScene): Promise<Job[]> {
      const project = await requireProject(sql, projectId);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const { scene, scenes } = await requireScene(tx, project, sequence);
        requireSceneCapacity(scenes.length);
        const { slotFrames, originalTake } = scene;
        if (slotFrames === null) throw sceneHasNoVideo(scene.sequence);
        if (frame < 1 || frame >= slotFrames) throw splitOutside(scene.sequence, frame, slotFrames);
        const active = await jobs.list({ sceneId: scene.id, states: ['queued', 'running'], limit: 2 }, tx);
        const busy = active.find((job) => !isFitJob(job));
        if (busy !== undefined) throw sceneBusy(scene.sequence, busy.id);
        const { prompt, negativePrompt } = scene;
        const second = { id: newId(), projectId: project.id, sequence: scene.sequence + 1 };
        await insertScene(tx, { ...second, prompt, negativePrompt, slotFrames: slotFrames - frame });
        const copyOf = await share(tx, scene, second.id);
        await pointScene(tx, scene.id, { slotFrames: frame });
        await pointScene(tx, second.id, {
          imageTakeId: copyOf(scene.imageTake),
          originalTakeId: copyOf(originalTake),
          currentTakeId: copyOf(originalTake),
          lipsyncTakeId: copyOf(scene.lipsyncTake),
          window:
            originalTake === null
              ? scene.window
              : movedWindow(keptWindowOf(scene), frame, sourceFramesOf(originalTake)),
        });
        const making = [
          await fitting.settle(tx, scene.id, 'now'),
          await fitting.settle(tx, second.id, 'now'),
        ];
        await touchProject(tx, project.id, { caller: deps.callerName() });
        await events.publish(tx, project.id, { type: 'project.changed', payload: { reason: 'scene.split' } });
        return making.filter((job) => job !== null);
      });
    },
  };
}

const splitOutside = (sequence: number, frame: number, frames: number) =>
  new AppError({
    code: 'SplitOutside',
    message: `Scene ${sequence} can't be split before frame ${frame}: it has ${frames} frames, so it can be split before frames 1 to ${frames - 1}.`,
    details: { frames },
  });
