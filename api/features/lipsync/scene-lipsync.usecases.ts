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
import { parseInput } from '../../http/http.validate';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import {
  projectHasNoSong,
  sceneHasNoLength,
  sceneHasNoVideo,
  sliceOutsideSong,
} from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { presentSegment } from '../../library/projects.view';
import { listScenes } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import { layOutTimeline, songFrames, songSegment } from '../../library/scenes.rules';
import { listTakes } from '../../library/takes.repository';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { type SceneLipsyncJob, unsyncedParent } from './lipsync.rules';
import { sceneLipsyncJob } from './scene-lipsync.job';

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
  jobs: Pick<Jobs, 'create'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, jobs, providers } = deps;

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
      return jobs.create(
        tx,
        sceneLipsyncJob.newJob({
          projectId,
          sceneId,
          provider: provider.name,
          model: provider.model,
          options: { ...made, lipsync: options },
          enqueue: true,
        }),
      );
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

    /** The finished lip-sync as the API answers it. */
    async present(job: Job): Promise<SceneLipsync> {
      const asked = sceneLipsyncJob.optionsOf(job);
      const facts = sceneLipsyncJob.resultOf(job);
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
