import type { Database, Transaction } from '../../../db/connect';
import type { ChangeWindow, Roll } from '../../contract/window.schema';
import type { Events } from '../../events/events.types';
import { changedWindow } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { pointScene } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { keptWindowOf, movedWindow, sourceFramesOf } from '../../library/window.rules';
import { AppError } from '../../shared/errors';

export type WindowUsecases = ReturnType<typeof createWindowUsecases>;

/** How clips fill their slots, and where one slot ends and the next begins. What shows it is made after. */
export function createWindowUsecases(deps: {
  sql: Database;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, events, fitting } = deps;

  /** Changes a scene with all the project's scenes known; gives the scene's id. */
  async function change(
    projectId: string,
    sequence: string,
    of: {
      reason: string;
      work: (tx: Transaction, scene: SceneRow, scenes: SceneRow[], project: ProjectRow) => Promise<void>;
    },
  ): Promise<string> {
    const project = await requireProject(sql, projectId);
    return sql.begin(async (tx) => {
      await lockProject(tx, project.id);
      const { scene, scenes } = await requireScene(tx, project, sequence);
      await of.work(tx, scene, scenes, project);
      await touchProject(tx, project.id, { caller: deps.callerName() });
      await events.publish(tx, project.id, { type: 'project.changed', payload: { reason: of.reason } });
      return scene.id;
    });
  }

  return {
    /**
     * Changes how a scene's clip fills it, and its length.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo` for a window without a clip,
     * `BadWindow` when it begins behind the clip's end
     */
    changeWindow: (projectId: string, sequence: string, { slotFrames, ...fields }: ChangeWindow) =>
      change(projectId, sequence, {
        reason: 'scene.window',
        async work(tx, scene) {
          const { originalTake: original } = scene;
          if (Object.keys(fields).length > 0) {
            if (original === null) throw sceneHasNoVideo(scene.sequence);
            const window = changedWindow(keptWindowOf(scene), fields);
            const frames = sourceFramesOf(original);
            if (window.inFrame >= frames) throw badWindow(window.inFrame, frames);
            await pointScene(tx, scene.id, { window });
          }
          if (slotFrames !== undefined) await pointScene(tx, scene.id, { slotFrames });
          await fitting.settle(tx, scene.id, 'soon');
        },
      }),

    /**
     * Moves the cut between a scene and a neighbour; what both show stays where it is in time. A scene that
     * begins earlier than its clip reaches begins with its first frame.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `RollOutside`
     */
    roll: (projectId: string, sequence: string, { edge, frames }: Roll) =>
      change(projectId, sequence, {
        reason: 'scene.rolled',
        async work(tx, scene, scenes) {
          const first = edge === 'start' ? scene.sequence - 1 : scene.sequence;
          const [before, after] = [first, first + 1].map((number) =>
            scenes.find((candidate) => candidate.sequence === number),
          );
          if (before?.slotFrames == null || after?.slotFrames == null) {
            throw rollOutside(
              'A cut is rolled between two scenes that both have a length; there is none here.',
              { earliest: 0, latest: 0 },
            );
          }
          const bounds = { earliest: 1 - before.slotFrames, latest: after.slotFrames - 1 };
          if (frames < bounds.earliest || frames > bounds.latest) {
            throw rollOutside(
              `This cut can be moved by ${bounds.earliest} to ${bounds.latest} frames: each of the two scenes keeps one.`,
              bounds,
            );
          }
          const { originalTake: original } = after;
          await pointScene(tx, before.id, { slotFrames: before.slotFrames + frames });
          await pointScene(tx, after.id, {
            slotFrames: after.slotFrames - frames,
            ...(original === null
              ? {}
              : { window: movedWindow(keptWindowOf(after), frames, sourceFramesOf(original)) }),
          });
          await fitting.settle(tx, before.id, 'soon');
          await fitting.settle(tx, after.id, 'soon');
        },
      }),
  };
}

const badWindow = (inFrame: number, frames: number) =>
  new AppError({
    code: 'BadWindow',
    message: `inFrame (${inFrame}) lies behind the clip's last frame: it has ${frames} frames, numbered from 0.`,
    details: { frames },
  });

const rollOutside = (message: string, details: { earliest: number; latest: number }) =>
  new AppError({ code: 'RollOutside', message, details });
