import { type Format, frameRates } from '../../api/contract/format.schema';
import type { VideoTrackInfo } from '../../api/media/media.types';

/** The clip's own size with even sides, and the nearest frame rate that a project can have. */
export function formatOf(video: VideoTrackInfo): Format {
  const scale = Math.min(1, 4096 / Math.max(video.displayWidth, video.displayHeight));
  const even = (side: number): number => Math.max(128, 2 * Math.round((side * scale) / 2));
  const fps = frameRates.reduce((best, rate) =>
    Math.abs(rate - video.fps) < Math.abs(best - video.fps) ? rate : best,
  );
  return { width: even(video.displayWidth), height: even(video.displayHeight), fps };
}
