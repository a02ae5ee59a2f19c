import { rename, rm } from 'node:fs/promises';
import type { Canvas } from '@napi-rs/canvas';
import { AppError } from '../shared/errors';

/** A moving picture that can be painted at any moment; the canvas is the same one every time. */
export type Shot = { readonly canvas: Canvas; paint(seconds: number): void };

export type VideoSize = { width: number; height: number; fps: number };

/**
 * ffmpeg's arguments for raw RGBA frames on standard input to an H.264 file. `superfast` and
 * CRF 17: 2.3 s instead of 3.6 s of CPU for the singer's 200 frames, for 2.5 MB instead of 1.2 MB.
 */
export function videoArguments({ width, height, fps }: VideoSize, output: string): string[] {
  return [
    ...['-hide_banner', '-loglevel', 'error', '-y'],
    ...[
      '-f',
      'rawvideo',
      '-pixel_format',
      'rgba',
      '-video_size',
      `${width}x${height}`,
      '-framerate',
      `${fps}`,
    ],
    ...['-i', 'pipe:0', '-an'],
    ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p'],
    ...['-c:v', 'libx264', '-preset', 'superfast', '-crf', '17'],
    ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/**
 * Paints `frames` frames of a shot and encodes them to `path`, which appears only when it is whole.
 * Throws `DemoMaterialFailed` with ffmpeg's last words when ffmpeg cannot start or fails.
 */
export async function writeVideo(
  shot: Shot,
  frames: number,
  options: { ffmpegPath: string; fps: number; path: string },
): Promise<void> {
  // Of this call alone: two that make the same file must not write into each other's.
  const part = `${options.path}.${crypto.randomUUID()}.part`;
  const { width, height } = shot.canvas;
  const encoder = startEncoder([
    options.ffmpegPath,
    ...videoArguments({ width, height, fps: options.fps }, part),
  ]);
  try {
    const lastWords = new Response(encoder.stderr).text();
    const written = await feed(encoder, shot, frames, options.fps);
    const code = await encoder.exited;
    if (code !== 0 || !written) throw failed(options.path, (await lastWords).trim() || `exit code ${code}`);
    await rename(part, options.path);
  } finally {
    encoder.kill();
    await rm(part, { force: true });
  }
}

type Encoder = Bun.Subprocess<'pipe', 'ignore', 'pipe'>;

function startEncoder(command: string[]): Encoder {
  try {
    return Bun.spawn(command, { stdin: 'pipe', stdout: 'ignore', stderr: 'pipe' });
  } catch (thrown) {
    throw failed(command[0] ?? 'ffmpeg', thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** Writes every frame; false when ffmpeg closed its input before the last, which its exit explains. */
async function feed(encoder: Encoder, shot: Shot, frames: number, fps: number): Promise<boolean> {
  for (let frame = 0; frame < frames; frame++) {
    shot.paint(frame / fps);
    try {
      // `data()` is a copy, so the next frame may be painted while this one is still in the pipe.
      encoder.stdin.write(shot.canvas.data());
      await encoder.stdin.flush();
    } catch {
      return false;
    }
  }
  await encoder.stdin.end();
  return true;
}

function failed(path: string, reason: string): AppError {
  return new AppError({
    code: 'DemoMaterialFailed',
    message: `The demo's picture ${path} could not be made: ${reason}. Check that ffmpeg works (bun run doctor) and that the disk has room.`,
  });
}
