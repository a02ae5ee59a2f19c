import { frameAt } from '#lib/edit/clock/frame-time.rules.ts';
import type { ClipPlace } from './clip-place.rules.ts';

/**
 * The preview's arithmetic. The song is the master clock; clips follow it. All lengths are whole frames of
 * the project's rate, so that a cut lies where the composed video has it.
 */

/** A scene as the preview sees it. `clipUrl` null: there is no clip, its time is shown as a gap. */
export type PreviewScene = {
  id: string;
  takeId: string | null;
  frames: number;
  clipUrl: string | null;
  /** Left out or null: the clip was cut for the scene. */
  place?: ClipPlace | null;
};

/** What plays at one moment. `offsetSeconds` is the time inside the clip, counted from its first frame. */
export type PreviewMoment =
  | { kind: 'clip'; index: number; clipUrl: string; frame: number; offsetSeconds: number }
  | { kind: 'gap'; index: number; frame: number }
  | { kind: 'end' };

/** First frame of each scene in display order, and the total as the last item: n + 1 numbers. */
export function sceneStarts(scenes: readonly { frames: number }[]): number[] {
  const starts = [0];
  let sum = 0;
  for (const scene of scenes) {
    sum += scene.frames;
    starts.push(sum);
  }
  return starts;
}

/** What the preview shows at a song time; scenes without frames are passed over. */
export function momentAt(scenes: readonly PreviewScene[], songSeconds: number, fps: number): PreviewMoment {
  const frame = frameAt(songSeconds, fps);
  let start = 0;
  for (const [index, scene] of scenes.entries()) {
    if (frame < start + scene.frames) {
      if (scene.clipUrl === null) return { kind: 'gap', index, frame: frame - start };
      const offsetSeconds = Math.max(0, songSeconds - start / fps);
      return { kind: 'clip', index, clipUrl: scene.clipUrl, frame: frame - start, offsetSeconds };
    }
    start += scene.frames;
  }
  return { kind: 'end' };
}

/** Index of the next scene after `index` that has a clip to preload, null when there is none. */
export function nextClipIndex(scenes: readonly PreviewScene[], index: number): number | null {
  const next = scenes.findIndex((s, i) => i > index && s.clipUrl !== null && s.frames > 0);
  return next === -1 ? null : next;
}
