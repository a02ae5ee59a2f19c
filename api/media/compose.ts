import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Format, SAMPLE_RATE } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import { frameToSample } from '../shared/frames';
import { type ComposedSong, type PreparedSound, prepareSound } from './compose.sound';
import type { MediaTools, StepOptions } from './media.types';
import { assertJoinable } from './mezzanine';
import { readMp4Tracks } from './mp4.boxes';
import { joinVideos } from './mp4.join';

export type ComposeRequest = {
  /** Normalised takes in display order; the same file may come more than once. */
  takePaths: string[];
  song: ComposedSong;
  format: Format;
  outputPath: string;
  /** A folder in which a temporary one is made and removed again. */
  workDirectory: string;
};

export type Composed = {
  path: string;
  frames: number;
  bytes: number;
  ending: PreparedSound['ending'];
  soundCopied: boolean;
};

/**
 * Puts takes and song together by copying both; nothing is encoded but the last second or two of
 * the song. Throws NothingToCompose, TakesNotJoinable, ComposeIncomplete. The output is
 * written whole or not at all.
 */
export async function composeVideo(
  tools: MediaTools,
  request: ComposeRequest,
  options: StepOptions = {},
): Promise<Composed> {
  if (request.takePaths.length === 0) {
    throw new AppError({
      code: 'NothingToCompose',
      message: 'There is no clip to put together. Add a scene with a clip first.',
    });
  }
  const { format } = request;
  const takes = await assertJoinable(request.takePaths, format);
  const frames = takes.reduce((sum, take) => sum + take.frames, 0);
  const folder = await mkdtemp(join(request.workDirectory, 'compose-'));
  const part = `${request.outputPath}.part`;
  try {
    const videoSamples = frameToSample(frames, format.fps, SAMPLE_RATE);
    const prepared = await prepareSound(tools, request.song, videoSamples, folder, options.signal);
    options.onProgress?.(0.2);
    const made = await joinVideos(
      { videoPaths: request.takePaths, sound: prepared.sound, outputPath: part },
      {
        ...(options.signal === undefined ? {} : { signal: options.signal }),
        onProgress: (fraction) => options.onProgress?.(0.2 + 0.75 * fraction),
      },
    );
    await verify(part, frames, format);
    await rename(part, request.outputPath);
    options.onProgress?.(1);
    const { ending, copied } = prepared;
    return { path: request.outputPath, frames, bytes: made.bytes, ending, soundCopied: copied };
  } finally {
    await rm(part, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** A joined file must hold every frame at its own place, and the song. */
async function verify(path: string, frames: number, format: Format): Promise<void> {
  const tracks = await readMp4Tracks(path);
  const video = tracks?.find((track) => track.kind === 'video');
  const hasSound = tracks?.some((track) => track.kind === 'audio') ?? false;
  const even = video?.sampleDurations.every((units) => units * format.fps === video.timescale) ?? false;
  if (video?.samples === frames && even && hasSound) return;
  throw new AppError({
    code: 'ComposeIncomplete',
    message: `The finished video should have ${frames} evenly spaced frames and the song, but has ${video?.samples ?? 0} frames. Compose it again.`,
    details: { expectedFrames: frames, frames: video?.samples ?? 0, even, hasSound },
  });
}
