import { SAMPLE_RATE } from '../contract/format.schema';
import { safeInput } from './ffmpeg.arguments';

/** Rate at which songs are encoded for the final video; transparent for stereo. */
export const songBitRate = '192k';

/**
 * Encoder of the song and of what is joined to it: the same settings, or the seam would click.
 * The sound is kept mono or made stereo, as the format of a project has no more.
 */
export function songEncoderArguments(channels: number): string[] {
  return [
    ...['-c:a', 'aac', '-b:a', songBitRate, '-ar', String(SAMPLE_RATE), '-ac', String(channels)],
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact', '-f', 'mp4'],
  ];
}

/** Containers whose sound has its own place on the file's time line; the others just begin. */
const containersWithTimeLine = ['mp4', 'mov', 'webm', 'matroska', 'mkv'];

/**
 * One ffmpeg run, decoded once: the WAV master (16 bit, 48 kHz) and the AAC that final videos
 * carry. The decoder drops what MP3 and AAC encoders put before the music when the file tells how
 * much (LAME tag, edit list, iTunSMPB), as players do. In containers with a time line the file's
 * own times are kept and a later start becomes silence; without `-copyts` ffmpeg would shift Opus
 * by its run-in (7 ms).
 */
export function prepareSongArguments(request: {
  sourcePath: string;
  container: string;
  channels: number;
  wavPath: string;
  aacPath: string;
}): string[] {
  const channels = Math.min(2, Math.max(1, request.channels));
  const onTimeLine = containersWithTimeLine.includes(request.container);
  const filter = `aresample=${SAMPLE_RATE}${onTimeLine ? ':async=1:first_pts=0' : ''}`;
  return [
    ...['-threads', '1', ...(onTimeLine ? ['-copyts'] : []), ...safeInput(request.sourcePath)],
    ...['-filter_complex', `[0:a:0]${filter},asplit=2[master][copy]`],
    ...['-map', '[master]', '-c:a', 'pcm_s16le', '-ac', String(channels)],
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:a', '+bitexact', '-f', 'wav', request.wavPath],
    ...['-map', '[copy]', ...songEncoderArguments(channels), request.aacPath],
  ];
}

/** The song's AAC made from its master alone, when the one of the upload is not to be had. */
export function encodeMasterArguments(wavPath: string, channels: number, aacPath: string): string[] {
  return [
    '-threads',
    '1',
    ...safeInput(wavPath),
    '-map',
    '0:a:0',
    ...songEncoderArguments(channels),
    aacPath,
  ];
}
