import type { ComposeOptions } from '#contract/compose.schema';
import type { Scene } from '#contract/scene.schema';

/** Less than this is no mismatch, in seconds: songs fade out, and cuts fall on frames. */
const TOLERANCE_SECONDS = 1;
/** Picture and sound of a finished video go in the last second. */
const FADE_SECONDS = 1;

export type SongMismatch = { kind: 'shorter' | 'longer'; seconds: number };

/** By how much the scenes together are shorter or longer than the song; null: they fit, or one is missing. */
export function songMismatch(project: {
  duration: number | null;
  song: { duration: number } | null;
}): SongMismatch | null {
  if (project.duration === null || project.song === null) return null;
  const by = project.duration - project.song.duration;
  if (Math.abs(by) < TOLERANCE_SECONDS) return null;
  return { kind: by < 0 ? 'shorter' : 'longer', seconds: Math.abs(by) };
}

/** What is worth knowing before a video is composed. */
export type ComposeCheck = {
  mismatch: SongMismatch | null;
  /** Numbers of the scenes that have a length and no clip. */
  black: number[];
  /** Numbers of the scenes that hold the last frame of their clip. */
  held: number[];
};

/** Null: there is nothing to say. */
export function composeCheck(project: {
  duration: number | null;
  song: { duration: number } | null;
  scenes: (Pick<Scene, 'sequence' | 'missingFrames'> & {
    currentTake: object | null;
    window: Pick<Scene['window'], 'ending'>;
  })[];
}): ComposeCheck | null {
  const numbers = (scenes: { sequence: number }[]) => scenes.map(({ sequence }) => sequence);
  const check = {
    mismatch: songMismatch(project),
    black: numbers(project.scenes.filter(({ currentTake }) => currentTake === null)),
    held: numbers(
      project.scenes.filter(
        ({ currentTake, missingFrames, window }) =>
          currentTake !== null && missingFrames > 0 && window.ending === 'hold',
      ),
    ),
  };
  return check.mismatch === null && check.black.length + check.held.length === 0 ? null : check;
}

export type ComposeChoice = { ending: ComposeOptions['ending']; fadeOut: boolean };

/** As the video was composed last; the first time its scenes decide, with a fade. */
export const lastChoice = (last: ComposeOptions | null): ComposeChoice =>
  last === null
    ? { ending: 'as-is', fadeOut: true }
    : { ending: last.ending, fadeOut: last.fadeOutSeconds > 0 };

/** What the API is asked for; black scenes were told of before. */
export const composeRequest = ({ ending, fadeOut }: ComposeChoice) => ({
  ending,
  fadeOutSeconds: fadeOut ? FADE_SECONDS : 0,
  allowMissing: true,
});
