import { resolve } from 'node:path';

/**
 * Demuxers that may open a file which a person gave. None of them follows references to other
 * files (an HLS or concat list named .mp4 would be read, other files and all, without this list;
 * `-protocol_whitelist file` alone does not stop it).
 */
const mediaDemuxers = 'mov,matroska,webm,avi,wav,mp3,ogg,flac,aac';

/** One demuxer by name for each picture type that is accepted; image2 would expand %d in names. */
export const imageDemuxers = { png: 'png_pipe', jpeg: 'jpeg_pipe', webp: 'webp_pipe' } as const;
export type ImageType = keyof typeof imageDemuxers;

/** A film with all its languages has some dozens of tracks and fonts. */
export const mostTracks = 200;
/** 8K is the largest picture that cameras make; decoders refuse larger ones, whatever a header says. */
export const maxPicturePixels = 8192 * 8192;
const boundsFor = (pixels: number) => ['-max_streams', String(mostTracks), '-max_pixels', String(pixels)];
const bounds = boundsFor(maxPicturePixels);

/** The flags that keep ffmpeg to one file and to sane sizes; they go before every `-i`. */
export const safeFlags: readonly string[] = [
  ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', mediaDemuxers, ...bounds],
];

/** `-i` for a clip or song from outside, for ffmpeg and ffprobe. */
export function safeInput(path: string): string[] {
  return [...safeFlags, '-i', fileUrl(path)];
}

/** JPEG's own limit is 65,535 a side, which the smallest of its reduced decodings brings to just our bound. */
export const mostHalvings = 3;

/**
 * `-i` for a still picture whose type was read from its first bytes. `halvings`: how often a JPEG's sides are
 * halved while it is decoded; its full pixels are never in memory then, and as many more are allowed in the file.
 */
export function safeImageInput(path: string, type: ImageType, halvings = 0): string[] {
  const demuxer = imageDemuxers[type];
  const only = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', demuxer];
  const reduced = halvings === 0 ? [] : ['-lowres', String(halvings)];
  return [
    ...[...only, ...boundsFor(maxPicturePixels * 4 ** halvings), ...reduced],
    ...['-f', demuxer, '-i', fileUrl(path)],
  ];
}

/** A path as ffmpeg's file protocol: no name can be taken for an option, a pattern or a protocol. */
export function fileUrl(path: string): string {
  return `file:${resolve(path)}`;
}

/** Flags of every run: no questions, no banner, only errors, progress as key=value on stdout. */
export function commonArguments(): string[] {
  return ['-hide_banner', '-nostdin', '-v', 'error', '-y', '-progress', 'pipe:1', '-stats_period', '0.25'];
}
