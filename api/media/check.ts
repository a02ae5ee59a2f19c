import { AppError } from '../shared/errors';
import { maxPicturePixels, safeInput } from './ffmpeg.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import type { AudioTrackInfo, MediaInfo, MediaTools, VideoTrackInfo } from './media.types';
import { probeMedia } from './probe';

/** Longest clip: one scene is seconds to minutes; 30 min bounds what one request can cost. */
export const maxClipSeconds = 1800;
/** Longest song; a WAV master stays under the format's 4 GB (48 kHz stereo 16 bit: 6.2 h). */
export const maxSongSeconds = 3600;
/** Shortest song that a scene can be sung to: one AAC frame is 0.02 s. */
const minSongSeconds = 0.1;
const maxPictureSide = 16_384;
const minPictureSide = 16;

export type ClipInfo = MediaInfo & { kind: 'video'; video: VideoTrackInfo };
export type SongInfo = MediaInfo & { audio: AudioTrackInfo };
export type ImageInfo = MediaInfo & { kind: 'image'; image: { width: number; height: number } };

/**
 * A file that is to become a scene's clip: moving picture, bounded size and length, and its first
 * frame really decodes. Throws what is wrong with the file, and MediaStepTimedOut (retryable).
 */
export async function checkClip(
  tools: MediaTools,
  path: string,
  signal?: AbortSignal,
  limits = { firstFrameSeconds: 60 },
): Promise<ClipInfo> {
  const info = await inspectClip(tools, path, signal);
  await decodeFirstFrame(tools, path, limits.firstFrameSeconds, signal);
  return info;
}

/** checkClip without decoding anything (a few ms): for files that are decoded whole right after. */
export async function inspectClip(tools: MediaTools, path: string, signal?: AbortSignal): Promise<ClipInfo> {
  const info = await probeMedia(tools, path, signal);
  if (info.kind === 'image') {
    throw new AppError({
      code: 'NoVideo',
      message: 'This is a picture, not a clip. Upload it as the image of the scene instead.',
    });
  }
  const { video } = info;
  if (video === null) {
    throw new AppError({
      code: 'NoVideo',
      message: 'This file has sound but no picture. Upload it as the song, or choose a video as clip.',
    });
  }
  if (video.frames === 0) {
    throw new AppError({
      code: 'ClipWithoutFrames',
      message: 'This video has no frames. Export it again.',
    });
  }
  checkPictureSize(video.displayWidth, video.displayHeight);
  if (!(video.duration > 0)) {
    throw new AppError({ code: 'ClipWithoutFrames', message: 'This video has no length. Export it again.' });
  }
  if (video.duration > maxClipSeconds) {
    throw new AppError({
      code: 'MediaTooLong',
      message: `The clip is ${clock(video.duration)} long; ${clock(maxClipSeconds)} is the most. Cut it first.`,
    });
  }
  return { ...info, kind: 'video', video };
}

/** A file that is to become the song: it has sound of a usable length. A video's sound is taken too. */
export async function checkSong(tools: MediaTools, path: string, signal?: AbortSignal): Promise<SongInfo> {
  const info = await probeMedia(tools, path, signal);
  if (info.kind === 'image')
    throw new AppError({ code: 'NoSound', message: 'This is a picture, not a song. Choose a sound file.' });
  const { audio } = info;
  if (audio === null) {
    throw new AppError({
      code: 'NoSound',
      message: 'This video has no sound, so it cannot be the song. Choose a sound file.',
    });
  }
  if (audio.duration > maxSongSeconds) {
    throw new AppError({
      code: 'MediaTooLong',
      message: `The song is ${clock(audio.duration)} long; ${clock(maxSongSeconds)} is the most.`,
    });
  }
  if (!(audio.duration >= minSongSeconds)) {
    throw new AppError({
      code: 'MediaTooShort',
      message: 'The song is too short. Choose a longer one.',
    });
  }
  return { ...info, audio };
}

/** A file that is to become a scene's or reference image: a JPEG of any size, or a PNG or WebP of a sane one. */
export async function checkImage(tools: MediaTools, path: string, signal?: AbortSignal): Promise<ImageInfo> {
  const info = await probeMedia(tools, path, signal);
  if (info.kind !== 'image') {
    throw new AppError({
      code: 'NotAnImage',
      message: 'This is not a picture. Choose a PNG, JPEG or WebP file.',
    });
  }
  if (!['png', 'jpeg', 'webp'].includes(info.container)) {
    throw new AppError({
      code: 'UnsupportedMedia',
      message: `${info.container.toUpperCase()} images aren’t supported. Save it as PNG, JPEG or WebP.`,
    });
  }
  const { image } = info;
  if (image === null)
    throw new AppError({ code: 'DamagedMedia', message: 'The picture is damaged. Save it again.' });
  checkPictureSize(image.width, image.height, info.container === 'jpeg');
  return { ...info, kind: 'image', image };
}

/** `isReduced`: it is decoded at a fraction of its size, so that none is too large. */
function checkPictureSize(width: number, height: number, isReduced = false): void {
  const size = { width, height };
  if (width < minPictureSide || height < minPictureSide) {
    throw new AppError({
      code: 'PictureTooSmall',
      message: `The picture is ${width}×${height}; each side needs ${minPictureSide} pixels or more.`,
      details: size,
    });
  }
  if (isReduced) return;
  if (width > maxPictureSide || height > maxPictureSide || width * height > maxPicturePixels) {
    throw new AppError({
      code: 'PictureTooLarge',
      message: `The picture is ${width}×${height}, which is too large. Make it smaller.`,
      details: size,
    });
  }
}

/** Throws DamagedMedia unless ffmpeg gets one frame out of the file. */
async function decodeFirstFrame(
  tools: MediaTools,
  path: string,
  timeLimitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const result = await runFfmpeg(tools, {
    step: 'Decode the first frame',
    args: firstFrameArguments(path),
    timeLimitSeconds,
    signal,
  }).catch((thrown: unknown) => {
    // Ended from outside or late, it says nothing of the file: a good one must not be refused for that.
    if (signal?.aborted || (thrown instanceof AppError && thrown.retryable)) throw thrown;
    tools.log.debug({ thrown: String(thrown) }, 'first_frame_failed');
    return null;
  });
  if (result === null || result.frames === 0) {
    throw new AppError({
      code: 'DamagedMedia',
      message:
        'No frame of this video can be decoded: it is damaged or its codec is not supported. Export it as MP4 (H.264).',
    });
  }
}

export function firstFrameArguments(path: string): string[] {
  return ['-threads', '1', ...safeInput(path), '-map', '0:V:0', '-frames:v', '1', '-f', 'null', '-'];
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
