import type { Database } from '../../../db/connect';
import type { Job, StudioJob } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { listJobPlaces } from '../../library/job-places.repository';
import { isMediaScene } from '../../library/project-media.repository';
import { isId, requireProject } from '../../library/projects.lookup';
import { SAMPLE_TEMPLATE_ID } from '../../library/sample-template.rules';
import { findSceneById } from '../../library/scenes.repository';
import { AppError } from '../../shared/errors';
import { cutText } from '../../shared/text';

const LISTED_JOBS = 200;
/** What a tray of jobs can show. */
const RECENT_JOBS = 30;
const ALL_ACTIVE_JOBS = 500;

const jobNotFound = (jobId: string) =>
  new AppError({
    code: 'JobNotFound',
    message: `There is no job "${cutText(jobId, 80)}". GET /api/mv/projects/{id}/jobs lists a project's jobs.`,
  });

export type JobUsecases = ReturnType<typeof createJobUsecases>;

export function createJobUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'get' | 'list' | 'cancel' | 'retry' | 'dismiss'>;
}) {
  const { sql, jobs } = deps;

  /** @throws AppError `JobNotFound` */
  async function read(jobId: string): Promise<Job> {
    const job = isId(jobId) ? await jobs.get(jobId) : null;
    if (job === null) throw jobNotFound(jobId);
    return job;
  }

  return {
    read,

    /** @throws AppError `ProjectNotFound` */
    async list(projectId: string): Promise<Job[]> {
      const project = await requireProject(sql, projectId);
      return jobs.list({ projectId: project.id, limit: LISTED_JOBS });
    },

    /** Every active job and the newest others, of all projects, newest first. */
    async listRecent(): Promise<StudioJob[]> {
      const [active, newest] = await Promise.all([
        jobs.list({ states: ['queued', 'running'], limit: ALL_ACTIVE_JOBS }),
        jobs.list({ limit: RECENT_JOBS }),
      ]);
      const byId = new Map([...active, ...newest].map((job) => [job.id, job]));
      const listed = [...byId.values()]
        .filter((job) => job.projectId !== SAMPLE_TEMPLATE_ID)
        .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
      if (listed.length === 0) return [];
      const places = await listJobPlaces(sql, [...byId.keys()]);
      const placeOf = new Map(places.map((place) => [place.id, place]));
      return listed.map((job) => {
        const place = placeOf.get(job.id);
        return { ...job, projectTitle: place?.projectTitle ?? null, sequence: place?.sequence ?? null };
      });
    },

    /** @throws AppError `JobNotFound`, `JobAlreadyEnded` */
    async cancel(jobId: string): Promise<Job> {
      return jobs.cancel((await read(jobId)).id);
    },

    /** @throws AppError `JobNotFound`, `SceneNotFound`, `JobNotRetryable`, `SceneBusy`, `ProjectBusy` */
    async retry(jobId: string): Promise<Job> {
      const { id, sceneId } = await read(jobId);
      // For a scene in the bin nothing is made, least of all for money.
      if (
        sceneId !== null &&
        (await findSceneById(sql, sceneId)) === null &&
        !(await isMediaScene(sql, sceneId))
      ) {
        throw sceneGone();
      }
      return jobs.retry(id);
    },

    /** Puts a failed job's message away. @throws AppError `JobNotFound` */
    async dismiss(jobId: string): Promise<Job> {
      return jobs.dismiss((await read(jobId)).id);
    },
  };
}
