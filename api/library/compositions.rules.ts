import type { ComposeOptions } from '../contract/compose.schema';
import type { SceneRow } from './scenes.rules';
import type { MediaRow } from './stored-file.rules';

/** What went into a finished video, in order; equal timelines make equal videos. */
export type Timeline = {
  songId: string;
  /** Null: a scene that had no clip, shown black. */
  scenes: { takeId: string | null; frames: number }[];
  /** How it was composed; videos of an earlier version say nothing of it. */
  how?: ComposeOptions | undefined;
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

/** Of a scene, what a composed video shows: its take and its length in frames (null: no length yet). */
export type ShownScene = { takeId: string | null; frames: number | null };

/**
 * Whether a finished video no longer shows what composing now would make. A clip that is still being fitted to
 * another length counts with that length: the scene is as long as its slot, with a clip or without one.
 */
export function isOutOfDate(
  composed: Pick<Timeline, 'songId' | 'scenes'>,
  now: { songId: string | null; scenes: ShownScene[] },
): boolean {
  return (
    composed.songId !== now.songId ||
    composed.scenes.length !== now.scenes.length ||
    composed.scenes.some(({ takeId, frames }, index) => {
      const scene = now.scenes[index];
      return scene === undefined || takeId !== scene.takeId || frames !== scene.frames;
    })
  );
}
