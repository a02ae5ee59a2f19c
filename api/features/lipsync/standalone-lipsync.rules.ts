import * as v from 'valibot';
import { type Format, frameRates } from '../../contract/format.schema';
import { LipsyncOptionsSchema } from '../../contract/lipsync.schema';
import { MediaSourceSchema } from '../../library/media-source.rules';

export const StandaloneJobSchema = v.object({
  video: MediaSourceSchema,
  audio: MediaSourceSchema,
  /** Seconds of the sound. */
  startTime: v.number(),
  endTime: v.nullable(v.number()),
  lipsync: LipsyncOptionsSchema,
  /** The scene that gets the result as its current take. */
  target: v.nullable(v.object({ projectId: v.string(), sceneId: v.string(), parentTakeId: v.string() })),
});
export type StandaloneJob = v.InferOutput<typeof StandaloneJobSchema>;

const MAX_SIDE = 4096;
const MIN_SIDE = 128;

/**
 * The project format nearest to a clip's own: its size in even pixels within what a format allows,
 * and the frame rate of 24, 25 and 30 that needs the fewest frames dropped or doubled (50 → 25,
 * 60 → 30, 23.976 → 24).
 */
export function nearestFormat(clip: { displayWidth: number; displayHeight: number; fps: number }): Format {
  const larger = Math.max(clip.displayWidth, clip.displayHeight);
  const smaller = Math.min(clip.displayWidth, clip.displayHeight);
  const scale = larger > MAX_SIDE ? MAX_SIDE / larger : smaller < MIN_SIDE ? MIN_SIDE / smaller : 1;
  const even = (pixels: number) =>
    Math.min(MAX_SIDE, Math.max(MIN_SIDE, 2 * Math.round((pixels * scale) / 2)));
  const distance = (fps: number) => {
    const ratio = clip.fps / fps;
    return Math.abs(ratio - Math.max(1, Math.round(ratio)));
  };
  const [first, ...others] = frameRates;
  const fps = others.reduce<Format['fps']>(
    (best, candidate) => (distance(candidate) < distance(best) - 1e-3 ? candidate : best),
    first,
  );
  return { width: even(clip.displayWidth), height: even(clip.displayHeight), fps };
}
