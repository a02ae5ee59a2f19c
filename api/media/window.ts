import { rename, rm } from 'node:fs/promises';
import type { Format } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import { reachedFrames } from '../shared/frames';
import { type ClipInfo, inspectClip } from './check';
import { runFfmpeg } from './ffmpeg.runner';
import type { TakeWindow } from './media.service.types';
import type { MediaTools, StepOptions } from './media.types';
import { reorderSamples } from './mp4.reorder';
import { requireToneMapping, timeLimit, verifyTake } from './normalise';
import { clipFrames } from './normalise.arguments';
import {
  backAndForthArguments,
  forwardArguments,
  type WindowRender,
  windowArguments,
} from './window.arguments';

export type WindowRequest = {
  sourcePath: string;
  /** What checkClip said about the source, when it is known already. */
  info?: ClipInfo;
  format: Format;
  window: TakeWindow;
  outputPath: string;
  threads?: number;
};

/** A take of a window: always window.frames long; `held` of them at its end were filled by the ending. */
export type WindowTake = { frames: number; sourceFrames: number; held: number };

/**
 * Renders what a window shows of a source. Needs little memory at any length; going back and forth needs a
 * file of near lossless frames beside the output meanwhile.
 * @throws AppError the refusals of checkClip, `TrimOutsideClip`, `DamagedMedia`, `HdrNotSupported`
 */
export async function renderWindow(
  tools: MediaTools,
  request: WindowRequest,
  options: StepOptions = {},
): Promise<WindowTake> {
  const { format, window, outputPath } = request;
  const info = request.info ?? (await inspectClip(tools, request.sourcePath, options.signal));
  const sourceFrames = clipFrames(info.video, format);
  checkWindow(window, sourceFrames);
  if (info.video.hdr !== null) await requireToneMapping(tools, options.signal);
  const reached = Math.min(window.frames, reachedFrames(sourceFrames, window));
  const part = `${outputPath}.part`;
  const render: WindowRender = {
    sourcePath: request.sourcePath,
    container: info.container,
    video: info.video,
    hasSound: info.audio !== null,
    format,
    window,
    frames: window.frames,
    reached,
    threads: request.threads ?? 2,
    outputPath: part,
  };
  const cut = {
    firstFrame: window.inFrame,
    frames: Math.max(window.frames, Math.ceil(reached * window.speed)),
  };
  const run = (args: string[], frames: number, from: number, to: number) =>
    runFfmpeg(tools, {
      step: 'Fit the clip to the scene',
      args,
      signal: options.signal,
      timeLimitSeconds: timeLimit(info.video, cut),
      onProgress: (progress) =>
        options.onProgress?.(from + (to - from) * Math.min(1, progress.frames / frames)),
    });
  const forward = `${outputPath}.forward.part`;
  try {
    if (window.ending === 'bounce' && reached < window.frames && reached > 1) {
      await run(forwardArguments({ ...render, outputPath: forward }), reached, 0, 0.3);
      await verifyTake(forward, reached, format);
      await reorderSamples(forward, backAndForth(reached, window.frames));
      await run(backAndForthArguments(render, forward), window.frames, 0.3, 1);
    } else {
      await run(windowArguments(render), window.frames, 0, 1);
    }
    await verifyTake(part, window.frames, format);
    await rename(part, outputPath);
    return { frames: window.frames, sourceFrames, held: window.frames - reached };
  } finally {
    await rm(part, { force: true });
    await rm(forward, { force: true });
  }
}

/** Pure: indexes of a clip of `reached` frames played back and forth; neither end comes twice in a row. */
export function backAndForth(reached: number, frames: number): number[] {
  const round = Math.max(1, 2 * (reached - 1));
  return Array.from({ length: frames }, (_, frame) => {
    const at = frame % round;
    return at < reached ? at : round - at;
  });
}

function checkWindow(window: TakeWindow, sourceFrames: number): void {
  const { inFrame, frames, speed } = window;
  const isWhole = Number.isSafeInteger(inFrame) && Number.isSafeInteger(frames);
  if (isWhole && inFrame >= 0 && inFrame < sourceFrames && frames >= 1 && speed > 0) return;
  throw new AppError({
    code: 'TrimOutsideClip',
    message: `The clip must be shown from one of its frames, 0 to ${sourceFrames - 1}, for one frame or more.`,
    details: { inFrame, outFrame: inFrame + frames, clipFrames: sourceFrames },
  });
}
