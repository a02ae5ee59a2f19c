import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { StandaloneVideo, StandaloneVideoResult } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { Jobs } from '../../jobs/jobs.types';
import type { GivenMedia, MediaSource } from '../../library/media-source.rules';
import type { Presign } from '../../library/projects.view';
import { requireVideo } from '../../library/videos.lookup';
import { VideoJobSchema } from '../../provider-work/generation.rules';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { askedVideoOptions } from './generate.rules';
import { sceneVideoJob } from './scene-video.job';
import type { SceneVideoUsecases } from './scene-video.usecases';
import { type StandaloneVideoJob, standaloneVideoJob } from './standalone-video.job';

/** What is written down of an image opens nothing of the studio's: its own URLs go without their signature. */
const urlToRemember = (source: MediaSource) => (source.from === 'url' ? source.url : `/media/${source.key}`);

export type StandaloneVideoUsecases = ReturnType<typeof createStandaloneVideoUsecases>;

/** A clip from words, outside any scene or for the scene that is named. */
export function createStandaloneVideoUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'create'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate'>;
  sceneVideo: Pick<SceneVideoUsecases, 'start' | 'estimate'>;
  presign: Presign;
  givenMedia: Pick<GivenMedia, 'locate'>;
}) {
  const { sql, jobs, providers } = deps;

  const jobOf = (body: StandaloneVideo): StandaloneVideoJob => ({
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

  return {
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
        jobs.create(
          tx,
          standaloneVideoJob.newJob({
            projectId: null,
            sceneId: null,
            options: { ...jobOf(body), imageSource, imageUrl: imageSource && urlToRemember(imageSource) },
            provider: provider.name,
            model: provider.model,
            enqueue: true,
          }),
        ),
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

    /** The finished clip as the API answers it. */
    async present(job: Job): Promise<StandaloneVideoResult> {
      const isScene = job.kind === 'generate_video';
      const facts = isScene ? sceneVideoJob.resultOf(job) : standaloneVideoJob.resultOf(job);
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
