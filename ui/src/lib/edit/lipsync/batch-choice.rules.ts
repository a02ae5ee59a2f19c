import type { Scene } from '#contract/scene.schema';

type Candidate = Pick<
  Scene,
  'currentTake' | 'needsLipSync' | 'needsLipSyncByHand' | 'singing' | 'lipsync' | 'activeJob'
>;

/** Whether it isn't known yet if anybody is in a scene, nor said by hand. */
export const isLookedAt = (scene: Candidate): boolean =>
  scene.singing === 'looking' && scene.needsLipSyncByHand === null;

/**
 * Whether a scene is ticked when a batch is opened: it has a clip, is to be lip-synced, and its lip-sync is missing
 * or out of sync. What is in sync is done again only when somebody ticks it, what is still looked at when somebody
 * was found in it.
 */
export function needsSyncNow(scene: Candidate, which: 'all' | 'stale'): boolean {
  if (scene.currentTake === null || !scene.needsLipSync || scene.activeJob !== null) return false;
  if (isLookedAt(scene)) return false;
  return scene.lipsync === null ? which === 'all' : scene.lipsync.stale;
}
