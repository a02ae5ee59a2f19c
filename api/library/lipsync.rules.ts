import type { Format } from '../contract/format.schema';
import type { StaleReason } from '../contract/scene.schema';
import { type ScenePlace, type SceneRow, staleReason } from './scenes.rules';
import { cutOfSync, type Windowed, windowOf } from './window.rules';

/** The lip-sync of a scene: which frames of the song the part of it that fits its clip was made for. */
export type SceneSync = {
  staleReason: StaleReason | null;
  /** Frames of the song; null: it was made for other sound. */
  madeFor: { startFrame: number; endFrame: number } | null;
};

type Synced = Windowed & Pick<SceneRow, 'originalTake'>;

/**
 * Whether the lip-sync that a scene is meant to have fits its clip and the song under it. A clip that was cut
 * inside what was synced keeps that part of it. Null when the scene is to have none.
 */
export function syncOf(
  scene: Synced,
  place: ScenePlace,
  song: { id: string; frames: number } | null,
  format: Format,
): SceneSync | null {
  const { lipsyncTake: sync, originalTake: original } = scene;
  if (sync === null) return null;
  const { audioStart, audioEnd } = sync;
  if (audioStart === null || audioEnd === null || original === null || place.frames === null) {
    return { staleReason: staleReason(sync, place, song), madeFor: null };
  }
  const wanted = { window: windowOf(scene), slotFrames: place.frames };
  const cut = cutOfSync(sync, wanted, original, format);
  if (cut === null) {
    const isLonger = place.frames > (sync.frames ?? 0);
    return {
      staleReason: isLonger ? 'length-changed' : 'clip-changed',
      madeFor: { startFrame: audioStart, endFrame: audioEnd },
    };
  }
  const madeFor = cutSound({ audioStart, audioEnd }, cut.first, place.frames);
  const part = { ...sync, audioStart: madeFor.startFrame, audioEnd: madeFor.endFrame };
  return { staleReason: staleReason(part, place, song), madeFor };
}

/** The frames of the song that belong to the frames [first, first + frames) of a lip-sync. */
export function cutSound(
  sound: { audioStart: number; audioEnd: number },
  first: number,
  frames: number,
): { startFrame: number; endFrame: number } {
  const startFrame = Math.min(sound.audioStart + first, sound.audioEnd);
  return { startFrame, endFrame: Math.min(sound.audioEnd, startFrame + frames) };
}
