import { type Format, SAMPLE_RATE } from '../contract/format.schema';
import { fileUrl, safeFlags, safeInput } from './ffmpeg.arguments';
import { mezzanineTimescale } from './mezzanine.arguments';
import { songEncoderArguments } from './song.arguments';
import { fadeSamples, type SongEnding, samplesPerPacket } from './song-ending';

/** Name of the n-th take in the folder that the list is read from. */
export function takeName(index: number): string {
  return `${String(index + 1).padStart(5, '0')}.mp4`;
}

/**
 * The list of takes. Every one gets a duration, or its sound, which may be longer than its
 * pictures, would push the next one back (351 ms by the twelfth scene). Durations are differences
 * of rounded starts: a start is never off by more than half a microsecond, however many there are.
 */
export function concatList(frames: number[], fps: number): string {
  const lines = ['ffconcat version 1.0'];
  let before = 0;
  for (const [index, count] of frames.entries()) {
    const start = Math.round((before * 1e6) / fps);
    before += count;
    const end = Math.round((before * 1e6) / fps);
    lines.push(`file ${takeName(index)}`, `duration ${((end - start) / 1e6).toFixed(6)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What stands beside the pictures: packets ready to copy, or an m4a. */
export type SoundFile = { path: string; kind: 'adts' | 'm4a' };

/** Joins takes and sound without encoding either. */
export function joinArguments(request: {
  listPath: string;
  frames: number;
  sound: SoundFile;
  format: Format;
  outputPath: string;
}): string[] {
  const { sound, format } = request;
  // ADTS knows no run-in: its packets begin 1024 samples early, and the MP4's edit list hides them.
  const early = (-samplesPerPacket / SAMPLE_RATE).toFixed(6);
  const soundInput =
    sound.kind === 'adts'
      ? ['-itsoffset', early, ...safeFlags, '-f', 'aac', '-i', fileUrl(sound.path)]
      : safeInput(sound.path);
  return [
    ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', 'concat,mov', '-f', 'concat', '-safe', '1'],
    // The takes share one decoder set-up (assertJoinable), so their packets need no rewriting.
    ...['-auto_convert', '0', '-i', fileUrl(request.listPath)],
    ...soundInput,
    ...['-map', '0:v:0', '-map', '1:a:0', '-c', 'copy'],
    ...['-video_track_timescale', String(mezzanineTimescale(format))],
    ...['-moov_size', String(indexBytes(request.frames))],
    ...[
      '-map_metadata',
      '-1',
      '-map_chapters',
      '-1',
      '-fflags',
      '+bitexact',
      '-f',
      'mp4',
      request.outputPath,
    ],
  ];
}

/**
 * Room for the index at the file's start, so that it plays before it is loaded whole. What `+faststart`
 * does by writing the whole file a second time; room kept beforehand takes 9% off the join. At most
 * 28 bytes a packet (size 4, chunk 8 and 12, key frame 4), at most 3 packets a frame (one of picture;
 * AAC has 47 a second, fewer than 2 a frame from 24 fps on), and 64 KiB of headers and edit lists.
 */
export function indexBytes(frames: number): number {
  return 64 * 1024 + frames * 3 * 28;
}

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
