import type { Transaction } from '../../../db/connect';
import type { Fitting } from '../../library/fitting.types';
import { recordRevision } from '../../library/timeline-history.repository';

/**
 * Has the pictures made that scenes want which came back, where they are not there yet; a picture that is there
 * belongs to the state that the project came to. Scenes that are not there, or have no clip, want none.
 */
export async function settleScenes(
  tx: Transaction,
  fitting: Pick<Fitting, 'settle'>,
  projectId: string,
  sceneIds: readonly string[],
): Promise<void> {
  for (const sceneId of sceneIds) await fitting.settle(tx, sceneId, 'now');
  await recordRevision(tx, projectId);
}
