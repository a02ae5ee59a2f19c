import { rename, rm, stat } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import { inspectClip } from './check';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaInfo, MediaTools, StepOptions, VideoTrackInfo } from './media.types';
import { type MezzanineInfo, readMezzanine } from './mezzanine';
import {
  clipFrames,
  type FrameRange,
  heldFramesAtEnd,
  normaliseArguments,
  toneMapFilterNames,
} from './normalise.arguments';

/** A finished take on disk. */
export type TakeFile = {
  path: string;
  frames: number;
  width: number;
  height: number;
  bytes: number;
  hasSound: boolean;
  /** What the decoder complained about; the frames are all there nevertheless. */
  warnings: string[];
};

export type NormaliseRequest = {
  sourcePath: string;
  /** What probeMedia or checkClip said about the source, when it is known already; looked up otherwise. */
  info?: MediaInfo;
  format: Format;
  /** Only these frames of the normalised clip (a trim); the whole clip without it. */
  range?: FrameRange;
  outputPath: string;
  /** Threads of the encoder: 2 for one clip that a person waits for, 1 when several run at once. */
  threads?: number;
};

/**
 * Makes a take from any clip: the project's size and rate, whole frames. A range gives exactly the
 * frames [in, out) of the take that the same source gives without one.
 * Throws the refusals of checkClip, TrimOutsideClip, DamagedMedia, HdrNotSupported.
 */
export async function normaliseClip(
  tools: MediaTools,
  request: NormaliseRequest,
  options: StepOptions = {},
): Promise<TakeFile> {
  const info = request.info ?? (await inspectClip(tools, request.sourcePath, options.signal));
  const video = videoOf(info);
  const whole = clipFrames(video, request.format);
  const range = request.range ?? { inFrame: 0, outFrame: whole };
  checkRange(range, whole);
  return makeTake(tools, request, info, video, options, {
    step: request.range === undefined ? 'Normalise the clip' : 'Trim the clip',
    firstFrame: range.inFrame,
    frames: range.outFrame - range.inFrame,
    heldFrames: heldFramesAtEnd(video, request.format),
  });
}

/**
 * Makes a take of exactly `frames` frames of whatever a provider sent: longer is cut, shorter
 * holds its last frame.
 */
export async function fitFrames(
  tools: MediaTools,
  request: Omit<NormaliseRequest, 'range'> & { frames: number },
  options: StepOptions = {},
): Promise<TakeFile> {
  const info = request.info ?? (await inspectClip(tools, request.sourcePath, options.signal));
  return makeTake(tools, request, info, videoOf(info), options, {
    step: 'Fit the result to the scene',
    firstFrame: 0,
    frames: request.frames,
    heldFrames: request.frames,
  });
}

type Cut = { step: string; firstFrame: number; frames: number; heldFrames: number };

async function makeTake(
  tools: MediaTools,
  request: Omit<NormaliseRequest, 'range'>,
  info: MediaInfo,
  video: VideoTrackInfo,
  options: StepOptions,
  cut: Cut,
): Promise<TakeFile> {
  if (video.hdr !== null) await requireToneMapping(tools, options.signal);
  const { format } = request;
  const part = `${request.outputPath}.part`;
  try {
    const run = await runFfmpeg(tools, {
      step: cut.step,
      args: normaliseArguments({
        sourcePath: request.sourcePath,
        container: info.container,
        video,
        hasSound: info.audio !== null,
        format,
        ...cut,
        threads: request.threads ?? 2,
        outputPath: part,
      }),
      signal: options.signal,
      timeLimitSeconds: timeLimit(video, cut),
      onProgress: ({ frames }) => options.onProgress?.(Math.min(1, frames / cut.frames)),
    });
    const made = await verifyTake(part, cut.frames, format);
    await rename(part, request.outputPath);
    const { size } = await stat(request.outputPath);
    return {
      path: request.outputPath,
      frames: made.frames,
      width: format.width,
      height: format.height,
      bytes: size,
      hasSound: made.hasSound,
      warnings: run.warnings,
    };
  } finally {
    await rm(part, { force: true });
  }
}

/** A take must be one of the format and have all its frames. @throws AppError `DamagedMedia` */
export async function verifyTake(path: string, frames: number, format: Format): Promise<MezzanineInfo> {
  const made = await readMezzanine(path, format);
  if (made === null || made.frames !== frames) throw tooFewFrames(made?.frames ?? 0, frames, format);
  return made;
}

function videoOf(info: MediaInfo): VideoTrackInfo {
  if (info.video === null)
    throw new AppError({ code: 'NoVideo', message: 'This file has no picture. Choose a video as clip.' });
  return info.video;
}

function checkRange(range: FrameRange, whole: number): void {
  const { inFrame, outFrame } = range;
  const isWhole = Number.isInteger(inFrame) && Number.isInteger(outFrame);
  if (isWhole && inFrame >= 0 && inFrame < outFrame && outFrame <= whole) return;
  throw new AppError({
    code: 'TrimOutsideClip',
    message: `The cut must lie inside the clip: in before out, both whole frames from 0 to ${whole}.`,
    details: { inFrame, outFrame, clipFrames: whole },
  });
}

function tooFewFrames(made: number, wanted: number, format: Format): AppError {
  const seconds = (frames: number) => (frames / format.fps).toFixed(1);
  return new AppError({
    code: 'DamagedMedia',
    message: `Only ${seconds(made)} of ${seconds(wanted)} s of the clip can be decoded: the file is damaged or was cut short. Export or download it again.`,
    details: { decodedFrames: made, expectedFrames: wanted },
  });
}

/**
 * 60 s to start with, and 1 s for every 2.5 megapixel-frames decoded or encoded on one slow core
 * (this machine does about 60 a second), so that only a stuck run is ended.
 */
export function timeLimit(video: VideoTrackInfo, cut: { firstFrame: number; frames: number }): number {
  const megapixels = (video.displayWidth * video.displayHeight) / 1e6;
  const frames = Math.max(video.frames, cut.firstFrame + cut.frames);
  return 60 + Math.ceil((frames * Math.max(1, megapixels)) / 2.5);
}

/** @throws AppError `HdrNotSupported` where this ffmpeg cannot make HDR fit for ordinary screens */
export async function requireToneMapping(tools: MediaTools, signal: AbortSignal | undefined): Promise<void> {
  const missing = await missingFilters(tools, toneMapFilterNames, signal);
  if (missing.length === 0) return;
  throw new AppError({
    code: 'HdrNotSupported',
    message: `This clip is HDR, and the ffmpeg of this server lacks ${missing.join(' and ')} to show it on ordinary screens. Export it as SDR (BT.709), or install an ffmpeg with zscale.`,
  });
}

/** Which of the named filters this ffmpeg cannot use. */
export async function missingFilters(
  tools: MediaTools,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<string[]> {
  const missing: string[] = [];
  for (const name of names) {
    const child = Bun.spawn([tools.ffmpegPath, '-hide_banner', '-h', `filter=${name}`], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
      ...(signal === undefined ? {} : { signal }),
    });
    const help = await new Response(child.stdout).text();
    await child.exited;
    if (!help.startsWith('Filter ')) missing.push(name);
  }
  return missing;
}
