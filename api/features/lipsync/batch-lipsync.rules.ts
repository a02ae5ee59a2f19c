import type { Format } from '../../contract/format.schema';
import type { BatchLipsyncRequest } from '../../contract/lipsync.schema';
import { syncOf } from '../../library/lipsync.rules';
import { layOutTimeline, type ScenePlace, type SceneRow, songFrames } from '../../library/scenes.rules';
import type { SceneSinging } from '../../library/singing.rules';

type Choice = BatchLipsyncRequest['scenes'];
type Song = { id: string; samples: number; sampleRate: number };

/** A scene that a batch was asked for: to be done, or passed over and why. */
export type Chosen = { sequence: number; scene: SceneRow | null; skip: string | null };

/** Which scenes a batch means, in display order; those named come as they were named, each once. */
export function chooseScenes(
  choice: Choice,
  scenes: SceneRow[],
  project: Format & { song: Song | null },
  singingOf: (scene: SceneRow, place: Pick<ScenePlace, 'startFrame' | 'frames'>) => SceneSinging,
): Chosen[] {
  if (typeof choice !== 'string') {
    return [...new Set(choice)].map((sequence) => ({
      sequence,
      scene: scenes.find((scene) => scene.sequence === sequence) ?? null,
      skip: null,
    }));
  }
  const { song, fps } = project;
  const places = new Map(layOutTimeline(scenes).map((place) => [place.sceneId, place]));
  const length = song === null ? null : { id: song.id, frames: songFrames(song, fps) };
  return scenes.flatMap((scene): Chosen[] => {
    const { sequence, currentTake } = scene;
    const place = places.get(scene.id);
    const sync = place === undefined ? null : syncOf(scene, place, length, project);
    const isSynced = sync !== null;
    const isStale = isSynced && sync.staleReason !== null;
    const singing = place === undefined ? null : singingOf(scene, place);
    const leftOut = singing === null || singing.needsLipSync ? null : leftOutBecause(singing);
    if (choice === 'stale' && leftOut !== null) return [];
    if (choice === 'stale') return isStale ? [{ sequence, scene, skip: null }] : [];
    if (currentTake === null) return [{ sequence, scene, skip: 'The scene has no clip yet.' }];
    if (leftOut !== null) return [{ sequence, scene, skip: leftOut }];
    const isNeeded = choice === 'all' || !isSynced || isStale;
    return [{ sequence, scene, skip: isNeeded ? null : 'Its lip-sync still fits.' }];
  });
}

function leftOutBecause({ singing, needsLipSyncByHand }: SceneSinging): string {
  if (needsLipSyncByHand === false) return 'It is left out: needsLipSync is false.';
  return singing === 'no-face'
    ? 'Nobody is seen in it. Name the scene, or set needsLipSync, to lip-sync it anyway.'
    : 'No voice is heard in its part of the song. Name the scene, or set needsLipSync, to lip-sync it anyway.';
}
