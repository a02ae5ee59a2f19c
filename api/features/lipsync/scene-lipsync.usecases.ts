import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import {
  type AskedSceneLipsync,
  askedLipsyncOptions,
  SceneLipsyncRequestSchema,
} from '../../contract/lipsync.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { SceneLipsync } from '../../contract/video.schema';
import type { Events } from '../../events/events.types';
import { parseInput } from '../../http/http.validate';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import type { Fitting } from '../../library/fitting.types';
import { type KeptLipsync, lipsyncToMake } from '../../library/kept-lipsync.rules';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { presentSegment } from '../../library/projects.view';
import { listScenes, pointScene } from '../../library/scenes.repository';
import type { SceneRow } from '../../library/scenes.rules';
import type { ProviderUsecases } from '../../provider-work/providers.usecases';
import { AppError } from '../../shared/errors';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { sceneLipsyncJob } from './scene-lipsync.job';
import { type LipsyncPlan, planSceneLipsync } from './scene-lipsync.plan';

export type SceneLipsyncUsecases = ReturnType<typeof createSceneLipsyncUsecases>;

/** Lip-sync of a scene to exactly the slice of the song that plays under it. */
export function createSceneLipsyncUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'create'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, jobs, events, fitting, providers } = deps;

  /** @throws AppError `ProjectNotFound`, `SceneNotFound`, and those of `planSceneLipsync` */
  async function planOf(projectId: string, sequence: string): Promise<LipsyncPlan> {
    const project = await requireProject(sql, projectId);
    const { scene, scenes } = await requireScene(sql, project, sequence);
    return planSceneLipsync(sql, project, scene, scenes);
  }

  const readInput = (input: unknown): AskedSceneLipsync => parseInput(SceneLipsyncRequestSchema, input);

  /**
   * What is made, and who makes it. Who made the lip-sync before may be switched off now: then it is whoever
   * makes them by default. @throws AppError `ProviderNotEnabled`, `ModelNotOffered`
   */
  function decide(asked: AskedSceneLipsync, kept: KeptLipsync | null) {
    const { options, choice } = lipsyncToMake(asked, kept);
    try {
      return { options, provider: providers.choose('lipsync', choice) };
    } catch (error) {
      const isKept = asked.provider === undefined && asked.model === undefined && kept !== null;
      if (!isKept || !(error instanceof AppError)) throw error;
      return { options, provider: providers.choose('lipsync', {}) };
    }
  }

  /**
   * Starts what was planned, as the scene is now: another job may have ended between plan and start.
   * @throws AppError `ProviderNotEnabled`, `ModelNotOffered`, `BudgetExceeded`, `SceneBusy`, those of `planSceneLipsync`
   */
  async function startPlanned({ projectId, sceneId }: LipsyncPlan, asked: AskedSceneLipsync): Promise<Job> {
    return sql.begin(async (tx) => {
      await lockProject(tx, projectId);
      const project = await requireProject(tx, projectId);
      const scenes = await listScenes(tx, projectId);
      const scene = scenes.find(({ id }) => id === sceneId);
      if (scene === undefined) throw sceneGone();
      const { made, seconds, kept } = await planSceneLipsync(tx, project, scene, scenes);
      const { options, provider } = decide(asked, kept);
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
    { projectId, seconds, kept }: LipsyncPlan,
    asked: AskedSceneLipsync,
  ): Promise<Estimate> {
    const { options, provider } = decide(asked, kept);
    return providers.estimate({
      kind: 'lipsync',
      provider,
      seconds,
      projectId,
      asked: askedLipsyncOptions(options),
    });
  }

  return {
    /** What a lip-sync of a scene would be made of. @throws AppError as `planSceneLipsync` */
    plan: (project: ProjectRow, scene: SceneRow, scenes: SceneRow[]) =>
      planSceneLipsync(sql, project, scene, scenes),
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
      const asked = readInput(input);
      decide(asked, planned.kept);
      return startPlanned(planned, asked);
    },

    /**
     * Takes a scene's lip-sync away: it shows its clip again as it is. What was made stays among its versions.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`
     */
    async remove(projectId: string, sequence: string): Promise<Scene> {
      const project = await requireProject(sql, projectId);
      const sceneId = await sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        const { scene } = await requireScene(tx, project, sequence);
        if (scene.lipsyncTake === null) return scene.id;
        await pointScene(tx, scene.id, { lipsyncTakeId: null });
        await fitting.settle(tx, scene.id, 'now');
        await touchProject(tx, project.id);
        await events.publish(tx, project.id, {
          type: 'project.changed',
          payload: { reason: 'lipsync.removed' },
        });
        return scene.id;
      });
      return deps.readScene(project.id, sceneId);
    },

    /** What the same call would cost; nothing is started. @throws AppError as `start` */
    async estimate(projectId: string, sequence: string, input: unknown): Promise<Estimate> {
      const planned = await planOf(projectId, sequence);
      return estimatePlanned(planned, readInput(input));
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
