import { safeInput } from './ffmpeg.arguments';
import { songEncoderArguments } from './song.arguments';
import { fadeSamples, type SongEnding, type SoundFades } from './song-ending';

/** Encodes the end of the song: faded out, and with silence behind it where it is too short. */
export function encodeEndingArguments(
  ending: Extract<SongEnding, { fadeFrom: number }>,
  slicePath: string,
  channels: number,
  outputPath: string,
): string[] {
  const filters = [
    ...(ending.fadeSamples > 0
      ? [`afade=t=out:start_sample=${ending.fadeFrom}:nb_samples=${ending.fadeSamples}`]
      : []),
    ...(ending.silenceSamples > 0 ? [`apad=pad_len=${ending.silenceSamples}`] : []),
  ];
  return [
    ...['-threads', '1', ...safeInput(slicePath), '-map', '0:a:0'],
    ...(filters.length > 0 ? ['-af', filters.join(',')] : []),
    ...[...songEncoderArguments(channels), outputPath],
  ];
}

/** Encodes the beginning of the song, faded in. */
export function encodeBeginningArguments(
  fadeInSamples: number,
  slicePath: string,
  channels: number,
  outputPath: string,
): string[] {
  return [
    ...['-threads', '1', ...safeInput(slicePath), '-map', '0:a:0'],
    ...['-af', `afade=t=in:start_sample=0:nb_samples=${fadeInSamples}`],
    ...[...songEncoderArguments(channels), outputPath],
  ];
}

/** The same by encoding all of the song: for very short videos, and songs of unknown encoding. */
export function encodeWholeArguments(request: {
  masterPath: string;
  videoSamples: number;
  songSamples: number;
  fades: SoundFades;
  channels: number;
  outputPath: string;
}): string[] {
  const { videoSamples, fades } = request;
  const isCut = request.songSamples > videoSamples;
  const declick = isCut ? Math.min(fadeSamples, Math.floor(videoSamples / 4)) : 0;
  const fadeOut = Math.min(videoSamples, fades.outSamples > 0 ? fades.outSamples : declick);
  const filters = [
    isCut ? `atrim=end_sample=${videoSamples}` : `apad=whole_len=${videoSamples}`,
    ...(fades.inSamples > 0 ? [`afade=t=in:start_sample=0:nb_samples=${fades.inSamples}`] : []),
    ...(fadeOut > 0 ? [`afade=t=out:start_sample=${videoSamples - fadeOut}:nb_samples=${fadeOut}`] : []),
  ];
  return [
    ...['-threads', '1', ...safeInput(request.masterPath), '-map', '0:a:0', '-af', filters.join(',')],
    ...[...songEncoderArguments(request.channels), request.outputPath],
  ];
}
