import { rename, rm, stat } from 'node:fs/promises';
import { AppError } from '../shared/errors';
import { checkImage, type ImageInfo } from './check';
import { type ImageType, maxPicturePixels, mostHalvings, safeImageInput } from './ffmpeg.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import { readImageOrientation, readImageSize } from './image-header';
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

/** How often a picture's sides are halved while it is decoded, so that no more pixels come than are allowed. */
export function halvingsFor({ width, height }: { width: number; height: number }, type: ImageType): number {
  if (type !== 'jpeg') return 0;
  let halvings = 0;
  while (halvings < mostHalvings && (width * height) / 4 ** halvings > maxPicturePixels) halvings += 1;
  return halvings;
}

/** Re-encodes a picture: upright, bounded, without tags; JPEG stays JPEG, PNG and WebP become PNG. */
export function storeImageArguments(request: {
  sourcePath: string;
  type: ImageType;
  orientation: number;
  halvings: number;
  outputPath: string;
}): string[] {
  const box = `scale='min(${maxImageSide},iw)':'min(${maxImageSide},ih)':force_original_aspect_ratio=decrease`;
  const filters = [...(uprightFilters[request.orientation] ?? []), box, 'setsar=1'].join(',');
  const encoder =
    request.type === 'jpeg'
      ? ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', '2', '-f', 'mjpeg']
      : ['-c:v', 'png', '-f', 'image2pipe'];
  return [
    ...[
      '-threads',
      '1',
      '-noautorotate',
      ...safeImageInput(request.sourcePath, request.type, request.halvings),
    ],
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
  const { sourcePath } = request;
  const orientation = await readImageOrientation(sourcePath);
  const halvings = halvingsFor(info.image, type);
  const part = `${request.outputPath}.part`;
  try {
    await runFfmpeg(tools, {
      step: 'Store the picture',
      args: storeImageArguments({ sourcePath, type, orientation, halvings, outputPath: part }),
      signal: options.signal,
      timeLimitSeconds: 60,
      maxOutputBytes: maxImageBytes,
    }).catch((thrown: unknown) => {
      if (options.signal?.aborted) throw thrown;
      tools.log.debug({ thrown: String(thrown) }, 'picture_failed');
    });
    const size = (await Bun.file(part).exists()) ? await readImageSize(part) : null;
    if (size === null)
      throw new AppError({
        code: 'DamagedMedia',
        message: 'The picture cannot be decoded: it is damaged. Save it again.',
      });
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
