import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComposeEnding } from '../contract/compose.schema';
import { type Format, SAMPLE_RATE } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import { frameToSample } from '../shared/frames';
import { makePieces } from './compose.pieces';
import { type ComposePlan, composePlan, type Fades, type PlannedTake } from './compose.plan.rules';
import { type ComposedSong, type PreparedSound, prepareSound } from './compose.sound';
import type { MediaTools, StepOptions } from './media.types';
import { assertJoinable, type MezzanineInfo } from './mezzanine';
import { readMp4Tracks } from './mp4.boxes';
import { joinVideos } from './mp4.join';
import { readMp4Samples } from './mp4.samples';
import { readWav } from './wav';

export type ComposeRequest = {
  /** Normalised takes in display order; the same file may come more than once. */
  takePaths: string[];
  song: ComposedSong;
  format: Format;
  outputPath: string;
  /** A folder in which a temporary one is made and removed again. */
  workDirectory: string;
  /** What happens where pictures and song differ in length; default: nothing. */
  ending?: ComposeEnding;
  /** Fades of picture and sound at the video's ends; default: none. */
  fades?: Fades;
};

export type Composed = {
  path: string;
  frames: number;
  /** Frames of all takes together; `frames` differs from it only where an ending was asked for. */
  takeFrames: number;
  bytes: number;
  ending: PreparedSound['ending'];
  soundCopied: boolean;
};

/**
 * Puts takes and song together by copying both; nothing is encoded but the last second or two of
 * the song, and of the pictures what a fade touches. Throws NothingToCompose, TakesNotJoinable, ComposeIncomplete. The output is
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
  const takeFrames = takes.reduce((sum, take) => sum + take.frames, 0);
  const plan = await planOf(request, takes);
  const { frames } = plan;
  const folder = await mkdtemp(join(request.workDirectory, 'compose-'));
  const part = `${request.outputPath}.part`;
  try {
    const videoSamples = frameToSample(frames, format.fps, SAMPLE_RATE);
    const fades = {
      inSamples: frameToSample(plan.fades.inFrames, format.fps, SAMPLE_RATE),
      outSamples: frameToSample(plan.fades.outFrames, format.fps, SAMPLE_RATE),
    };
    const video = { samples: videoSamples, fades };
    const step = options.signal === undefined ? {} : { signal: options.signal };
    const [prepared, videos] = await bothOf(
      prepareSound(tools, request.song, video, folder, options.signal),
      makePieces(tools, { plan, takePaths: request.takePaths, format, folder }, step),
    );
    options.onProgress?.(0.2);
    const made = await joinVideos(
      { videos, sound: prepared.sound, outputPath: part },
      {
        ...step,
        onProgress: (fraction) => options.onProgress?.(0.2 + 0.75 * fraction),
      },
    );
    await verify(part, frames, format);
    await rename(part, request.outputPath);
    options.onProgress?.(1);
    const { ending, copied } = prepared;
    return { path: request.outputPath, frames, takeFrames, bytes: made.bytes, ending, soundCopied: copied };
  } finally {
    await rm(part, { force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** What two works at once made; when one fails the other is over as well before it is told. */
async function bothOf<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** Reads no more than the plan needs: without fades and ending every take is copied whole. */
async function planOf(request: ComposeRequest, takes: MezzanineInfo[]): Promise<ComposePlan> {
  const { ending = 'as-is', fades = { inFrames: 0, outFrames: 0 }, format } = request;
  const song = await readWav(request.song.masterPath);
  const songFrames = Math.round((song.samples * format.fps) / SAMPLE_RATE);
  const planned: PlannedTake[] = [];
  for (const [index, { frames }] of takes.entries()) {
    const keyFrames = fades.inFrames > 0 ? await keyFramesOf(request.takePaths[index] ?? '') : [0];
    planned.push({ frames, keyFrames });
  }
  return composePlan(planned, { songFrames, ending, fades });
}

async function keyFramesOf(path: string): Promise<number[]> {
  const table = await readMp4Samples(path, 'video');
  return table === null ? [] : (table.keyFrames ?? [...table.samples.keys()]);
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
