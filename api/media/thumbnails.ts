import { rename, rm } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import type { Filmstrip } from '../contract/take.schema';
import { AppError } from '../shared/errors';
import { type ImageType, safeImageInput, safeInput } from './ffmpeg.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaTools, StepOptions } from './media.types';

/** Longest side of a poster: sharp on a card of 320 units at two pixels each. */
const POSTER_SIDE = 640;
/** Height of a tile, or its width when that is shorter: sharp in a strip of 45 units at two pixels each. */
const TILE_SIDE = 90;
/** As many as a dialog shows side by side; a longer clip has its tiles further apart. */
const MAX_TILES = 40;
const TILES_A_ROW = 10;
/** Two tiles a second are enough to find a place by. */
const TILES_A_SECOND = 2;

export type FilmstripGrid = Omit<Filmstrip, 'url'>;

/** How the frames of a clip are laid out in its filmstrip. */
export function filmstripGrid(format: Format, frames: number): FilmstripGrid {
  const everyFrames = Math.max(1, Math.round(format.fps / TILES_A_SECOND), Math.ceil(frames / MAX_TILES));
  const tiles = Math.ceil(frames / everyFrames);
  const columns = Math.min(tiles, TILES_A_ROW);
  const scale = Math.min(1, TILE_SIDE / Math.min(format.width, format.height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  return {
    columns,
    rows: Math.ceil(tiles / columns),
    tiles,
    everyFrames,
    tileWidth: even(format.width),
    tileHeight: even(format.height),
  };
}

/** A JPEG is BT.601 in full range by its own standard (JFIF), a take BT.709 in limited range. */
const toJpeg = 'flags=bicubic:in_color_matrix=bt709:out_color_matrix=bt601:in_range=tv:out_range=pc';
const jpegArguments = (quality: number) => [
  ...['-frames:v', '1', '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-q:v', String(quality)],
  ...['-map_metadata', '-1', '-f', 'mjpeg'],
];

export type TakeThumbnailsRequest = {
  takePath: string;
  format: Format;
  frames: number;
  posterPath: string;
  filmstripPath: string;
};

/** Poster and filmstrip of a take in one pass: it is decoded once. */
export function takeThumbnailsArguments(request: TakeThumbnailsRequest, grid: FilmstripGrid): string[] {
  const { width, height } = request.format;
  const scale = Math.min(1, POSTER_SIDE / Math.max(width, height));
  const even = (side: number) => Math.max(2, 2 * Math.round((side * scale) / 2));
  const filters = [
    '[0:v]split=2[p][f]',
    `[p]select='eq(n,0)',scale=${even(width)}:${even(height)}:${toJpeg}[poster]`,
    `[f]select='not(mod(n,${grid.everyFrames}))',scale=${grid.tileWidth}:${grid.tileHeight}:${toJpeg},tile=${grid.columns}x${grid.rows}:nb_frames=${grid.tiles}[strip]`,
  ].join(';');
  return [
    ...['-threads', '1', '-filter_threads', '1', ...safeInput(request.takePath), '-an'],
    ...['-filter_complex', filters],
    ...['-map', '[poster]', ...jpegArguments(3), request.posterPath],
    ...['-map', '[strip]', ...jpegArguments(5), request.filmstripPath],
  ];
}

/** Writes poster and filmstrip of a take, whole or not at all. @throws AppError `MediaStepFailed`, `DamagedMedia` */
export async function makeTakeThumbnails(
  tools: MediaTools,
  request: TakeThumbnailsRequest,
  options: StepOptions = {},
): Promise<FilmstripGrid> {
  const grid = filmstripGrid(request.format, request.frames);
  const parts = { posterPath: `${request.posterPath}.part`, filmstripPath: `${request.filmstripPath}.part` };
  try {
    await runFfmpeg(tools, {
      step: 'Make the small pictures',
      args: takeThumbnailsArguments({ ...request, ...parts }, grid),
      signal: options.signal,
      // A take of 10 minutes decodes in well under one on a slow core.
      timeLimitSeconds: 600,
    });
    await present(parts.posterPath);
    await present(parts.filmstripPath);
    await rename(parts.posterPath, request.posterPath);
    await rename(parts.filmstripPath, request.filmstripPath);
    return grid;
  } finally {
    await rm(parts.posterPath, { force: true });
    await rm(parts.filmstripPath, { force: true });
  }
}

async function present(path: string): Promise<void> {
  if (!(await Bun.file(path).exists())) {
    throw new AppError({
      code: 'DamagedMedia',
      message: 'No picture could be taken from the clip: it is damaged.',
    });
  }
}

/** Writes a stored picture scaled down to a poster. @throws AppError `MediaStepFailed`, `DamagedMedia` */
export async function makeThumbnail(
  tools: MediaTools,
  request: { imagePath: string; type: ImageType; posterPath: string },
  options: StepOptions = {},
): Promise<void> {
  const part = `${request.posterPath}.part`;
  const box = `scale='min(${POSTER_SIDE},iw)':'min(${POSTER_SIDE},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2:flags=lanczos:out_color_matrix=bt601:out_range=pc`;
  try {
    await runFfmpeg(tools, {
      step: 'Scale the picture down',
      args: [
        '-threads',
        '1',
        ...safeImageInput(request.imagePath, request.type),
        '-vf',
        box,
        ...jpegArguments(3),
        part,
      ],
      signal: options.signal,
      timeLimitSeconds: 60,
    });
    await present(part);
    await rename(part, request.posterPath);
  } finally {
    await rm(part, { force: true });
  }
}
