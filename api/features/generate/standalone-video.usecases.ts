import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { FormatSchema } from '../../contract/format.schema';
import type { StandaloneVideo, StandaloneVideoResult } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { jobEnded } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { imageKey, videoKey } from '../../library/media-keys.rules';
import { type GivenMedia, type MediaSource, MediaSourceSchema } from '../../library/media-source.rules';
import type { Presign } from '../../library/projects.view';
import { requireVideo } from '../../library/videos.lookup';
import { insertVideo } from '../../library/videos.repository';
import type { MediaService } from '../../media/media.service.types';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { type VideoJob, VideoJobSchema } from '../../provider-work/generation.rules';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import type { NewId } from '../../shared/ids';
import type { Completion, Storage } from '../../storage/storage.types';
import { askedVideoOptions } from './generate.rules';
import { GeneratedResultSchema } from './generated-take.usecases';
import type { SceneVideoUsecases } from './scene-video.usecases';

export const STANDALONE_VIDEO_MADE = 'generate.standalone.made';

/** A clip outside any scene: as asked for, or with an image that is still to be fetched. */
const StandaloneJobSchema = v.object({
  ...VideoJobSchema.entries,
  format: FormatSchema,
  imageUrl: v.nullable(v.string()),
  /** Where the image lies; not there in jobs of older versions, whose URL is one elsewhere. */
  imageSource: v.optional(v.nullable(MediaSourceSchema)),
});
const MadeSchema = v.object({
  jobId: v.string(),
  videoId: v.string(),
  job: StandaloneJobSchema,
  facts: RunFactsSchema,
  unended: UnendedCallSchema,
});
const ResultSchema = v.object({ videoId: v.string(), ...RunFactsSchema.entries });

/** The largest picture that is fetched; a PNG of 4K noise has 25 MB. */
const MAX_IMAGE_BYTES = 64 * 1024 ** 2;

/** What is written down of an image opens nothing of the studio's: its own URLs go without their signature. */
const urlToRemember = (source: MediaSource) => (source.from === 'url' ? source.url : `/media/${source.key}`);

export type StandaloneVideoUsecases = ReturnType<typeof createStandaloneVideoUsecases>;

/** A clip from words, outside any scene or for the scene that is named. */
export function createStandaloneVideoUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  storage: Pick<Storage, 'storeFiles' | 'storeTemporary' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeImage'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runGeneration: Pick<RunGeneration, 'clip'>;
  sceneVideo: Pick<SceneVideoUsecases, 'start' | 'estimate'>;
  presign: Presign;
  givenMedia: GivenMedia;
}) {
  const { sql, newId, jobs, storage, media, providers } = deps;

  const jobOf = (body: StandaloneVideo): v.InferOutput<typeof StandaloneJobSchema> => ({
    prompt: body.prompt,
    negativePrompt: body.negative_prompt.trim(),
    seed: body.seed,
    frames: Math.max(1, Math.round(body.duration * body.format.fps)),
    image: null,
    imageCard: null,
    references: [],
    format: body.format,
    imageUrl: body.image_url ?? null,
  });

  /** What a scene's own call takes. */
  const sceneBody = (body: StandaloneVideo) => ({
    prompt: body.prompt,
    negativePrompt: body.negative_prompt,
    seed: body.seed,
    duration: body.duration,
    provider: body.provider,
    model: body.model,
  });

  const made: Completion = async (tx, files, args) => {
    const { jobId, videoId, job, facts, unended } = v.parse(MadeSchema, args);
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
  };

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

  return {
    completions: { [STANDALONE_VIDEO_MADE]: made },

    /**
     * Starts a clip; one for a scene is that scene's own job.
     * @throws AppError `UrlNotAllowed`, `ProviderNotEnabled`, `ModelNotOffered`, and those of a scene's clip
     */
    async start(body: StandaloneVideo): Promise<Job> {
      if (body.project_id !== undefined && body.sequence !== undefined) {
        return deps.sceneVideo.start(body.project_id, String(body.sequence), sceneBody(body));
      }
      const imageSource = body.image_url === undefined ? null : await deps.givenMedia.locate(body.image_url);
      const provider = providers.choose('video', body);
      return sql.begin((tx) =>
        jobs.create(tx, {
          kind: 'standalone_video',
          projectId: null,
          sceneId: null,
          options: { ...jobOf(body), imageSource, imageUrl: imageSource && urlToRemember(imageSource) },
          provider: provider.name,
          model: provider.model,
          enqueue: true,
        }),
      );
    },

    /** What the same call would cost; nothing is started. @throws AppError as `start` */
    async estimate(body: StandaloneVideo): Promise<Estimate> {
      if (body.project_id !== undefined && body.sequence !== undefined) {
        return deps.sceneVideo.estimate(body.project_id, String(body.sequence), sceneBody(body));
      }
      const provider = providers.choose('video', body);
      const asked = askedVideoOptions(jobOf(body));
      return providers.estimate({
        kind: 'video',
        provider,
        seconds: provider.paidSeconds(body.duration),
        projectId: null,
        asked: body.image_url === undefined ? asked : [...asked, 'image'],
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(StandaloneJobSchema, job.options);
      const directory = await storage.temporaryDirectory(job.id);
      const { signal } = context;
      try {
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
        await storage.storeFiles({
          files: [
            {
              path: join(directory.path, madeFiles.take),
              key: videoKey(videoId),
              contentType: 'video/mp4',
            },
          ],
          jobId: job.id,
          completion: STANDALONE_VIDEO_MADE,
          arguments: { jobId: job.id, videoId, job: asked, facts, unended },
          signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished clip as the API answers it. */
    async present(job: Job): Promise<StandaloneVideoResult> {
      const isScene = job.kind === 'generate_video';
      const facts = isScene ? v.parse(GeneratedResultSchema, job.result) : v.parse(ResultSchema, job.result);
      const { prompt } = v.parse(VideoJobSchema, job.options);
      const video = await requireVideo(sql, 'takeId' in facts ? facts.takeId : facts.videoId);
      return {
        job_id: job.id,
        status: job.state,
        video_id: video.id,
        video_url: await deps.presign(video.s3Key),
        metadata: {
          provider: facts.provider,
          model: facts.model,
          prompt,
          ignored_options: facts.ignoredOptions,
          cost_usd: facts.costUsd,
          charged: job.charged,
          processing_time_seconds: facts.processingTimeSeconds,
          file_size: video.bytes,
          width: video.width,
          height: video.height,
          fps: video.fps,
          frames: video.frames,
          duration: video.frames / video.fps,
        },
      };
    },
  };
}
