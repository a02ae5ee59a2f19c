import type { Scene } from '#contract/scene.schema';

/**
 * Whether a scene is ticked when a batch is opened: it has a clip, is to be lip-synced, and its lip-sync is missing
 * or out of sync. What is in sync is done again only when somebody ticks it.
 */
export function needsSyncNow(
  scene: Pick<Scene, 'currentTake' | 'needsLipSync' | 'lipsync'> & { activeJob?: unknown },
  which: 'all' | 'stale',
): boolean {
  if (scene.currentTake === null || !scene.needsLipSync || scene.activeJob != null) return false;
  return scene.lipsync === null ? which === 'all' : scene.lipsync.stale;
}
