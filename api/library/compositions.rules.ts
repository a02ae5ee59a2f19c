import type { SceneRow } from './scenes.rules';
import type { MediaRow } from './stored-file.rules';

/** What went into a finished video, in order; equal timelines make equal videos. */
export type Timeline = {
  songId: string;
  /** Null: a scene that had no clip, shown black. */
  scenes: { takeId: string | null; frames: number }[];
};

export type CompositionRow = Omit<MediaRow, 'projectId' | 'contentType' | 'madeBy'> & {
  projectId: string;
  fps: number;
  frames: number;
  timeline: Timeline;
};

export type NewComposition = Omit<CompositionRow, 'createdAt'>;

/**
 * The timeline that composing now would use, or the numbers of the scenes that have no clip yet;
 * `allowMissing`: only of those that have no length either.
 */
export function composeTimeline(
  songId: string,
  scenes: Pick<SceneRow, 'sequence' | 'currentTake' | 'slotFrames'>[],
  options: { allowMissing: boolean },
): { timeline: Timeline } | { withoutClip: number[] } {
  const withoutClip = scenes.filter(
    (scene) => scene.currentTake === null && !(options.allowMissing && scene.slotFrames !== null),
  );
  if (withoutClip.length > 0) return { withoutClip: withoutClip.map((scene) => scene.sequence) };
  return {
    timeline: {
      songId,
      scenes: scenes.flatMap(({ currentTake, slotFrames }) => {
        const frames = currentTake === null ? slotFrames : currentTake.frames;
        return frames == null ? [] : [{ takeId: currentTake?.id ?? null, frames }];
      }),
    },
  };
}

/** Whether a finished video no longer shows what composing now would make. */
export function isOutOfDate(
  composed: Timeline,
  now: { songId: string | null; scenes: { takeId: string | null; slotFrames: number | null }[] },
): boolean {
  return (
    composed.songId !== now.songId ||
    composed.scenes.length !== now.scenes.length ||
    composed.scenes.some(({ takeId, frames }, index) => {
      const scene = now.scenes[index];
      // Takes are as long as their scenes; what is black is not known by its take.
      return takeId !== scene?.takeId || (takeId === null && frames !== scene.slotFrames);
    })
  );
}
