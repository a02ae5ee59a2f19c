import { join } from 'node:path';
import * as v from 'valibot';
import type { Database, Queryable } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import {
  askedLipsyncOptions,
  type LipsyncOptions,
  SceneLipsyncRequestSchema,
} from '../../contract/lipsync.schema';
import type { Estimate, ProviderChoice } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { SceneLipsync } from '../../contract/video.schema';
import type { Events } from '../../events/events.types';
import { parseInput } from '../../http/http.validate';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { takeKey } from '../../library/media-keys.rules';
import {
  projectHasNoSong,
  sceneHasNoLength,
  sceneHasNoVideo,
  sliceOutsideSong,
} from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { findSong, lockProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { presentSegment } from '../../library/projects.view';
import { listScenes } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { layOutTimeline, songFrames, songSegment } from '../../library/scenes.rules';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findOriginal, findTake, listTakes } from '../../library/takes.repository';
import { newTake, ofParent } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { type RunLipsync, runFiles } from '../../provider-work/lipsync-run.usecases';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import { frameToSample } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { Completion, Storage } from '../../storage/storage.types';
import { type SceneLipsyncJob, SceneLipsyncJobSchema, unsyncedParent } from './lipsync.rules';

export const SCENE_LIPSYNC_MADE = 'lipsync.scene.made';

const MadeSchema = v.object({
  jobId: v.string(),
  projectId: v.string(),
  sceneId: v.string(),
  takeId: v.string(),
  job: SceneLipsyncJobSchema,
  facts: RunFactsSchema,
  unended: UnendedCallSchema,
});

/** A lip-sync that can be made: of which clip, to which frames of which song. */
type Plan = {
  projectId: string;
  sceneId: string;
  /** Length of the clip. */
  seconds: number;
  made: Omit<SceneLipsyncJob, 'lipsync'>;
};

export type SceneLipsyncUsecases = ReturnType<typeof createSceneLipsyncUsecases>;

/** Lip-sync of a scene to exactly the slice of the song that plays under it. */
export function createSceneLipsyncUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'cutSlice'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runLipsync: RunLipsync;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, newId, jobs, events, storage, media, providers } = deps;

  const made: Completion = async (tx, files, args) => {
    const { jobId, projectId, sceneId, takeId, job, facts, unended } = v.parse(MadeSchema, args);
    const [file] = files;
    if (file === undefined) throw new Error('A lip-sync without a file.');
    await addTake(tx, {
      projectId,
      sceneId,
      async takes() {
        const parent = await findTake(tx, job.parentTakeId);
        // Another original may have been chosen meanwhile; the newest take decides which one is cut.
        const original = parent === null ? null : await findOriginal(tx, parent);
        if (parent === null || original === null) throw sceneGone();
        const take = newTake({
          ...ofParent(parent),
          ...fileColumns(file),
          id: takeId,
          kind: 'lipsynced',
          songId: job.songId,
          audioStart: job.startFrame,
          audioEnd: job.endFrame,
          madeBy: madeByOf(facts, job.lipsync),
          costUsd: facts.costUsd,
          jobId,
        });
        return [{ take, pointers: { currentTakeId: takeId, originalTakeId: original.id } }];
      },
      async succeed() {
        if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
        return jobs.succeed(tx, jobId, { result: { takeId, ...facts } });
      },
      publish: events.publish,
      reason: 'scene.lipsynced',
    });
  };

  /**
   * What a scene's lip-sync is made of, taken from the database in frames. It always starts from the
   * un-synced clip.
   * @throws AppError `ProjectHasNoSong`, `SceneHasNoVideo`, `SceneHasNoLength`, `SliceOutsideSong`
   */
  async function plan(
    project: ProjectRow,
    scene: SceneRow,
    scenes: SceneRow[],
    db: Queryable = sql,
  ): Promise<Plan> {
    const { song, fps } = project;
    if (song === null) throw projectHasNoSong();
    if (scene.currentTake === null) throw sceneHasNoVideo(scene.sequence);
    const parent = unsyncedParent(scene.currentTake, await listTakes(db, scene.id));
    if (parent === null || parent.frames === null) throw sceneHasNoVideo(scene.sequence);

    const places = layOutTimeline(scenes);
    const startFrame = places.find((place) => place.sceneId === scene.id)?.startFrame ?? null;
    if (startFrame === null) {
      const first = places.find((place) => place.frames === null);
      throw sceneHasNoLength(first?.sequence ?? scene.sequence);
    }
    const segment = songSegment(startFrame, parent.frames, songFrames(song, fps));
    if (segment === null) {
      throw sliceOutsideSong(scene.sequence, startFrame / fps, song.samples / song.sampleRate);
    }
    const { id: projectId } = project;
    return {
      projectId,
      sceneId: scene.id,
      seconds: parent.frames / fps,
      made: { parentTakeId: parent.id, songId: song.id, ...segment },
    };
  }

  /** @throws AppError `ProjectNotFound`, `SceneNotFound`, and those of `plan` */
  async function planOf(projectId: string, sequence: string): Promise<Plan> {
    const project = await requireProject(sql, projectId);
    const { scene, scenes } = await requireScene(sql, project, sequence);
    return plan(project, scene, scenes);
  }

  const readInput = (input: unknown): { options: LipsyncOptions; choice: ProviderChoice } => {
    const { provider, model, ...options } = parseInput(SceneLipsyncRequestSchema, input);
    return { options, choice: { provider, model } };
  };

  /**
   * Starts what was planned, as the scene is now: another job may have ended between plan and start.
   * @throws AppError `ProviderNotEnabled`, `ModelNotOffered`, `BudgetExceeded`, `SceneBusy`, those of `plan`
   */
  async function startPlanned(
    { projectId, sceneId }: Plan,
    options: LipsyncOptions,
    choice: ProviderChoice,
  ): Promise<Job> {
    const provider = providers.choose('lipsync', choice);
    return sql.begin(async (tx) => {
      await lockProject(tx, projectId);
      const project = await requireProject(tx, projectId);
      const scenes = await listScenes(tx, projectId);
      const scene = scenes.find(({ id }) => id === sceneId);
      if (scene === undefined) throw sceneGone();
      const { made, seconds } = await plan(project, scene, scenes, tx);
      await providers.checkBudget(tx, projectId, provider, seconds);
      return jobs.create(tx, {
        kind: 'lipsync',
        projectId,
        sceneId,
        provider: provider.name,
        model: provider.model,
        options: { ...made, lipsync: options },
        enqueue: true,
      });
    });
  }

  async function estimatePlanned(
    { projectId, seconds }: Plan,
    options: LipsyncOptions,
    choice: ProviderChoice,
  ): Promise<Estimate> {
    const provider = providers.choose('lipsync', choice);
    return providers.estimate({
      kind: 'lipsync',
      provider,
      seconds,
      projectId,
      asked: askedLipsyncOptions(options),
    });
  }

  return {
    completions: { [SCENE_LIPSYNC_MADE]: made },
    plan,
    readInput,
    startPlanned,
    estimatePlanned,

    /**
     * Starts the lip-sync of a scene. Checks, in this order: project, scene, song, clip, place in the
     * song, options, provider, budget, busy.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `ProjectHasNoSong`, `SceneHasNoVideo`,
     * `SceneHasNoLength`, `SliceOutsideSong`, `BadRequest`, `ProviderNotEnabled`, `ModelNotOffered`,
     * `BudgetExceeded`, `SceneBusy`
     */
    async start(projectId: string, sequence: string, input: unknown): Promise<Job> {
      const planned = await planOf(projectId, sequence);
      const { options, choice } = readInput(input);
      return startPlanned(planned, options, choice);
    },

    /** What the same call would cost; nothing is started. @throws AppError as `start` */
    async estimate(projectId: string, sequence: string, input: unknown): Promise<Estimate> {
      const planned = await planOf(projectId, sequence);
      const { options, choice } = readInput(input);
      return estimatePlanned(planned, options, choice);
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(SceneLipsyncJobSchema, job.options);
      const project = await requireProject(sql, requireProjectId(job));
      const [parent, song] = await Promise.all([
        findTake(sql, asked.parentTakeId),
        findSong(sql, asked.songId),
      ]);
      if (parent === null || parent.frames === null || song === null) throw sceneGone();
      const format = { width: project.width, height: project.height, fps: project.fps };
      const directory = await storage.temporaryDirectory(job.id);
      const inDirectory = (name: string) => join(directory.path, name);
      const { signal } = context;
      try {
        context.progress('fetching', 0);
        await storage.download(parent.s3Key, inDirectory(runFiles.clip), { signal, sha256: parent.sha256 });
        await storage.download(song.masterKey, inDirectory('song.wav'), {
          signal,
          sha256: song.masterSha256,
        });
        await media.cutSlice({
          master: inDirectory('song.wav'),
          output: inDirectory(runFiles.slice),
          startSample: frameToSample(asked.startFrame, project.fps, song.sampleRate),
          endSample: Math.min(song.samples, frameToSample(asked.endFrame, project.fps, song.sampleRate)),
        });
        const { facts, unended } = await deps.runLipsync(
          {
            job,
            directory: directory.path,
            format,
            frames: parent.frames,
            options: asked.lipsync,
            progress: { from: 0.05, to: 0.92 },
          },
          context,
        );
        context.progress('storing', 0.96);
        const takeId = newId();
        const { projectId, sceneId } = parent;
        await storage.storeFiles({
          files: [
            {
              path: inDirectory(runFiles.take),
              key: takeKey(projectId, sceneId, takeId),
              contentType: 'video/mp4',
            },
          ],
          jobId: job.id,
          completion: SCENE_LIPSYNC_MADE,
          arguments: {
            jobId: job.id,
            projectId,
            sceneId,
            takeId,
            job: asked,
            facts,
            unended,
          },
          signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished lip-sync as the API answers it. */
    async present(job: Job): Promise<SceneLipsync> {
      const asked = v.parse(SceneLipsyncJobSchema, job.options);
      const facts = v.parse(RunFactsSchema, job.result);
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await deps.readScene(project.id, requireSceneId(job));
      return {
        jobId: job.id,
        status: job.state,
        projectId: project.id,
        sequence: scene.sequence,
        videoClipUrl: scene.videoClipUrl,
        originalVideoClipUrl: scene.originalVideoClipUrl,
        audioSegment: presentSegment(asked.startFrame, asked.endFrame, project.fps),
        options: asked.lipsync,
        ignoredOptions: facts.ignoredOptions,
        provider: facts.provider,
        model: facts.model,
        costUsd: facts.costUsd,
        charged: job.charged,
        receivedFrames: facts.receivedFrames,
        processingTimeSeconds: facts.processingTimeSeconds,
        updatedAt: scene.updatedAt,
        scene,
      };
    },
  };
}
