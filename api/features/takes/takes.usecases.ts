import type { Database } from '../../../db/connect';
import type { Take } from '../../contract/take.schema';
import type { Events } from '../../events/events.types';
import type { Fitting } from '../../library/fitting.types';
import { takeNotFound } from '../../library/projects.errors';
import { isId, requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import { type Presign, presentTake } from '../../library/projects.view';
import { findSceneById, pointScene } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { findOriginal, findTake, listVersions } from '../../library/takes.repository';
import type { TakeRow } from '../../library/takes.rules';
import { sourceFramesOf } from '../../library/window.rules';
import { AppError } from '../../shared/errors';

export type TakeUsecases = ReturnType<typeof createTakeUsecases>;

export function createTakeUsecases(deps: {
  sql: Database;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  presign: Presign;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, events, presign, fitting } = deps;
  return {
    /** Every version of the scene's media, newest first. @throws AppError `ProjectNotFound`, `SceneNotFound` */
    async list(projectId: string, sequence: string): Promise<Take[]> {
      const project = await requireProject(sql, projectId);
      const { scene } = await requireScene(sql, project, sequence);
      const takes = await listVersions(sql, scene.id);
      return Promise.all(takes.map((take) => presentTake(take, project.fps, presign)));
    },

    /**
     * Makes an earlier take the scene's current one, with the window that it was made with; every other take
     * stays. The scene keeps its length: where the take has another one, its original is fitted anew. Only the
     * scene's own original gives it its whole length (revert). An image becomes the scene's image.
     * @returns the scene's id
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `TakeNotFound`
     */
    async select(projectId: string, sequence: string, takeId: string): Promise<string> {
      const project = await requireProject(sql, projectId);
      const { scene } = await requireScene(sql, project, sequence);
      await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const take = isId(takeId) ? await findTake(tx, takeId) : null;
        if (take === null || take.sceneId !== scene.id) throw takeNotFound(takeId);
        if (take.kind === 'image') {
          await pointScene(tx, scene.id, { imageTakeId: take.id });
        } else {
          const original = await findOriginal(tx, take);
          if (original === null) {
            throw new AppError({
              code: 'TakeWithoutOriginal',
              message: `Take ${take.id} no longer has its original clip, so it can’t be used.`,
            });
          }
          // The scene as it is now: another one may have changed it before the lock.
          const now = (await findSceneById(tx, scene.id)) ?? scene;
          await pointScene(tx, scene.id, {
            currentTakeId: take.id,
            originalTakeId: original.id,
            lipsyncTakeId: take.kind === 'lipsynced' ? take.id : null,
            slotFrames: isRevert(now, take) ? sourceFramesOf(take) : (now.slotFrames ?? take.frames),
            window: take.window,
          });
          await fitting.settle(tx, scene.id, 'now');
        }
        await touchProject(tx, project.id, { caller: deps.callerName() });
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'take.selected' },
        });
      });
      return scene.id;
    },
  };
}

const isRevert = (scene: SceneRow, take: TakeRow) =>
  take.kind === 'original' && take.id === scene.originalTake?.id;
