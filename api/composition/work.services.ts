import type { JobKind } from '../contract/job.schema';
import type { DiskGuard } from '../features/system/disk.usecases';
import type { JobHandler, Jobs } from '../jobs/jobs.types';
import type { LogContext } from '../shared/log';
import type { Tracing } from '../shared/tracing';
import type { Storage } from '../storage/storage.types';
import type { Completions } from '../work/define-completions';
import type { WorkerJob } from '../work/define-job';
import { loggedAs, resumableWith, waitingForDisk } from './jobs.services';

/** Kinds of the contract that no feature runs do not compile. */
type EveryKind<Kind extends JobKind> = [Exclude<JobKind, Kind>] extends [never]
  ? unknown
  : { kindsWithoutJob: Exclude<JobKind, Kind> };

/** Tells the store what to do once files are confirmed, and the jobs who does each kind and in which pool. */
export function registerWork<Kind extends JobKind>(
  features: { jobs: readonly WorkerJob<Kind>[]; completions: Completions } & EveryKind<Kind>,
  of: {
    jobs: Jobs;
    storage: Storage;
    disk: DiskGuard;
    logContext: LogContext;
    tracing: Tracing;
    uploadRetrySeconds: number;
  },
): void {
  const { jobs, storage } = of;
  const [resumes, waits, logged] = [
    resumableWith(storage, of.uploadRetrySeconds),
    waitingForDisk(of.disk),
    loggedAs(of.logContext, of.tracing),
  ];
  const resumable = (handler: JobHandler) => logged(waits(resumes(handler)));
  for (const { completions } of [features, ...features.jobs]) {
    for (const [name, completion] of Object.entries(completions)) {
      storage.registerCompletion(name, completion);
    }
  }
  for (const { kind, pool, stopsAtOnce, handlerIn } of features.jobs) {
    jobs.register(kind, { pool, stopsAtOnce, handler: resumable(handlerIn(storage)) });
  }
}
