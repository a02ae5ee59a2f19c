import { join } from 'node:path';
import type { Format } from '../contract/format.schema';
import type { Job } from '../contract/job.schema';
import type { LipsyncOptions } from '../contract/lipsync.schema';
import type { JobContext } from '../jobs/jobs.types';
import type { MediaService } from '../media/media.service.types';
import type { StartProviderRun } from './provider-run.usecases';
import type { ProviderUsecases } from './providers.usecases';
import type { Run } from './run-facts.rules';

/** Names of the files in a lip-sync job's folder. */
export const runFiles = { clip: 'clip.mp4', slice: 'slice.wav', take: 'take.mp4' } as const;

export type RunLipsync = (
  run: {
    job: Job;
    /** Holds `clip.mp4` (normalised) and `slice.wav`; gets `take.mp4`. */
    directory: string;
    format: Format;
    frames: number;
    options: LipsyncOptions;
    /** The share of the job's progress that the provider's run covers. */
    progress: { from: number; to: number };
  },
  context: JobContext,
) => Promise<Run>;

/** Lets the provider sync a clip to a slice, and makes a take of exactly as many frames of the result. */
export function createLipsyncRun(deps: {
  media: Pick<MediaService, 'fitTake'>;
  providers: Pick<ProviderUsecases, 'ofJob'>;
  startProviderRun: StartProviderRun;
}): RunLipsync {
  const { media, providers, startProviderRun } = deps;
  return async ({ job, directory, format, frames, options, progress }, context) => {
    const path = (name: string) => join(directory, name);
    const provider = providers.ofJob('lipsync', job);
    await using run = startProviderRun({ job, provider, directory, progress }, context);
    const synced = path('synced.mp4');
    const outcome = await provider.run(
      {
        jobId: job.id,
        videoPath: path(runFiles.clip),
        audioPath: path(runFiles.slice),
        outputPath: synced,
        workDirectory: directory,
        ...format,
        frames,
        options,
      },
      run.context,
    );
    const take = { input: synced, output: path(runFiles.take), format, frames };
    // Awaited here: the run ends with this function.
    return await run.fit(outcome, () => media.fitTake(take, { signal: context.signal }));
  };
}
