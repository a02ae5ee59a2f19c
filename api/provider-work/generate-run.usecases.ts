import { join } from 'node:path';
import type { Format } from '../contract/format.schema';
import type { Job } from '../contract/job.schema';
import type { JobContext } from '../jobs/jobs.types';
import { endingOf } from '../library/file-endings.rules';
import type { MediaService } from '../media/media.service.types';
import type { Storage } from '../storage/storage.types';
import type { GivenFile, ImageJob, VideoJob } from './generation.rules';
import type { StartProviderRun } from './provider-run.usecases';
import type { ProviderUsecases } from './providers.usecases';
import type { Run } from './run-facts.rules';

/** Where the results lie in the job's folder. */
export const madeFiles = { image: 'image', take: 'take.mp4', source: 'made.mp4' } as const;

export type MadeImage = { width: number; height: number; contentType: string };
export type MadeClip = {
  frames: number;
  /** What the provider sent is kept beside the take, for trims; not when it is the take, or was too short. */
  keepSource: boolean;
};

type Of<Asked> = {
  job: Job;
  directory: string;
  format: Format;
  asked: Asked;
  caption: { title: string; sequence: number | null };
};

export type RunGeneration = ReturnType<typeof createGenerationRun>;

/** Lets a provider make an image or a clip, and fits it to what a project can hold. */
export function createGenerationRun(deps: {
  media: Pick<MediaService, 'fitTake' | 'makeImage'>;
  storage: Pick<Storage, 'download'>;
  providers: Pick<ProviderUsecases, 'ofJob'>;
  startProviderRun: StartProviderRun;
}) {
  const { media, storage, providers, startProviderRun } = deps;
  const progress = { from: 0.05, to: 0.9 };

  async function fetch(directory: string, name: string, file: GivenFile, signal: AbortSignal) {
    const path = join(directory, `${name}.${endingOf(file.contentType)}`);
    await storage.download(file.key, path, { signal, sha256: file.sha256 });
    return { path, contentType: file.contentType };
  }

  async function fetchReferences(directory: string, files: GivenFile[], signal: AbortSignal) {
    const references: { path: string; contentType: string }[] = [];
    for (const [index, file] of files.entries()) {
      references.push(await fetch(directory, `reference-${index + 1}`, file, signal));
    }
    return references;
  }

  return {
    /** Makes an image; it lies in the folder as `image`. */
    async image(of: Of<ImageJob>, context: JobContext): Promise<Run & { made: MadeImage }> {
      const { job, directory, format, asked, caption } = of;
      const { signal } = context;
      const provider = providers.ofJob('image', job);
      context.progress('fetching', 0);
      const references = await fetchReferences(directory, asked.references, signal);
      const { prompt, negativePrompt, seed } = asked;
      const outputPath = join(directory, 'made');
      await using providerRun = startProviderRun({ job, provider, directory, progress }, context);
      const outcome = await provider.run(
        {
          jobId: job.id,
          prompt,
          negativePrompt,
          seed,
          references,
          caption,
          outputPath,
          width: format.width,
          height: format.height,
          workDirectory: directory,
        },
        providerRun.context,
      );
      const { fitted, ...run } = await providerRun.fit(outcome, async () => {
        const files = { input: outputPath, output: join(directory, madeFiles.image) };
        return { ...(await media.makeImage(files, { signal })), received: null };
      });
      const { received: _, ...made } = fitted;
      return { ...run, made };
    },

    /** Makes a clip of exactly the frames asked for; it lies in the folder as `take.mp4`. */
    async clip(of: Of<VideoJob>, context: JobContext): Promise<Run & { made: MadeClip }> {
      const { job, directory, format, asked } = of;
      const { signal } = context;
      const provider = providers.ofJob('video', job);
      context.progress('fetching', 0);
      const references = await fetchReferences(directory, asked.references, signal);
      const image = asked.image === null ? null : await fetch(directory, 'image', asked.image, signal);
      const { prompt, negativePrompt, seed, frames } = asked;
      const outputPath = join(directory, madeFiles.source);
      await using providerRun = startProviderRun({ job, provider, directory, progress }, context);
      const outcome = await provider.run(
        {
          jobId: job.id,
          prompt,
          negativePrompt,
          seed,
          frames,
          references,
          outputPath,
          imagePath: image?.path ?? null,
          imageCard: asked.imageCard,
          lastImagePath: null,
          ...format,
          workDirectory: directory,
        },
        providerRun.context,
      );
      const take = { input: outputPath, output: join(directory, madeFiles.take), format, frames };
      const { fitted, ...run } = await providerRun.fit(outcome, () => media.fitTake(take, { signal }));
      const keepSource = fitted.reencoded && fitted.received >= frames;
      return { ...run, made: { frames: fitted.frames, keepSource } };
    },
  };
}
