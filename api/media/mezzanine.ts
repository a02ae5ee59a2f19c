import type { Format } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import { mezzanineTimescale } from './mezzanine.arguments';
import { type Mp4Track, readMp4Tracks } from './mp4.boxes';

/** A file in the project's format, as compose needs it. */
export type MezzanineInfo = { frames: number; hasSound: boolean; decoderSetup: string };

/**
 * Reads a file as a take of the format: H.264, the right size, every frame exactly 1000 units
 * long, no reordering, no edit that hides frames. Null when it is anything else.
 */
export async function readMezzanine(path: string, format: Format): Promise<MezzanineInfo | null> {
  const tracks = await readMp4Tracks(path);
  const video = tracks?.[0];
  if (!tracks || video === undefined || !isMezzanineTrack(video, format)) return null;
  return {
    frames: video.samples,
    hasSound: tracks.some((track) => track.kind === 'audio'),
    decoderSetup: video.decoderSetup,
  };
}

export async function isMezzanine(path: string, format: Format): Promise<boolean> {
  return (await readMezzanine(path, format)) !== null;
}

/** Pure: whether a track is stored exactly as the encoder of takes stores it. */
export function isMezzanineTrack(track: Mp4Track, format: Format): boolean {
  const frameUnits = mezzanineTimescale(format) / format.fps;
  return (
    track.kind === 'video' &&
    track.codec === 'avc1' &&
    track.width === format.width &&
    track.height === format.height &&
    track.timescale === mezzanineTimescale(format) &&
    track.samples > 0 &&
    track.sampleDurations.every((units) => units === frameUnits) &&
    !track.reordered &&
    track.editStart === 0 &&
    track.edits <= 1
  );
}

/**
 * Throws TakesNotJoinable (with the places of the misfits) unless all files can be joined without
 * encoding; returns what is in them. Mixed sizes, rates or decoder set-ups would join without a
 * word of complaint and play wrongly.
 */
export async function assertJoinable(paths: string[], format: Format): Promise<MezzanineInfo[]> {
  const read = await Promise.all(paths.map((path) => readMezzanine(path, format)));
  const misfits = misfitsOf(read);
  const takes = read.filter((take) => take !== null);
  if (misfits.length === 0 && takes.length > 0) return takes;
  throw new AppError({
    code: 'TakesNotJoinable',
    message: `${misfits.length} of ${paths.length} clips are not in the project's format (${format.width}×${format.height}, ${format.fps} fps) and must be normalised again before the video can be put together.`,
    details: { positions: misfits.map((index) => index + 1) },
  });
}

/** Indexes of the files that don't fit the majority's decoder set-up. */
export function misfitsOf(takes: (MezzanineInfo | null)[]): number[] {
  const counts = new Map<string, number>();
  for (const take of takes) {
    if (take !== null) counts.set(take.decoderSetup, (counts.get(take.decoderSetup) ?? 0) + 1);
  }
  const usual = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  return takes.flatMap((take, index) => (take !== null && take.decoderSetup === usual ? [] : [index]));
}
