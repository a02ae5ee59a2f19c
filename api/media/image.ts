import { rename, rm, stat } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { checkImage, type ImageInfo } from './check';
import { type ImageType, safeImageInput, safeInput } from './ffmpeg.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import { readImageOrientation, readImageSize } from './image-header';
import { refused } from './media.errors';
import type { MediaTools, StepOptions } from './media.types';

/** Longest side of a stored picture: enough for a 1080p project's image with room to move in it. */
export const maxImageSide = 2048;
/** Largest file of a stored picture; a PNG of noise at the largest size has 12 MB. */
const maxImageBytes = 40_000_000;

export type StoredImage = {
  path: string;
  mimeType: 'image/png' | 'image/jpeg';
  width: number;
  height: number;
  bytes: number;
};

/** What ffmpeg must do so that a picture stands upright, per EXIF orientation 1..8. */
const uprightFilters: Record<number, string[]> = {
  2: ['hflip'],
  3: ['hflip', 'vflip'],
  4: ['vflip'],
  5: ['transpose=0'],
  6: ['transpose=1'],
  7: ['transpose=3'],
  8: ['transpose=2'],
};

/** Re-encodes a picture: upright, bounded, without tags; JPEG stays JPEG, PNG and WebP become PNG. */
export function storeImageArguments(request: {
  sourcePath: string;
  type: ImageType;
  orientation: number;
  outputPath: string;
}): string[] {
  const box = `scale='min(${maxImageSide},iw)':'min(${maxImageSide},ih)':force_original_aspect_ratio=decrease`;
  const filters = [...(uprightFilters[request.orientation] ?? []), box, 'setsar=1'].join(',');
  const encoder =
    request.type === 'jpeg'
      ? ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '2', '-f', 'mjpeg']
      : ['-c:v', 'png', '-f', 'image2pipe'];
  return [
    ...['-threads', '1', '-noautorotate', ...safeImageInput(request.sourcePath, request.type)],
    ...[
      '-map',
      '0:v:0',
      '-frames:v',
      '1',
      '-vf',
      filters,
      '-map_metadata',
      '-1',
      ...encoder,
      request.outputPath,
    ],
  ];
}

/**
 * Makes a safe picture of an uploaded one: decoded and encoded anew, so that nothing but pixels is
 * kept. Throws the refusals of checkImage, and DamagedMedia.
 */
export async function storeImage(
  tools: MediaTools,
  request: { sourcePath: string; info?: ImageInfo; outputPath: string },
  options: StepOptions = {},
): Promise<StoredImage> {
  const info = request.info ?? (await checkImage(tools, request.sourcePath, options.signal));
  const type = info.container === 'jpeg' ? 'jpeg' : info.container === 'webp' ? 'webp' : 'png';
  const orientation = await readImageOrientation(request.sourcePath);
  const part = `${request.outputPath}.part`;
  try {
    await runFfmpeg(tools, {
      step: 'Store the picture',
      args: storeImageArguments({ sourcePath: request.sourcePath, type, orientation, outputPath: part }),
      signal: options.signal,
      timeLimitSeconds: 60,
      maxOutputBytes: maxImageBytes,
    }).catch((thrown: unknown) => {
      if (options.signal?.aborted) throw thrown;
      tools.log.debug({ thrown: String(thrown) }, 'picture_failed');
    });
    const size = (await Bun.file(part).exists()) ? await readImageSize(part) : null;
    if (size === null)
      throw refused('DamagedMedia', 'The picture cannot be decoded: it is damaged. Save it again.');
    await rename(part, request.outputPath);
    const { size: bytes } = await stat(request.outputPath);
    return {
      path: request.outputPath,
      mimeType: type === 'jpeg' ? 'image/jpeg' : 'image/png',
      ...size,
      bytes,
    };
  } finally {
    await rm(part, { force: true });
  }
}

/** One frame of a take as JPEG. A JPEG is BT.601 in full range by its own standard (JFIF). */
export function posterArguments(request: {
  takePath: string;
  frame: number;
  format: Format;
  outputPath: string;
  /** Longest side in pixels; default that of the take. */
  maxSide?: number;
}): string[] {
  // Half a frame early, so that rounding cannot land behind it.
  const seconds = Math.max(0, (request.frame - 0.5) / request.format.fps).toFixed(6);
  const { width, height } = request.format;
  const scale = Math.min(1, (request.maxSide ?? Number.POSITIVE_INFINITY) / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  const filter = `scale=${even(width)}:${even(height)}:flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc`;
  return [
    ...['-threads', '1', '-ss', seconds, ...safeInput(request.takePath), '-map', '0:v:0', '-frames:v', '1'],
    ...['-vf', filter, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '3'],
    ...['-map_metadata', '-1', '-f', 'mjpeg', request.outputPath],
  ];
}

/** Writes the poster frame of a take. Throws FrameOutsideClip when the take has no such frame. */
export async function posterFrame(
  tools: MediaTools,
  request: Parameters<typeof posterArguments>[0],
  options: StepOptions = {},
): Promise<{ path: string; bytes: number }> {
  const part = `${request.outputPath}.part`;
  try {
    const { frames } = await runFfmpeg(tools, {
      step: 'Take the poster frame',
      args: posterArguments({ ...request, outputPath: part }),
      signal: options.signal,
      timeLimitSeconds: 30,
    });
    if (frames === 0) {
      throw refused('ClipWithoutFrames', `The clip has no frame ${request.frame}. Choose an earlier one.`);
    }
    await rename(part, request.outputPath);
    return { path: request.outputPath, bytes: (await stat(request.outputPath)).size };
  } finally {
    await rm(part, { force: true });
  }
}
