import { AppError } from './errors';

type Subject = { id: string; projectId: string | null; sceneId: string | null };

/** What a job of its kind always has is missing: it can't be run, nor shown. */
const without = (jobId: string, what: 'project' | 'scene') =>
  new AppError({
    code: 'JobIncomplete',
    message: `The job ${jobId} names no ${what}, though its kind needs one. Start the work again; if it stays, report this job.`,
    details: { jobId },
  });

/** The project of a job that belongs to one. @throws AppError 500 `JobIncomplete` */
export function requireProjectId(job: Pick<Subject, 'id' | 'projectId'>): string {
  if (job.projectId === null) throw without(job.id, 'project');
  return job.projectId;
}

/** The scene of a job that belongs to one. @throws AppError 500 `JobIncomplete` */
export function requireSceneId(job: Pick<Subject, 'id' | 'sceneId'>): string {
  if (job.sceneId === null) throw without(job.id, 'scene');
  return job.sceneId;
}
