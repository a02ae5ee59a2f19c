import type { Sql, TransactionSql } from 'postgres';
import type { JobStage } from '../contract/job.schema';
import type { AppError } from '../shared/errors';
import { type JobRow, toJob } from './jobs.rules';
import type { JobCount, JobFilter, JobRecord, NewJob, Publish } from './jobs.types';

/** The channel that tells workers of cancellations and waiters of jobs that ended. */
export const JOBS_CHANNEL = 'songreel_jobs';

/**
 * Reads and writes the table `jobs`. Every change of a job is told to its project's event stream in
 * the same transaction.
 */
export function createJobsRepository(sql: Sql, publish: Publish) {
  async function changed(tx: TransactionSql, rows: readonly JobRow[]): Promise<JobRow | null> {
    const [row] = rows;
    if (!row) return null;
    if (row.projectId !== null) await publish(tx, row.projectId, { type: 'job', payload: toJob(row) });
    return row;
  }

  const tell = (tx: TransactionSql, what: 'cancel' | 'ended', id: string) =>
    tx`select pg_notify(${JOBS_CHANNEL}, ${JSON.stringify({ what, id })})`;

  async function ended(tx: TransactionSql, rows: readonly JobRow[]): Promise<JobRow | null> {
    const row = await changed(tx, rows);
    if (row) await tell(tx, 'ended', row.id);
    return row;
  }

  const json = (value: unknown) => JSON.stringify(value) ?? 'null';

  return {
    async find(id: string): Promise<JobRow | null> {
      const [row] = await sql<JobRow[]>`select * from jobs where id = ${id}`;
      return row ?? null;
    },

    /** Reads a job and keeps it from being changed until the transaction ends. */
    async lock(tx: TransactionSql, id: string): Promise<JobRow | null> {
      const [row] = await tx<JobRow[]>`select * from jobs where id = ${id} for update`;
      return row ?? null;
    },

    /** Puts a failed job's message away; another run of it may tell one again. */
    async dismiss(id: string): Promise<JobRow | null> {
      return sql.begin(async (tx) => {
        const [row] = await tx<JobRow[]>`
          update jobs set dismissed_at = coalesce(dismissed_at, now()) where id = ${id} and state = 'failed'
          returning *`;
        if (row === undefined) return null;
        if (row.projectId !== null) {
          const reason = 'job.dismissed';
          await publish(tx, row.projectId, { type: 'project.changed', payload: { reason } });
        }
        return row;
      });
    },

    list(filter: JobFilter, on: Sql | TransactionSql = sql) {
      return on<JobRow[]>`
        select * from jobs
        where ${filter.projectId === undefined ? on`true` : on`project_id = ${filter.projectId}`}
          and ${filter.sceneId === undefined ? on`true` : on`scene_id = ${filter.sceneId}`}
          and ${filter.kinds === undefined ? on`true` : on`kind = any(${filter.kinds})`}
          and ${filter.states === undefined ? on`true` : on`state = any(${filter.states})`}
        order by created_at desc, id desc
        limit ${filter.limit}`;
    },

    listActive(): Promise<JobRow[]> {
      return sql<JobRow[]>`select * from jobs where state in ('queued', 'running') order by created_at`;
    },

    counts(): Promise<JobCount[]> {
      return sql<JobCount[]>`select kind, state, count(*) from jobs group by kind, state`;
    },

    /** Null when the scene or the project already has an active job. */
    async insert(
      tx: TransactionSql,
      id: string,
      job: NewJob,
      entryId: string | null,
      requestedBy: string | null,
    ): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        insert into jobs (id, project_id, scene_id, kind, stage, options, provider, model, entry_id, requested_by)
        values (${id}, ${job.projectId}, ${job.sceneId}, ${job.kind}, ${job.stage ?? 'queued'},
          ${json(job.options)}::text::jsonb, ${job.provider ?? null}, ${job.model ?? null}, ${entryId},
          ${requestedBy})
        on conflict do nothing
        returning *`;
      return changed(tx, rows);
    },

    /** The active job that keeps another one from being made or retried. */
    async findBlocking(
      tx: TransactionSql,
      job: { kind: string; projectId: string | null; sceneId: string | null },
    ): Promise<string | null> {
      const [row] = await tx<{ id: string }[]>`
        select id from jobs where state in ('queued', 'running') and ${
          job.sceneId === null
            ? tx`scene_id is null and project_id = ${job.projectId} and kind = ${job.kind}`
            : tx`scene_id = ${job.sceneId} and (kind = 'fit') = (${job.kind} = 'fit')`
        }`;
      return row?.id ?? null;
    },

    /** How many jobs wait of a project, and how many that one caller asked for. */
    async countWaiting(
      tx: TransactionSql,
      of: { projectId: string | null; requestedBy: string | null },
    ): Promise<{ ofProject: number; ofCaller: number }> {
      const [row] = await tx<{ ofProject: number; ofCaller: number }[]>`
        select count(*) filter (where project_id = ${of.projectId})::int as of_project,
          count(*) filter (where requested_by = ${of.requestedBy})::int as of_caller
        from jobs where state = 'queued'`;
      return row ?? { ofProject: 0, ofCaller: 0 };
    },

    /** Gives a job that has no queue entry yet one. */
    async setEntry(tx: TransactionSql, id: string, entryId: string): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set entry_id = ${entryId}, stage = 'queued', error_code = null, error_status = null,
          error_message = null, error_details = null, updated_at = now()
        where id = ${id} and state = 'queued' and entry_id is null returning *`;
      return changed(tx, rows);
    },

    /** Shows why a job that has no queue entry yet still waits. */
    async explain(tx: TransactionSql, id: string, error: AppError): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set error_code = ${error.code}, error_status = ${error.status},
          error_message = ${error.message}, error_details = ${json(error.details)}::text::jsonb, updated_at = now()
        where id = ${id} and state = 'queued' and entry_id is null returning *`;
      return changed(tx, rows);
    },

    async begin(tx: TransactionSql, id: string, runId: string): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'running', run_id = ${runId}, attempt = attempt + 1, stage = 'starting',
          progress = 0, error_code = null, error_status = null, error_message = null, error_details = null,
          started_at = coalesce(started_at, now()), updated_at = now()
        where id = ${id} returning *`;
      return changed(tx, rows);
    },

    /** Writes progress of a run; null when the job is no longer that run's. */
    async progress(tx: TransactionSql, id: string, runId: string, stage: JobStage, fraction: number) {
      const rows = await tx<JobRow[]>`
        update jobs set stage = ${stage}, progress = ${fraction}, updated_at = now()
        where id = ${id} and run_id = ${runId} and state = 'running' returning *`;
      return changed(tx, rows);
    },

    /** Puts a running job back into the queue; a run that only was interrupted does not count. */
    async requeue(
      tx: TransactionSql,
      id: string,
      entryId: string,
      cause: { error: AppError | null; counts: boolean },
    ): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'queued', stage = 'queued', progress = 0, run_id = null,
          entry_id = ${entryId}, attempt = greatest(0, attempt - ${cause.counts ? 0 : 1}),
          error_code = ${cause.error?.code ?? null}, error_status = ${cause.error?.status ?? null}, error_message = ${cause.error?.message ?? null},
          error_details = ${json(cause.error?.details)}::text::jsonb, updated_at = now()
        where id = ${id} returning *`;
      return changed(tx, rows);
    },

    /** Queues an ended job anew. */
    async restart(
      tx: TransactionSql,
      id: string,
      entryId: string,
      requestedBy: string | null,
    ): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'queued', stage = 'queued', progress = 0, run_id = null,
          entry_id = ${entryId}, attempt = 0, result = null, error_code = null, error_status = null,
          error_message = null, error_details = null, dismissed_at = null, cancel_requested_at = null, started_at = null, finished_at = null,
          requested_by = coalesce(${requestedBy}, requested_by), updated_at = now()
        where id = ${id} returning *`;
      return changed(tx, rows);
    },

    async requestCancel(tx: TransactionSql, id: string): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now()
        where id = ${id} returning *`;
      await tell(tx, 'cancel', id);
      return changed(tx, rows);
    },

    async succeed(tx: TransactionSql, id: string, result: Record<string, unknown>, costUsd?: number) {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'succeeded', stage = 'done', progress = 1,
          result = ${json(result)}::text::jsonb, cost_usd = coalesce(${costUsd ?? null}, cost_usd),
          error_code = null, error_status = null, error_message = null, error_details = null,
          finished_at = now(), updated_at = now()
        where id = ${id} returning *`;
      return ended(tx, rows);
    },

    async fail(tx: TransactionSql, id: string, error: AppError): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'failed', error_code = ${error.code}, error_status = ${error.status}, error_message = ${error.message},
          error_details = ${json(error.details)}::text::jsonb, finished_at = now(), updated_at = now()
        where id = ${id} returning *`;
      return ended(tx, rows);
    },

    async cancel(tx: TransactionSql, id: string): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set state = 'canceled', cancel_requested_at = coalesce(cancel_requested_at, now()),
          finished_at = now(), updated_at = now()
        where id = ${id} returning *`;
      return ended(tx, rows);
    },

    async record(tx: TransactionSql, id: string, facts: JobRecord): Promise<JobRow | null> {
      const rows = await tx<JobRow[]>`
        update jobs set provider = coalesce(${facts.provider ?? null}, provider),
          provider_job_id = ${
            facts.providerJobId === undefined ? tx`provider_job_id` : tx`${facts.providerJobId}`
          },
          cost_usd = coalesce(${facts.costUsd ?? null}, cost_usd),
          charged = coalesce(${facts.charged ?? null}, charged),
          options = coalesce(${facts.options === undefined ? null : json(facts.options)}::text::jsonb, options),
          updated_at = now()
        where id = ${id} returning *`;
      return changed(tx, rows);
    },

    /** Says that jobs without a queue entry are still being prepared; resolves to those that are. */
    async touchWaiting(ids: readonly string[]): Promise<string[]> {
      const rows = await sql<{ id: string }[]>`
        update jobs set updated_at = now()
        where id = any(${[...ids]}::uuid[]) and state = 'queued' and entry_id is null returning id`;
      return rows.map((row) => row.id);
    },

    /** Of the given runs, those that must stop: canceled, ended by others or taken over. */
    findStopped(runs: readonly { id: string; runId: string }[]) {
      return sql<{ id: string; runId: string; canceled: boolean }[]>`
        select runs.id, runs.run_id, jobs.cancel_requested_at is not null as canceled
        from unnest(${runs.map((run) => run.id)}::uuid[], ${runs.map((run) => run.runId)}::uuid[])
          as runs (id, run_id)
        left join jobs on jobs.id = runs.id
        where jobs.id is null or jobs.cancel_requested_at is not null or jobs.run_id <> runs.run_id
          or jobs.run_id is null or jobs.state in ('failed', 'canceled')`;
    },
  };
}

export type JobsRepository = ReturnType<typeof createJobsRepository>;
