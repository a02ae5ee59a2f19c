import { safeInput } from './ffmpeg.arguments';
import { songEncoderArguments } from './song.arguments';
import { fadeSamples, type SongEnding } from './song-ending';

/** Encodes the end of the song: faded out, or with silence behind it. */
export function encodeEndingArguments(
  ending: Extract<SongEnding, { kind: 'cut' | 'silence' }>,
  slicePath: string,
  channels: number,
  outputPath: string,
): string[] {
  const filter =
    ending.kind === 'cut'
      ? `afade=t=out:start_sample=${ending.fadeFrom}:nb_samples=${fadeSamples}`
      : `apad=pad_len=${ending.silenceSamples}`;
  return [
    ...['-threads', '1', ...safeInput(slicePath), '-map', '0:a:0', '-af', filter],
    ...[...songEncoderArguments(channels), outputPath],
  ];
}

/** The same by encoding all of the song: for very short videos, and songs of unknown encoding. */
export function encodeWholeArguments(request: {
  masterPath: string;
  videoSamples: number;
  songSamples: number;
  channels: number;
  outputPath: string;
}): string[] {
  const { videoSamples } = request;
  const fade = Math.min(fadeSamples, Math.floor(videoSamples / 4));
  const filters =
    request.songSamples > videoSamples
      ? [
          `atrim=end_sample=${videoSamples}`,
          `afade=t=out:start_sample=${videoSamples - fade}:nb_samples=${fade}`,
        ]
      : [`apad=whole_len=${videoSamples}`];
  return [
    ...['-threads', '1', ...safeInput(request.masterPath), '-map', '0:a:0', '-af', filters.join(',')],
    ...[...songEncoderArguments(request.channels), request.outputPath],
  ];
}
