import { join } from 'node:path';
import * as v from 'valibot';
import { FormatSchema } from '../../contract/format.schema';
import type { Job } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { jobEnded } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { imageKey, videoKey } from '../../library/media-keys.rules';
import { type GivenMedia, type MediaSource, MediaSourceSchema } from '../../library/media-source.rules';
import { insertVideo } from '../../library/videos.repository';
import type { MediaService } from '../../media/media.service.types';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { type VideoJob, VideoJobSchema } from '../../provider-work/generation.rules';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import type { NewId } from '../../shared/ids';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';

/** The largest picture that is fetched; a PNG of 4K noise has 25 MB. */
const MAX_IMAGE_BYTES = 64 * 1024 ** 2;

/** A clip outside any scene: as asked for, or with an image that is still to be fetched. */
const StandaloneJobSchema = v.object({
  ...VideoJobSchema.entries,
  format: FormatSchema,
  imageUrl: v.nullable(v.string()),
  /** Where the image lies; not there in jobs of older versions, whose URL is one elsewhere. */
  imageSource: v.optional(v.nullable(MediaSourceSchema)),
});
export type StandaloneVideoJob = v.InferOutput<typeof StandaloneJobSchema>;

export const standaloneVideoJob = defineJob({
  kind: 'standalone_video',
  pool: poolByProvider('ffmpeg'),
  options: StandaloneJobSchema,
  result: v.object({ videoId: v.string(), ...RunFactsSchema.entries }),
  completions: {
    'generate.standalone.made': v.object({
      jobId: v.string(),
      videoId: v.string(),
      job: StandaloneJobSchema,
      facts: RunFactsSchema,
      unended: UnendedCallSchema,
    }),
  },
});

/** Lets a provider make a clip from words, and keeps it as a video. */
export function createStandaloneVideoJob(deps: {
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  storage: Pick<Storage, 'storeTemporary' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeImage'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runGeneration: Pick<RunGeneration, 'clip'>;
  givenMedia: Pick<GivenMedia, 'fetch'>;
}) {
  const { newId, jobs, storage, media } = deps;

  /** The first frame, as a picture that a provider can be given. */
  async function fetchImage(job: Job, source: MediaSource, directory: string, signal: AbortSignal) {
    const input = join(directory, 'fetched');
    await deps.givenMedia.fetch(source, { toPath: input, maxBytes: MAX_IMAGE_BYTES, signal });
    const path = join(directory, 'first-frame');
    const { contentType } = await media.makeImage({ input, output: path }, { signal });
    const [stored] = await storage.storeTemporary({
      files: [{ path, key: imageKey(newId(), endingOf(contentType)), contentType }],
      jobId: job.id,
      signal,
    });
    if (stored === undefined) throw new Error('The image was not stored.');
    return { key: stored.key, sha256: stored.sha256, contentType };
  }

  return standaloneVideoJob.by({
    complete: {
      async 'generate.standalone.made'(tx, files, args) {
        const { jobId, videoId, job, facts, unended } = args;
        const [file] = files;
        if (file === undefined) throw new Error('A clip without a file.');
        const { prompt, negativePrompt, seed, frames, format, imageUrl } = job;
        await insertVideo(tx, {
          id: videoId,
          projectId: null,
          s3Key: file.key,
          soundKey: null,
          contentType: file.contentType,
          bytes: file.bytes,
          sha256: file.sha256,
          ...format,
          frames,
          jobId,
          madeBy: madeByOf(facts, { prompt, negativePrompt, seed, imageUrl }),
        });
        if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
        if (!(await jobs.succeed(tx, jobId, { result: { videoId, ...facts } }))) throw jobEnded();
      },
    },

    async run({ job, options: asked, store }, context) {
      await using directory = await storage.temporaryDirectory(job.id);
      const { signal } = context;
      context.progress('fetching', 0);
      const { imageUrl } = asked;
      const source =
        asked.imageSource ?? (imageUrl === null ? null : { from: 'url' as const, url: imageUrl });
      const image = source === null ? null : await fetchImage(job, source, directory.path, signal);
      const { facts, unended } = await deps.runGeneration.clip(
        {
          job,
          directory: directory.path,
          format: asked.format,
          asked: { ...asked, image } satisfies VideoJob,
          caption: { title: asked.prompt, sequence: null },
        },
        context,
      );
      context.progress('storing', 0.95);
      const videoId = newId();
      await store({
        files: [
          {
            path: join(directory.path, madeFiles.take),
            key: videoKey(videoId),
            contentType: 'video/mp4',
          },
        ],
        completion: 'generate.standalone.made',
        arguments: { jobId: job.id, videoId, job: asked, facts, unended },
      });
    },
  });
}
