import type { Transaction } from '../../db/connect';
import type { Job } from '../contract/job.schema';

/** Keeps scenes showing the take that fits their slot and window. */
export type Fitting = {
  /**
   * Points a scene at the take that it wants, or has it made when there is none yet. To be called after every
   * change of a scene's clip, length or window, in the transaction that makes the change, with the project's
   * lock held and no fit job of the scene running in it.
   * @param when `soon` waits a moment for further changes, as while somebody drags; `now` when somebody waits
   * @returns the job that makes it; null when the scene shows what it wants
   */
  settle(tx: Transaction, sceneId: string, when: 'now' | 'soon'): Promise<Job | null>;
  /** Has the take made that a lip-sync of the scene starts from, when there is none yet. Called as `settle`. */
  makeUnsynced(tx: Transaction, sceneId: string): Promise<Job>;
};
