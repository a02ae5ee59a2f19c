import type { Database } from '../../../db/connect';
import type { Take } from '../../contract/take.schema';
import type { Events } from '../../events/events.types';
import { takeNotFound } from '../../library/projects.errors';
import { isId, requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import { type Presign, presentTake } from '../../library/projects.view';
import { pointScene } from '../../library/scenes.repository';
import { findOriginal, findTake, listTakes } from '../../library/takes.repository';
import { AppError } from '../../shared/errors';

export type TakeUsecases = ReturnType<typeof createTakeUsecases>;

export function createTakeUsecases(deps: {
  sql: Database;
  events: Pick<Events, 'publish'>;
  presign: Presign;
}) {
  const { sql, events, presign } = deps;
  return {
    /** Every version of the scene's media, newest first. @throws AppError `ProjectNotFound`, `SceneNotFound` */
    async list(projectId: string, sequence: string): Promise<Take[]> {
      const project = await requireProject(sql, projectId);
      const { scene } = await requireScene(sql, project, sequence);
      const takes = await listTakes(sql, scene.id);
      return Promise.all(takes.map((take) => presentTake(take, project.fps, presign)));
    },

    /**
     * Makes an earlier take the scene's current one (revert). Only a pointer moves: every other take
     * stays. An original becomes the one that trims are cut from; an image becomes the scene's image.
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
          await pointScene(tx, scene.id, {
            currentTakeId: take.id,
            originalTakeId: original.id,
            lipsyncTakeId: take.kind === 'lipsynced' ? take.id : null,
            slotFrames: take.frames,
            window: take.window,
          });
        }
        await touchProject(tx, project.id);
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'take.selected' },
        });
      });
      return scene.id;
    },
  };
}
