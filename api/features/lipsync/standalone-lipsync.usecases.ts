import type * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { StandaloneLipsyncRequest, StandaloneLipsyncResultSchema } from '../../contract/video.schema';
import type { Jobs } from '../../jobs/jobs.types';
import type { GivenMedia, MediaSource } from '../../library/media-source.rules';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { findSong, lockProject } from '../../library/projects.repository';
import type { Presign } from '../../library/projects.view';
import { listTakes } from '../../library/takes.repository';
import { requireVideo } from '../../library/videos.lookup';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { AppError } from '../../shared/errors';
import { unsyncedParent } from './lipsync.rules';
import { standaloneLipsyncJob } from './standalone-lipsync.job';
import type { StandaloneJob } from './standalone-lipsync.rules';

type Answer = v.InferOutput<typeof StandaloneLipsyncResultSchema>;

export type StandaloneLipsyncUsecases = ReturnType<typeof createStandaloneLipsyncUsecases>;

/** Lip-sync of any clip to any sound, given by URL or id; the result can become a scene's take. */
export function createStandaloneLipsyncUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'create'>;
  providers: Pick<ProviderUsecases, 'choose'>;
  presign: Presign;
  givenMedia: Pick<GivenMedia, 'locate'>;
}) {
  const { sql, jobs, givenMedia, presign } = deps;

  async function videoSource(body: StandaloneLipsyncRequest): Promise<MediaSource> {
    if (body.video_url !== undefined) return givenMedia.locate(body.video_url);
    const video = await requireVideo(sql, body.video_id ?? '');
    return { from: 'storage', key: video.s3Key, sha256: video.sha256 };
  }

  async function audioSource(body: StandaloneLipsyncRequest): Promise<MediaSource> {
    if (body.audio_url !== undefined) return givenMedia.locate(body.audio_url);
    const song = await findSong(sql, body.audio_id ?? '');
    if (song === null) {
      throw new AppError({
        code: 'AudioNotFound',
        message: `There is no song "${body.audio_id}". audio_id is the id of a project's song.`,
      });
    }
    return { from: 'storage', key: song.masterKey, sha256: song.masterSha256 };
  }

  async function target(body: StandaloneLipsyncRequest): Promise<StandaloneJob['target']> {
    if (body.project_id === undefined || body.sequence === undefined) return null;
    const project = await requireProject(sql, body.project_id);
    const { scene } = await requireScene(sql, project, String(body.sequence));
    const parent =
      scene.currentTake === null ? null : unsyncedParent(scene.currentTake, await listTakes(sql, scene.id));
    if (parent === null) throw sceneHasNoVideo(scene.sequence);
    return { projectId: project.id, sceneId: scene.id, parentTakeId: parent.id };
  }

  return {
    /**
     * Starts a lip-sync outside the timeline.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `VideoNotFound`,
     * `AudioNotFound`, `UrlNotAllowed`, `MediaUrlEnded`, `ProviderNotEnabled`, `ModelNotOffered`, `SceneBusy`
     */
    async start(body: StandaloneLipsyncRequest): Promise<Job> {
      const scene = await target(body);
      const provider = deps.providers.choose('lipsync', body);
      const options: StandaloneJob = {
        video: await videoSource(body),
        audio: await audioSource(body),
        startTime: body.start_time ?? 0,
        endTime: body.end_time ?? null,
        lipsync: {
          temperature: body.temperature,
          active_speaker_detection: body.active_speaker_detection,
          occlusion_detection_enabled: body.occlusion_detection_enabled,
          ...(body.speaker === undefined ? {} : { speaker: body.speaker }),
        },
        target: scene,
      };
      return sql.begin(async (tx) => {
        if (scene !== null) await lockProject(tx, scene.projectId);
        return jobs.create(
          tx,
          standaloneLipsyncJob.newJob({
            projectId: scene?.projectId ?? null,
            sceneId: scene?.sceneId ?? null,
            provider: provider.name,
            model: provider.model,
            options,
            enqueue: true,
          }),
        );
      });
    },

    /** The finished lip-sync as the API answers it. */
    async present(job: Job): Promise<Answer> {
      const result = standaloneLipsyncJob.resultOf(job);
      const asked = standaloneLipsyncJob.optionsOf(job);
      return {
        job_id: job.id,
        status: job.state,
        video_id: result.videoId,
        video_url: await presign(result.videoKey),
        audio_url: await presign(result.soundKey),
        metadata: {
          provider: result.provider,
          model: result.model,
          options: asked.lipsync,
          ignored_options: result.ignoredOptions,
          cost_usd: result.costUsd,
          charged: job.charged,
          received_frames: result.receivedFrames,
          processing_time_seconds: result.processingTimeSeconds,
          file_size: result.bytes,
          duration: result.frames / result.fps,
          width: result.width,
          height: result.height,
          fps: result.fps,
          frames: result.frames,
          generation_timestamp: job.finishedAt ?? job.updatedAt,
          start_time: asked.startTime,
          end_time: result.soundEnd,
          model_used: result.model,
          parameters_used: asked.lipsync,
          file_size_bytes: result.bytes,
        },
      };
    },
  };
}
