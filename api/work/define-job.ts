import * as v from 'valibot';
import type { Job, JobKind } from '../contract/job.schema';
import type { JobContext, JobDefinition, JobHandler, NewJob } from '../jobs/jobs.types';
import type { Storage } from '../storage/storage.types';
import {
  type Completers,
  type CompletionSchemas,
  type Completions,
  defineCompletions,
  type Store,
} from './define-completions';

type Fields = v.GenericSchema<Record<string, unknown>>;

/** What a run is given: its job, what the job was asked for, and where its result goes. */
export type Run<Options extends Fields, Schemas extends CompletionSchemas> = {
  job: Job;
  options: v.InferOutput<Options>;
  /** Stores the result, which ends the job: the completion marks it succeeded. */
  store: Store<Schemas>;
};

/** A job as composition registers it. */
export type WorkerJob<Kind extends JobKind = JobKind> = {
  kind: Kind;
  pool: JobDefinition['pool'];
  completions: Completions;
  stopsAtOnce: boolean;
  handlerIn(storage: Pick<Storage, 'storeFiles'>): JobHandler;
};

/**
 * A kind of long work: the pool that it runs in, what it is asked for and what it results in (as the rows of
 * `jobs` hold them, also those of earlier versions), and the completions of its files. `by` adds how it runs
 * and what the completions change.
 */
export function defineJob<
  const Kind extends JobKind,
  Options extends Fields,
  Result extends Fields,
  const Schemas extends CompletionSchemas,
>(definition: {
  kind: Kind;
  pool: JobDefinition['pool'];
  stopsAtOnce?: JobDefinition['stopsAtOnce'];
  options: Options;
  result: Result;
  /** The arguments of each completion, by name. */
  completions: Schemas;
}) {
  const { kind, pool, options, result, stopsAtOnce = false } = definition;
  const completions = defineCompletions(definition.completions);
  return {
    kind,

    /** The job for `Jobs.create`. */
    newJob: (job: Omit<NewJob, 'kind' | 'options'> & { options: v.InferInput<Options> }): NewJob => ({
      ...job,
      kind,
    }),

    /** What a job of this kind was asked for. */
    optionsOf: (job: Pick<Job, 'options'>): v.InferOutput<Options> => v.parse(options, job.options),

    /** What came of a job of this kind that succeeded. */
    resultOf: (job: Pick<Job, 'result'>): v.InferOutput<Result> => v.parse(result, job.result),

    by(work: {
      complete: Completers<Schemas>;
      run(run: Run<Options, Schemas>, context: JobContext): Promise<void>;
    }): WorkerJob<Kind> {
      return {
        kind,
        pool,
        stopsAtOnce,
        completions: completions.by(work.complete),
        handlerIn: (storage) => async (job, context) => {
          const store = completions.storeIn(storage, { jobId: job.id, signal: context.signal });
          await work.run({ job, options: v.parse(options, job.options), store }, context);
        },
      };
    },
  };
}
