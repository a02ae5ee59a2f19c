import type { Transaction } from '../../db/connect';
import type { ProjectEvent } from '../contract/event.schema';
import { jobEnded, sceneGone } from './completions.errors';
import type { Fitting } from './fitting.types';
import { lockProject, touchProject } from './projects.repository';
import { findSceneById, pointScene, type ScenePointers } from './scenes.repository';
import type { SceneRow } from './scenes.rules';
import { insertTake } from './takes.repository';
import type { NewTake } from './takes.rules';

/** A take, and what its scene points at from then on. */
export type AddedTake = { take: NewTake; pointers: ScenePointers };

/**
 * Ends a job that made takes, in the transaction that confirms their files: inserts the takes, points their
 * scenes at them, ends the job, has made what the scene then wants, and tells the project's event stream.
 *
 * Locks the project's row first, until the transaction ends, so that changes of its scenes happen one after
 * the other; then whatever `takes` locks; last the job's row, in `succeed`. The rows of the upload are locked
 * before it is called.
 * @throws AppError `SceneNotFound` when the scene was deleted meanwhile, `JobAlreadyEnded` when `succeed` gives
 * false, and what `takes` and `succeed` throw. The transaction must then be rolled back.
 */
export async function addTake(
  tx: Transaction,
  work: {
    projectId: string;
    sceneId: string;
    /** The takes, read and prepared under the project's lock. */
    takes: (scene: SceneRow) => AddedTake[] | Promise<AddedTake[]>;
    /** Has the take made that the scene wants when none of these is it. */
    settle: Fitting['settle'];
    /** Ends the job with its result, in the same transaction; false when it was canceled or had ended. */
    succeed: () => Promise<boolean>;
    publish: (tx: Transaction, projectId: string, event: ProjectEvent) => Promise<void>;
    /** Of the event `project.changed`. */
    reason: string;
  },
): Promise<void> {
  const { projectId, sceneId, reason } = work;
  await lockProject(tx, projectId);
  const scene = await findSceneById(tx, sceneId);
  if (scene === null) throw sceneGone();
  for (const { take, pointers } of await work.takes(scene)) {
    await insertTake(tx, take);
    await pointScene(tx, take.sceneId, pointers);
  }
  if (!(await work.succeed())) throw jobEnded();
  await work.settle(tx, sceneId, 'now');
  await touchProject(tx, projectId);
  await work.publish(tx, projectId, { type: 'project.changed', payload: { reason } });
}

/**
 * Ends a job that brought media without a scene: no scene shows it. Locks and throws as `addTake`.
 * @throws AppError `JobAlreadyEnded`
 */
export async function addMedia(
  tx: Transaction,
  work: { take: NewTake } & Pick<Parameters<typeof addTake>[1], 'succeed' | 'publish' | 'reason'>,
): Promise<void> {
  const { take, reason } = work;
  await lockProject(tx, take.projectId);
  await insertTake(tx, take);
  if (!(await work.succeed())) throw jobEnded();
  await touchProject(tx, take.projectId);
  await work.publish(tx, take.projectId, { type: 'project.changed', payload: { reason } });
}
