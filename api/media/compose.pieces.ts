import { join } from 'node:path';
import type { Format } from '../contract/format.schema';
import { AppError } from '../shared/errors';
import type { ComposePiece, ComposePlan } from './compose.plan.rules';
import { safeInput } from './ffmpeg.arguments';
import { runFfmpeg } from './ffmpeg.runner';
import type { MediaTools, StepOptions } from './media.types';
import {
  mezzanineContainerArguments,
  mezzanineFilters,
  mezzanineVideoArguments,
} from './mezzanine.arguments';
import type { JoinedVideo } from './mp4.join';
import { verifyTake } from './normalise';

/**
 * Makes the pieces of a plan that can't be copied, as files in the folder that join with the takes; returns
 * all pieces, ready to be joined.
 * @throws AppError `DamagedMedia` when a take has fewer frames than its index says
 */
export async function makePieces(
  tools: MediaTools,
  request: { plan: ComposePlan; takePaths: string[]; format: Format; folder: string },
  options: StepOptions = {},
): Promise<JoinedVideo[]> {
  const { plan, takePaths, format, folder } = request;
  const made: JoinedVideo[] = [];
  for (const [at, piece] of plan.pieces.entries()) {
    const takePath = takePaths[piece.index];
    if (takePath === undefined) throw new Error('A piece of no take.');
    if (piece.kind === 'copy') {
      made.push({ path: takePath, from: piece.from, to: piece.to });
      continue;
    }
    const frames = piece.to - piece.from + piece.hold;
    const outputPath = join(folder, `piece-${at}.mp4`);
    await runFfmpeg(tools, {
      step: 'Fade the video',
      args: pieceArguments(piece, plan, takePath, format, outputPath),
      signal: options.signal,
      timeLimitSeconds: 60 + (piece.to + piece.hold) / 2,
    });
    await verifyTake(outputPath, frames, format);
    made.push({ path: outputPath });
  }
  return made;
}

/** One stretch of a take encoded anew: its place in the video decides how far a fade has come. */
export function pieceArguments(
  piece: ComposePiece,
  plan: ComposePlan,
  takePath: string,
  format: Format,
  outputPath: string,
): string[] {
  const { inFrames, outFrames } = plan.fades;
  const seconds = (frames: number) => (frames / format.fps).toFixed(9);
  // The first frame of a fade-in and the last one of a fade-out are black; others are their share of it.
  const fades = [
    ...(piece.start < inFrames ? [`fade=t=in:st=0:d=${seconds(inFrames)}`] : []),
    ...(outFrames > 0
      ? [`fade=t=out:st=${seconds(plan.frames - outFrames - 1)}:d=${seconds(outFrames)}`]
      : []),
  ];
  const filters = [
    `trim=start_frame=${piece.from}:end_frame=${piece.to}`,
    `setpts=PTS-STARTPTS+${piece.start}/${format.fps}/TB`,
    ...(piece.hold > 0 ? [`tpad=stop_mode=clone:stop=${piece.hold}`] : []),
    ...fades,
    'setpts=PTS-STARTPTS',
    ...mezzanineFilters(),
  ];
  return [
    ...['-threads', '1', '-filter_threads', '1', ...safeInput(takePath), '-map', '0:V:0'],
    ...['-vf', filters.join(','), '-frames:v', String(piece.to - piece.from + piece.hold)],
    ...mezzanineVideoArguments(format, 2),
    ...['-an', ...mezzanineContainerArguments(), outputPath],
  ];
}

/** A black take for a scene that has no clip yet; joins with the others. */
export async function makeSlate(
  tools: MediaTools,
  request: { frames: number; format: Format; outputPath: string },
  options: StepOptions = {},
): Promise<void> {
  const { frames, format, outputPath } = request;
  if (!Number.isSafeInteger(frames) || frames < 1) {
    throw new AppError({ code: 'NothingToCompose', message: 'A scene without a clip needs a length.' });
  }
  const { width, height, fps } = format;
  await runFfmpeg(tools, {
    step: 'Make a black picture',
    args: [
      ...['-f', 'lavfi', '-i', `color=c=black:s=${width}x${height}:r=${fps}`],
      ...[
        '-vf',
        mezzanineFilters().join(','),
        '-frames:v',
        String(frames),
        ...mezzanineVideoArguments(format),
      ],
      ...['-an', ...mezzanineContainerArguments(), outputPath],
    ],
    signal: options.signal,
    timeLimitSeconds: 60 + frames / 10,
  });
  await verifyTake(outputPath, frames, format);
}
