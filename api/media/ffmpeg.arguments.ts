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
const bounds = ['-max_streams', String(mostTracks), '-max_pixels', String(maxPicturePixels)];

/** The flags that keep ffmpeg to one file and to sane sizes; they go before every `-i`. */
export const safeFlags: readonly string[] = [
  ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', mediaDemuxers, ...bounds],
];

/** `-i` for a clip or song from outside, for ffmpeg and ffprobe. */
export function safeInput(path: string): string[] {
  return [...safeFlags, '-i', fileUrl(path)];
}

/** `-i` for a still picture whose type was read from its first bytes. */
export function safeImageInput(path: string, type: ImageType): string[] {
  const demuxer = imageDemuxers[type];
  const only = ['-protocol_whitelist', 'file,pipe', '-format_whitelist', demuxer, ...bounds];
  return [...only, '-f', demuxer, '-i', fileUrl(path)];
}

/** A path as ffmpeg's file protocol: no name can be taken for an option, a pattern or a protocol. */
export function fileUrl(path: string): string {
  return `file:${resolve(path)}`;
}

/** Flags of every run: no questions, no banner, only errors, progress as key=value on stdout. */
export function commonArguments(): string[] {
  return ['-hide_banner', '-nostdin', '-v', 'error', '-y', '-progress', 'pipe:1', '-stats_period', '0.25'];
}
