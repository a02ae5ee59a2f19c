import { connect } from '../../../db/connect';
import { createListener } from '../../../db/listen';
import type { ProjectEvent } from '../../contract/event.schema';
import { systemClock } from '../../shared/clock';
import { newId } from '../../shared/ids';
import { createLog } from '../../shared/log';
import { createJobs } from '../jobs.service';
import type { JobHandler, Jobs, JobsOptions } from '../jobs.types';

/** A studio process as far as jobs need one, over a test database. */
export type Studio = { jobs: Jobs; published: ProjectEvent[]; end(): Promise<void> };

export async function startStudio(
  url: string,
  handler: JobHandler,
  options: { maxAttempts?: number; concurrency?: number; awaitedFiles?: JobsOptions['awaitedFiles'] } = {},
): Promise<Studio> {
  const log = createLog('silent');
  const sql = connect(url, { max: 5 });
  const listener = createListener(url, { log });
  const published: ProjectEvent[] = [];
  const concurrency = options.concurrency ?? 2;
  const jobs = createJobs({
    sql,
    databaseUrl: url,
    listen: listener.listen,
    newId,
    clock: systemClock,
    log,
    publish: async (_tx, _projectId, event) => {
      published.push(event);
    },
    ...(options.awaitedFiles === undefined ? {} : { awaitedFiles: options.awaitedFiles }),
    pools: { ffmpeg: concurrency, lipsync: concurrency, compose: concurrency, remote: concurrency },
  });
  const limits = options.maxAttempts === undefined ? {} : { maxAttempts: options.maxAttempts };
  jobs.register('upload_image', { pool: 'ffmpeg', handler, ...limits });
  jobs.register('make_sample', { pool: 'ffmpeg', handler, stopsAtOnce: true, ...limits });
  jobs.register('upload_clip', { pool: 'ffmpeg', handler, ...limits });
  jobs.register('lipsync', { pool: 'lipsync', handler, ...limits });
  jobs.register('compose', { pool: 'compose', handler, ...limits });
  await jobs.start();
  return {
    jobs,
    published,
    async end() {
      await jobs.stop();
      await listener.close();
      await sql.end({ timeout: 1 });
    },
  };
}
