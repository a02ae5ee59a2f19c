import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Job } from '../../contract/job.schema';
import type { StandaloneLipsyncRequest, StandaloneLipsyncResultSchema } from '../../contract/video.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone, twoFiles } from '../../library/completions.errors';
import { takeKey, videoKey, videoSoundKey } from '../../library/media-keys.rules';
import type { GivenMedia, MediaSource } from '../../library/media-source.rules';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { findProject, findSong, lockProject } from '../../library/projects.repository';
import type { Presign } from '../../library/projects.view';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findOriginal, findTake, listTakes } from '../../library/takes.repository';
import { newTake, ofParent } from '../../library/takes.rules';
import { requireVideo } from '../../library/videos.lookup';
import { insertVideo } from '../../library/videos.repository';
import type { MediaService } from '../../media/media.service.types';
import { type RunLipsync, runFiles } from '../../provider-work/lipsync-run.usecases';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import type { Completion, Storage } from '../../storage/storage.types';
import { unsyncedParent } from './lipsync.rules';
import { nearestFormat, type StandaloneJob, StandaloneJobSchema } from './standalone-lipsync.rules';

export const STANDALONE_LIPSYNC_MADE = 'lipsync.standalone.made';

const FormatFields = { width: v.number(), height: v.number(), fps: v.number(), frames: v.number() };
/** Where the part of the sound that was used ends, in seconds; results made before it was kept have none. */
const SoundEndSchema = v.optional(v.nullable(v.number()), null);
const MadeSchema = v.object({
  jobId: v.string(),
  videoId: v.string(),
  job: StandaloneJobSchema,
  facts: RunFactsSchema,
  unended: UnendedCallSchema,
  soundEnd: SoundEndSchema,
  ...FormatFields,
});
const ResultSchema = v.object({
  videoId: v.string(),
  videoKey: v.string(),
  soundKey: v.string(),
  bytes: v.number(),
  soundEnd: SoundEndSchema,
  ...FormatFields,
  ...RunFactsSchema.entries,
});
type Result = v.InferOutput<typeof ResultSchema>;
type Answer = v.InferOutput<typeof StandaloneLipsyncResultSchema>;

export type StandaloneLipsyncUsecases = ReturnType<typeof createStandaloneLipsyncUsecases>;

/** Lip-sync of any clip to any sound, given by URL or id; the result can become a scene's take. */
export function createStandaloneLipsyncUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'checkClip' | 'checkSong' | 'makeTake' | 'makeSong' | 'cutSlice'>;
  providers: Pick<ProviderUsecases, 'choose'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runLipsync: RunLipsync;
  presign: Presign;
  givenMedia: GivenMedia;
  maxBytes: number;
}) {
  const { sql, newId, jobs, events, storage, media, givenMedia, presign } = deps;

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
        status: 404,
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

  const fetchSource = (source: MediaSource, toPath: string, signal: AbortSignal) =>
    givenMedia.fetch(source, { toPath, maxBytes: deps.maxBytes, signal });

  /** Cuts the job's sound to its times and to the clip's length, as `slice.wav`; gives where it ends, in seconds. */
  async function prepareSound(
    asked: StandaloneJob,
    path: (name: string) => string,
    clip: { frames: number; format: Format },
    signal: AbortSignal,
  ): Promise<number> {
    await fetchSource(asked.audio, path('sound'), signal);
    await media.checkSong(path('sound'), signal);
    const song = await media.makeSong(
      {
        input: path('sound'),
        master: path('sound.wav'),
        encoded: path('sound.m4a'),
      },
      { signal },
    );
    const startSample = Math.round(asked.startTime * song.sampleRate);
    if (startSample >= song.samples) {
      throw new AppError({
        code: 'SliceOutsideAudio',
        status: 422,
        message: `start_time is ${asked.startTime} s, but the sound is only ${(song.samples / song.sampleRate).toFixed(3)} s long.`,
      });
    }
    const clipSamples = Math.round((clip.frames * song.sampleRate) / clip.format.fps);
    const wantedEnd = asked.endTime === null ? song.samples : Math.round(asked.endTime * song.sampleRate);
    const endSample = Math.min(song.samples, wantedEnd, startSample + clipSamples);
    await media.cutSlice({
      master: path('sound.wav'),
      output: path(runFiles.slice),
      startSample,
      endSample,
    });
    return endSample / song.sampleRate;
  }

  const made: Completion = async (tx, files, args) => {
    const { jobId, videoId, job, facts, unended, soundEnd, ...size } = v.parse(MadeSchema, args);
    const [video, sound] = twoFiles(files);
    const madeBy = { ...madeByOf(facts, job.lipsync), soundKey: sound.key };
    const result: Result = {
      videoId,
      videoKey: video.key,
      soundKey: sound.key,
      bytes: video.bytes,
      soundEnd,
      ...size,
      ...facts,
    };
    const succeed = async () => {
      if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
      return jobs.succeed(tx, jobId, { result });
    };
    if (job.target === null) {
      await insertVideo(tx, {
        ...fileColumns(video),
        ...size,
        id: videoId,
        projectId: null,
        soundKey: sound.key,
        madeBy,
        jobId,
      });
      if (!(await succeed())) throw jobEnded();
      return;
    }
    const { projectId, sceneId, parentTakeId } = job.target;
    await addTake(tx, {
      projectId,
      sceneId,
      async takes() {
        const parent = await findTake(tx, parentTakeId);
        const original = parent === null ? null : await findOriginal(tx, parent);
        if (parent === null || original === null) throw sceneGone();
        const take = newTake({
          ...ofParent(parent),
          ...fileColumns(video),
          id: videoId,
          kind: 'lipsynced',
          width: size.width,
          height: size.height,
          frames: size.frames,
          sourceName: null,
          soundKey: sound.key,
          soundBytes: sound.bytes,
          soundSha256: sound.sha256,
          madeBy,
          costUsd: facts.costUsd,
          jobId,
        });
        return [{ take, pointers: { currentTakeId: videoId, originalTakeId: original.id } }];
      },
      succeed,
      publish: events.publish,
      reason: 'scene.lipsynced',
    });
  };

  return {
    completions: { [STANDALONE_LIPSYNC_MADE]: made },

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
        return jobs.create(tx, {
          kind: 'standalone_lipsync',
          projectId: scene?.projectId ?? null,
          sceneId: scene?.sceneId ?? null,
          provider: provider.name,
          model: provider.model,
          options,
          enqueue: true,
        });
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(StandaloneJobSchema, job.options);
      const directory = await storage.temporaryDirectory(job.id);
      const path = (name: string) => join(directory.path, name);
      const { signal } = context;
      try {
        context.progress('fetching', 0);
        await fetchSource(asked.video, path('source'), signal);
        const clip = await media.checkClip(path('source'), signal);
        const project = asked.target === null ? null : await findProject(sql, asked.target.projectId);
        const format: Format = project === null ? nearestFormat(clip.video) : formatOf(project);
        context.progress('normalising', 0.1);
        const { frames } = await media.makeTake(
          { input: path('source'), output: path(runFiles.clip), format },
          { signal },
        );
        const soundEnd = await prepareSound(asked, path, { frames, format }, signal);
        const { facts, unended } = await deps.runLipsync(
          {
            job,
            directory: directory.path,
            format,
            frames,
            options: asked.lipsync,
            progress: { from: 0.2, to: 0.92 },
          },
          context,
        );
        context.progress('storing', 0.95);
        const videoId = newId();
        const { target: scene } = asked;
        const key = scene === null ? videoKey(videoId) : takeKey(scene.projectId, scene.sceneId, videoId);
        const soundKey =
          scene === null ? videoSoundKey(videoId) : takeKey(scene.projectId, scene.sceneId, videoId, 'wav');
        await storage.storeFiles({
          files: [
            { path: path(runFiles.take), key, contentType: 'video/mp4' },
            { path: path(runFiles.slice), key: soundKey, contentType: 'audio/wav' },
          ],
          jobId: job.id,
          completion: STANDALONE_LIPSYNC_MADE,
          arguments: {
            jobId: job.id,
            videoId,
            job: asked,
            ...format,
            frames,
            facts,
            unended,
            soundEnd,
          },
          signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished lip-sync as the API answers it. */
    async present(job: Job): Promise<Answer> {
      const result = v.parse(ResultSchema, job.result);
      const asked = v.parse(StandaloneJobSchema, job.options);
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

const formatOf = ({ width, height, fps }: Format): Format => ({ width, height, fps });
