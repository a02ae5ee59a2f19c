import type { Database, Transaction } from '../../../db/connect';
import type { RevisionList, StepTimeline } from '../../contract/history.schema';
import type { JobState } from '../../contract/job.schema';
import type { Project } from '../../contract/project.schema';
import type { TimelineChange } from '../../contract/timeline-change.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { isFitJob } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { projectBusy, sceneBusy } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { type PlannedStep, planStep, takeStep } from '../../library/timeline-history.repository';
import { listRevisions, readTimelinePlace } from '../../library/timeline-revisions.repository';
import { nothingToStep, timelineChanged } from './history.errors';
import { settleScenes } from './settle-scenes.usecases';

/** More active jobs than a project can have. */
const ALL_ACTIVE_JOBS = 10_000;

export type HistoryUsecases = ReturnType<typeof createHistoryUsecases>;

/** Undo and redo of a project's timeline, for everyone who works on it. */
export function createHistoryUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'list'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  readProject: (projectId: string) => Promise<Project>;
}) {
  const { sql, jobs, events, fitting } = deps;

  /**
   * A result that is still being made for a scene would be lost with it, or overwrite what undo brought
   * back: as any other change of such a scene, undo waits for it.
   */
  async function requireIdle(tx: Transaction, projectId: string, step: PlannedStep): Promise<void> {
    const states: JobState[] = ['queued', 'running'];
    const all = await jobs.list({ projectId, states, limit: ALL_ACTIVE_JOBS }, tx);
    // What is being fitted is looked at again when it is done: it is what the scene wants then, or not used.
    const active = all.filter((job) => !isFitJob(job));
    const touched = new Set(step.touched);
    const busy = active.find((job) => job.sceneId !== null && touched.has(job.sceneId));
    if (busy !== undefined) {
      const place = step.now.scenes.findIndex(({ id }) => id === busy.sceneId) + 1;
      throw sceneBusy(place, busy.id);
    }
    // A song has no picture: its preparation doesn't hold the format.
    const making = active.filter(({ kind }) => kind !== 'upload_song');
    if (step.formatChanges && making.length > 0) throw projectBusy(making.map(({ id }) => id));
  }

  return {
    /**
     * Takes back the last change of the timeline, or does it again, whoever made it.
     * @throws AppError `ProjectNotFound`, `NothingToUndo`, `NothingToRedo`, `TimelineChanged`, `SceneBusy`,
     * `ProjectBusy`
     */
    async step(
      projectId: string,
      direction: 'undo' | 'redo',
      { expectedRevision }: StepTimeline,
    ): Promise<{ change: TimelineChange; project: Project }> {
      const { id } = await requireProject(sql, projectId);
      const changes: TimelineChange[] = [];
      await sql.begin(async (tx) => {
        await lockProject(tx, id);
        const { revision, step } = await planStep(tx, id, direction);
        if (expectedRevision !== undefined && expectedRevision !== revision) {
          throw timelineChanged(expectedRevision, revision);
        }
        if (step === null) throw nothingToStep(direction);
        await requireIdle(tx, id, step);
        await takeStep(tx, id, step);
        await settleScenes(tx, fitting, id, step.touched);
        await events.publish(tx, id, {
          type: 'project.changed',
          payload: { reason: direction === 'undo' ? 'timeline.undone' : 'timeline.redone' },
        });
        changes.push(step.change);
      });
      const [change] = changes;
      if (change === undefined) throw new Error('The transaction ended without a step.');
      return { change, project: await deps.readProject(id) };
    },

    /** Every step that can be undone or redone, newest first. @throws AppError `ProjectNotFound` */
    async list(projectId: string): Promise<RevisionList> {
      const { id } = await requireProject(sql, projectId);
      const [{ revision }, rows] = await Promise.all([readTimelinePlace(sql, id), listRevisions(sql, id)]);
      return {
        revision,
        revisions: rows.map(({ number, summary, caller, createdAt }) => ({
          number,
          change: summary,
          caller,
          createdAt: createdAt.toISOString(),
          undone: revision !== null && number > revision,
        })),
      };
    },
  };
}
