import type { Database, Queryable } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { CreateScene, DeleteScenes, Reorder, Scene, UpdateScene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { isFitJob } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { badOrder, sceneBusy } from '../../library/projects.errors';
import { requireProject, requireScene, requireSceneCapacity } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import type { ProjectRow } from '../../library/projects.rules';
import { type Presign, presentScene } from '../../library/projects.view';
import {
  deleteScene,
  insertScene,
  listLastErrors,
  listScenes,
  pointScene,
  renumberScenes,
  updateScene,
} from '../../library/scenes.repository';
import { checkOrder, layOutTimeline, type SceneRow } from '../../library/scenes.rules';
import { setNeedsLipsync } from '../../library/singing.repository';
import { readSinging } from '../../library/singing.view';
import { sourceFramesOf, windowOf } from '../../library/window.rules';
import { AppError } from '../../shared/errors';
import { reachedFrames, secondsToFrameCount } from '../../shared/frames';
import type { NewId } from '../../shared/ids';

export type SceneUsecases = ReturnType<typeof createSceneUsecases>;

export function createSceneUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'list'>;
  events: Pick<Events, 'publish'>;
  callerName: () => string | null;
  presign: Presign;
  fitting: Pick<Fitting, 'settle'>;
}) {
  const { sql, newId, jobs, events, presign, fitting } = deps;

  /** What goes on with a scene: work on it, and the fitting of its clip beside it. */
  async function activeJobs(
    sceneId: string,
    on: Queryable = sql,
  ): Promise<{ activeJob: Job | null; fitJob: Job | null }> {
    const active = await jobs.list({ sceneId, states: ['queued', 'running'], limit: 2 }, on);
    return {
      activeJob: active.find((job) => !isFitJob(job)) ?? null,
      fitJob: active.find(isFitJob) ?? null,
    };
  }

  /** Runs a change of the project's scenes alone, and tells the page. */
  async function change<Result>(
    projectId: string,
    reason: string,
    work: (tx: Parameters<Parameters<Database['begin']>[1]>[0], project: ProjectRow) => Promise<Result>,
  ): Promise<{ project: ProjectRow; result: Result }> {
    const project = await requireProject(sql, projectId);
    const outcome: { result: Result }[] = [];
    await sql.begin(async (tx) => {
      await lockProject(tx, project.id);
      outcome.push({ result: await work(tx, project) });
      await touchProject(tx, project.id, { caller: deps.callerName() });
      await events.publish(tx, project.id, { type: 'project.changed', payload: { reason } });
    });
    const [done] = outcome;
    if (done === undefined) throw new Error('The transaction ended without a result.');
    return { project, result: done.result };
  }

  async function present(project: ProjectRow, sceneId: string): Promise<Scene> {
    const [scenes, active, lastErrors] = await Promise.all([
      listScenes(sql, project.id),
      activeJobs(sceneId),
      listLastErrors(sql, project.id),
    ]);
    const place = layOutTimeline(scenes).find((candidate) => candidate.sceneId === sceneId);
    const scene = scenes.find((candidate) => candidate.id === sceneId);
    if (scene === undefined || place === undefined) {
      throw new AppError({
        code: 'SceneNotFound',
        message: 'The scene has been deleted.',
      });
    }
    return presentScene(scene, {
      project,
      place,
      ...active,
      lastError: lastErrors.get(sceneId) ?? null,
      singing: (await readSinging(sql, project, scenes))(scene, place),
      presign,
    });
  }

  return {
    /** @throws AppError `ProjectNotFound`, `SceneNotFound` */
    async read(projectId: string, sequence: string): Promise<Scene> {
      const project = await requireProject(sql, projectId);
      const { scene } = await requireScene(sql, project, sequence);
      return present(project, scene.id);
    },

    /** Reads a scene by its id, wherever it stands now. */
    async readById(projectId: string, sceneId: string): Promise<Scene> {
      return present(await requireProject(sql, projectId), sceneId);
    },

    /**
     * Adds a scene, at the end or before the one that has the wanted number now.
     * @throws AppError `ProjectNotFound`, `BadSequence`, `TooManyScenes`
     */
    async create(projectId: string, input: CreateScene): Promise<Scene> {
      const id = newId();
      const { project } = await change(projectId, 'scene.created', async (tx, current) => {
        const count = (await listScenes(tx, current.id)).length;
        requireSceneCapacity(count);
        const sequence = input.sequence ?? count + 1;
        if (sequence > count + 1) {
          throw new AppError({
            code: 'BadSequence',
            message: `A new scene can be added at positions 1 to ${count + 1}, not at ${sequence}.`,
          });
        }
        await insertScene(tx, {
          id,
          projectId: current.id,
          sequence,
          prompt: input.prompt,
          negativePrompt: input.negativePrompt,
          slotFrames:
            input.plannedDuration === null ? null : secondsToFrameCount(input.plannedDuration, current.fps),
        });
      });
      return present(project, id);
    },

    /** @throws AppError `ProjectNotFound`, `SceneNotFound` */
    async update(projectId: string, sequence: string, input: UpdateScene): Promise<Scene> {
      const { project, result } = await change(projectId, 'scene.updated', async (tx, current) => {
        const { scene } = await requireScene(tx, current, sequence);
        const { prompt, negativePrompt, needsLipSync } = input;
        const slotFrames = slotOf(input, current.fps);
        await updateScene(tx, scene.id, {
          ...(prompt === undefined ? {} : { prompt }),
          ...(negativePrompt === undefined ? {} : { negativePrompt }),
        });
        if (slotFrames !== undefined) {
          await pointScene(tx, scene.id, { slotFrames: slotFrames ?? clipFrames(scene) });
          await fitting.settle(tx, scene.id, 'soon');
        }
        if (needsLipSync !== undefined) await setNeedsLipsync(tx, scene.id, needsLipSync);
        return scene.id;
      });
      return present(project, result);
    },

    /**
     * Puts a scene into the bin, where it stays with all its versions for a while (features/history).
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneBusy`
     */
    async remove(projectId: string, sequence: string): Promise<void> {
      await change(projectId, 'scene.deleted', async (tx, project) => {
        const { scene } = await requireScene(tx, project, sequence);
        const { activeJob } = await activeJobs(scene.id, tx);
        if (activeJob !== null) throw sceneBusy(scene.sequence, activeJob.id);
        await deleteScene(tx, scene);
      });
    },

    /**
     * Puts several scenes into the bin as one change: all of them, or none.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneBusy`
     */
    async removeMany(projectId: string, { sceneIds }: DeleteScenes): Promise<void> {
      await change(projectId, 'scenes.deleted', async (tx, project) => {
        const wanted = new Set(sceneIds);
        const scenes = (await listScenes(tx, project.id)).filter((scene) => wanted.has(scene.id));
        if (scenes.length < wanted.size) throw sceneGone();
        // From the last one: the numbers of those before it stay.
        for (const scene of scenes.toSorted((a, b) => b.sequence - a.sequence)) {
          const { activeJob } = await activeJobs(scene.id, tx);
          if (activeJob !== null) throw sceneBusy(scene.sequence, activeJob.id);
          await deleteScene(tx, scene);
        }
      });
    },

    /** @throws AppError `ProjectNotFound`, `BadOrder` when a scene is missing, unknown or repeated */
    async reorder(projectId: string, input: Reorder): Promise<void> {
      await change(projectId, 'scenes.reordered', async (tx, project) => {
        const scenes = await listScenes(tx, project.id);
        const wrong = checkOrder(
          scenes.map((scene) => scene.id),
          input.sceneIds,
        );
        if (wrong !== null) throw badOrder(wrong);
        await renumberScenes(tx, project.id, input.sceneIds);
      });
    },
  };
}

/** The length that a change asks for, in frames; null: as long as the clip; undefined: it stays. */
function slotOf({ slotFrames, plannedDuration }: UpdateScene, fps: number): number | null | undefined {
  if (slotFrames !== undefined) return slotFrames;
  return plannedDuration == null ? plannedDuration : secondsToFrameCount(plannedDuration, fps);
}

/** How long a scene's clip fills it from its in point on, at its speed; null without a clip. */
const clipFrames = (scene: SceneRow): number | null =>
  scene.originalTake === null
    ? null
    : Math.max(1, reachedFrames(sourceFramesOf(scene.originalTake), windowOf(scene)));
