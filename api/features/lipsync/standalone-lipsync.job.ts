import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone, twoFiles } from '../../library/completions.errors';
import type { Fitting } from '../../library/fitting.types';
import { takeKey, videoKey, videoSoundKey } from '../../library/media-keys.rules';
import type { GivenMedia, MediaSource } from '../../library/media-source.rules';
import { findProject } from '../../library/projects.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findOriginal, findTake } from '../../library/takes.repository';
import { newTake, ofParent } from '../../library/takes.rules';
import { insertVideo } from '../../library/videos.repository';
import type { MediaService } from '../../media/media.service.types';
import { type RunLipsync, runFiles } from '../../provider-work/lipsync-run.usecases';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import { nearestFormat, type StandaloneJob, StandaloneJobSchema } from './standalone-lipsync.rules';

const FormatFields = { width: v.number(), height: v.number(), fps: v.number(), frames: v.number() };
/** Where the part of the sound that was used ends, in seconds; results made before it was kept have none. */
const SoundEndSchema = v.optional(v.nullable(v.number()), null);
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

export const standaloneLipsyncJob = defineJob({
  kind: 'standalone_lipsync',
  pool: poolByProvider('lipsync'),
  options: StandaloneJobSchema,
  result: ResultSchema,
  completions: {
    'lipsync.standalone.made': v.object({
      jobId: v.string(),
      videoId: v.string(),
      job: StandaloneJobSchema,
      facts: RunFactsSchema,
      unended: UnendedCallSchema,
      soundEnd: SoundEndSchema,
      ...FormatFields,
    }),
  },
});

/** Fetches clip and sound, lets a provider move the mouth, and keeps the result as a video or as a scene's take. */
export function createStandaloneLipsyncJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  storage: Pick<Storage, 'temporaryDirectory'>;
  media: Pick<MediaService, 'checkClip' | 'checkSong' | 'makeTake' | 'makeSong' | 'cutSlice'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runLipsync: RunLipsync;
  givenMedia: Pick<GivenMedia, 'fetch'>;
  maxUploadBytes: number;
}) {
  const { sql, newId, jobs, events, storage, media, givenMedia, fitting } = deps;

  const fetchSource = (source: MediaSource, toPath: string, signal: AbortSignal) =>
    givenMedia.fetch(source, { toPath, maxBytes: deps.maxUploadBytes, signal });

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

  return standaloneLipsyncJob.by({
    complete: {
      async 'lipsync.standalone.made'(tx, files, args) {
        const { jobId, videoId, job, facts, unended, soundEnd, ...size } = args;
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
            // Made for other sound, it is as long as that: the scene takes its length.
            const shown = { currentTakeId: videoId, lipsyncTakeId: videoId, originalTakeId: original.id };
            return [{ take, pointers: { ...shown, slotFrames: take.frames, window: take.window } }];
          },
          succeed,
          settle: fitting.settle,
          publish: events.publish,
          reason: 'scene.lipsynced',
        });
      },
    },

    async run({ job, options: asked, store }, context) {
      await using directory = await storage.temporaryDirectory(job.id);
      const path = (name: string) => join(directory.path, name);
      const { signal } = context;
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
      await store({
        files: [
          { path: path(runFiles.take), key, contentType: 'video/mp4' },
          { path: path(runFiles.slice), key: soundKey, contentType: 'audio/wav' },
        ],
        completion: 'lipsync.standalone.made',
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
      });
    },
  });
}

const formatOf = ({ width, height, fps }: Format): Format => ({ width, height, fps });
