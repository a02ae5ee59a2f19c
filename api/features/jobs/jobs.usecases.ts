import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { AppError } from '../../shared/errors';
import { isId, requireProject } from '../projects/projects.lookup';

const LISTED_JOBS = 200;

const jobNotFound = (jobId: string) =>
  new AppError({
    code: 'JobNotFound',
    status: 404,
    message: `There is no job "${jobId.slice(0, 80)}". GET /api/mv/projects/{id}/jobs lists a project's jobs.`,
  });

export type JobUsecases = ReturnType<typeof createJobUsecases>;

export function createJobUsecases(deps: {
  sql: Database;
  jobs: Pick<Jobs, 'get' | 'list' | 'cancel' | 'retry'>;
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

    /** @throws AppError `JobNotFound`, `JobAlreadyEnded` */
    async cancel(jobId: string): Promise<Job> {
      return jobs.cancel((await read(jobId)).id);
    },

    /** @throws AppError `JobNotFound`, `JobNotRetryable`, `SceneBusy`, `ProjectBusy` */
    async retry(jobId: string): Promise<Job> {
      return jobs.retry((await read(jobId)).id);
    },
  };
}
