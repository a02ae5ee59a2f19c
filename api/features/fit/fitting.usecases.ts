import type { Transaction } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { isFitJob } from '../../library/fit-jobs.rules';
import { planFit } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { findProject } from '../../library/projects.repository';
import { findSceneById, pointScene } from '../../library/scenes.repository';
import { listTakes } from '../../library/takes.repository';
import { fitJob } from './fit.job';

/** Somebody who drags changes a window many times a second; most of these are never rendered. */
const SETTLE_SECONDS = 0.6;

/** Decides what has to be made so that a scene shows what it wants. */
export function createFitting(deps: { jobs: Pick<Jobs, 'create' | 'list'> }): Fitting {
  const { jobs } = deps;

  /** The scene's fit job: the one there is, which reads what is wanted when it begins and once more at its end. */
  async function ask(
    tx: Transaction,
    of: { projectId: string; sceneId: string },
    options: { unsynced: boolean; delaySeconds: number },
  ): Promise<Job> {
    const active = await jobs.list({ sceneId: of.sceneId, states: ['queued', 'running'], limit: 2 }, tx);
    return (
      active.find(isFitJob) ??
      jobs.create(
        tx,
        fitJob.newJob({
          ...of,
          options: { unsynced: options.unsynced },
          enqueue: true,
          delaySeconds: options.delaySeconds,
          isConsequence: true,
        }),
      )
    );
  }

  return {
    async settle(tx, sceneId, when) {
      const scene = await findSceneById(tx, sceneId);
      const project = scene === null ? null : await findProject(tx, scene.projectId);
      if (scene === null || project === null) return null;
      const plan = planFit(scene, await listTakes(tx, sceneId), project);
      if (plan.to === 'nothing') return null;
      if (plan.to === 'show') {
        if (plan.take.id !== scene.currentTake?.id) {
          await pointScene(tx, sceneId, { currentTakeId: plan.take.id });
        }
        return null;
      }
      const delaySeconds = when === 'soon' ? SETTLE_SECONDS : 0;
      return ask(tx, { projectId: project.id, sceneId }, { unsynced: false, delaySeconds });
    },

    async makeUnsynced(tx, sceneId) {
      const scene = await findSceneById(tx, sceneId);
      if (scene === null) throw sceneGone();
      return ask(tx, { projectId: scene.projectId, sceneId }, { unsynced: true, delaySeconds: 0 });
    },
  };
}
