import type { Project } from '#contract/project.schema';
import type { Scene } from '#contract/scene.schema';

/** What a trim does beyond its own scene. Numbers of scenes, in display order. */
export type TrimEffects = {
  /** Later scenes that change their place in the song, and by how many frames (negative: earlier). */
  moved: { sequences: number[]; frames: number };
  /** Later scenes whose lip-sync, right until now, no longer fits its place. */
  stale: number[];
  /** The scene's own lip-sync, right until now, may no longer fit. */
  ownStale: boolean;
};

/**
 * Tells what becomes of the timeline when a scene is cut to `frames`. Only the scenes after it move.
 */
export function trimEffects(
  project: Pick<Project, 'scenes'>,
  scene: Pick<Scene, 'sequence' | 'frames' | 'lipsync'>,
  frames: number,
): TrimEffects {
  const change = frames - (scene.frames ?? frames);
  const later =
    change === 0
      ? []
      : project.scenes.filter((other) => other.sequence > scene.sequence && other.frames !== null);
  return {
    moved: { sequences: later.map((other) => other.sequence), frames: change },
    stale: later
      .filter((other) => other.lipsync !== null && !other.lipsync.stale)
      .map((other) => other.sequence),
    ownStale: scene.lipsync !== null && !scene.lipsync.stale,
  };
}

/** How long a scene is that shows so many frames of its clip. @param speed frames of the clip per frame */
export const slotOf = (frames: number, speed: number): number => Math.max(1, Math.round(frames / speed));

/** In and out moved together: the one that is held goes where it is wanted, as far as the clip reaches. */
export function slideRange(
  [inFrame, outFrame]: readonly [number, number],
  wish: number,
  total: number,
  held: 'in' | 'out',
): [number, number] {
  const length = outFrame - inFrame;
  const from = Number.isFinite(wish) ? Math.round(wish) - (held === 'out' ? length : 0) : inFrame;
  const begin = Math.max(0, Math.min(total - length, from));
  return [begin, begin + length];
}

/** In and out, moved so that both lie in the clip and at least one frame is left between them. */
export function holdRange(
  [inFrame, outFrame]: readonly [number, number],
  total: number,
  held: 'in' | 'out',
): [number, number] {
  const whole = (frame: number) => (Number.isFinite(frame) ? Math.round(frame) : 0);
  if (held === 'in') {
    const out = Math.max(1, Math.min(whole(outFrame), total));
    return [Math.max(0, Math.min(whole(inFrame), out - 1)), out];
  }
  const first = Math.max(0, Math.min(whole(inFrame), total - 1));
  return [first, Math.max(first + 1, Math.min(whole(outFrame), total))];
}

/** The numbers of a list for reading: "1, 2 and 3". */
export const listOf = (numbers: readonly number[], language: string): string =>
  new Intl.ListFormat(language, { type: 'conjunction' }).format(numbers.map(String));
