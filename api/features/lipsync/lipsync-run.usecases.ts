import { join } from 'node:path';
import type { Format } from '../../contract/format.schema';
import type { LipsyncOptions } from '../../contract/lipsync.schema';
import type { JobContext } from '../../jobs/jobs.types';
import type { MediaRoom } from '../../media/media.room.types';
import type { LocalLipsyncProvider } from '../../providers/lipsync/local/local.provider';
import type { Clock } from '../../shared/clock';
import type { RunFacts } from './lipsync.models';

/** Names of the files in a lip-sync job's folder. */
export const runFiles = { clip: 'clip.mp4', slice: 'slice.wav', take: 'take.mp4' } as const;

export type RunLipsync = (
  run: {
    jobId: string;
    /** Holds `clip.mp4` (normalised) and `slice.wav`; gets `take.mp4`. */
    directory: string;
    format: Format;
    frames: number;
    options: LipsyncOptions;
    /** The share of the job's progress that the provider's run covers. */
    progress: { from: number; to: number };
  },
  context: JobContext,
) => Promise<RunFacts>;

/** Lets the provider sync a clip to a slice, and makes a take of exactly as many frames of the result. */
export function createLipsyncRun(deps: {
  clock: Clock;
  media: Pick<MediaRoom, 'fitTake'>;
  provider: LocalLipsyncProvider;
}): RunLipsync {
  const { clock, media, provider } = deps;
  return async ({ jobId, directory, format, frames, options, progress }, context) => {
    const started = clock.now().getTime();
    const path = (name: string) => join(directory, name);
    const { signal, log } = context;
    const result = await provider.run(
      {
        jobId,
        videoPath: path(runFiles.clip),
        audioPath: path(runFiles.slice),
        outputPath: path('synced.mp4'),
        workDirectory: directory,
        ...format,
        frames,
        options,
      },
      {
        signal,
        progress: (stage, fraction) =>
          context.progress(stage, progress.from + (progress.to - progress.from) * fraction),
        log,
      },
    );
    context.progress('checking', progress.to);
    await media.fitTake(
      {
        input: path('synced.mp4'),
        output: path(runFiles.take),
        format,
        frames,
        workDirectory: directory,
      },
      { signal },
    );
    return {
      provider: provider.name,
      model: result.model,
      ignoredOptions: result.ignoredOptions,
      report: result.report,
      processingTimeSeconds: (clock.now().getTime() - started) / 1000,
    };
  };
}
