import Mic from '@lucide/svelte/icons/mic';
import MicOff from '@lucide/svelte/icons/mic-off';
import UserX from '@lucide/svelte/icons/user-x';
import type { Component } from 'svelte';
import type { Scene } from '#contract/scene.schema';
import { i18n } from '#lib/text/i18n.svelte.ts';

export type SingingBadge = {
  icon: Component<{ size?: number | string }>;
  tone: 'neutral' | 'voice';
  word: string;
};

/** Whether anybody sings in a scene, for its card and the batch; null: not known, or shown by its lip-sync. */
export function singingBadge(
  scene: Pick<Scene, 'singing' | 'needsLipSyncByHand' | 'lipsync' | 'currentTake'>,
): SingingBadge | null {
  const words = i18n.t.edit.singing;
  if (scene.currentTake === null || scene.lipsync !== null) return null;
  if (scene.needsLipSyncByHand === false) return { icon: MicOff, tone: 'neutral', word: words.leftOut };
  if (scene.needsLipSyncByHand === true || scene.singing === 'singing') {
    return { icon: Mic, tone: 'voice', word: words.singing };
  }
  if (scene.singing === 'no-face') return { icon: UserX, tone: 'neutral', word: words.noFace };
  if (scene.singing === 'no-voice') return { icon: MicOff, tone: 'neutral', word: words.noVoice };
  return null;
}
