import type { Queryable, Transaction } from '../../db/connect';
import type { Charged, ProviderKind, ProviderName } from '../contract/provider.schema';
import type { CallRow } from './provider-calls.rules';

/** The call of a job that has not ended; there is at most one. */
export async function findOpenCall(sql: Queryable, jobId: string): Promise<CallRow | null> {
  const [row] = await sql<CallRow[]>`select * from provider_calls where job_id = ${jobId} and open`;
  return row ?? null;
}

/** Whether a provider's job is known here. */
export async function findCallByRemoteId(
  sql: Queryable,
  provider: string,
  remoteId: string,
): Promise<CallRow | null> {
  const [row] = await sql<CallRow[]>`
    select * from provider_calls where provider = ${provider} and remote_id = ${remoteId}`;
  return row ?? null;
}

/** Null when the job has an open call already. */
export async function insertCall(
  tx: Transaction,
  call: {
    id: string;
    projectId: string | null;
    sceneId: string | null;
    jobId: string;
    kind: ProviderKind;
    provider: ProviderName;
    model: string;
    request: Record<string, unknown>;
    estimatedUsd: number | null;
  },
): Promise<CallRow | null> {
  const [row] = await tx<CallRow[]>`
    insert into provider_calls (id, project_id, scene_id, job_id, number, kind, provider, model, state,
      request, estimated_usd)
    select ${call.id}, ${call.projectId}, ${call.sceneId}, ${call.jobId},
      coalesce(max(number), 0) + 1, ${call.kind}, ${call.provider}, ${call.model}, 'intended',
      ${JSON.stringify(call.request)}::text::jsonb, ${call.estimatedUsd}
    from provider_calls where job_id = ${call.jobId}
    on conflict do nothing
    returning *`;
  return row ?? null;
}

/** Stores the provider's id in any case; false when the call had been ended meanwhile. */
export async function acceptCall(sql: Queryable, id: string, remoteId: string): Promise<boolean> {
  const [row] = await sql<{ open: boolean }[]>`
    update provider_calls set remote_id = ${remoteId}, accepted_at = coalesce(accepted_at, now()),
      state = case when open then 'accepted' else state end,
      message = case when open then null else message end
    where id = ${id} returning open`;
  return row?.open ?? false;
}

export async function doubtCall(sql: Queryable, id: string, message: string): Promise<void> {
  await sql`
    update provider_calls set state = 'unknown', message = ${message}
    where id = ${id} and open and state = 'intended'`;
}

export async function chargeCall(sql: Queryable, id: string): Promise<void> {
  await sql`
    update provider_calls set charged = 'yes', cost_usd = estimated_usd where id = ${id} and open`;
}

/** Ends an open call. False when it had ended already. */
export async function endCall(
  sql: Queryable,
  id: string,
  end: { state: string; charged: Charged; costUsd: number | null; message: string | null },
): Promise<boolean> {
  const rows = await sql`
    update provider_calls set state = ${end.state}, open = false, charged = ${end.charged},
      cost_usd = ${end.costUsd}, message = ${end.message}, ended_at = now()
    where id = ${id} and open returning 1`;
  return rows.length === 1;
}

/** Oldest first. */
export function listCalls(sql: Queryable, projectId: string): Promise<CallRow[]> {
  return sql<CallRow[]>`
    select * from provider_calls where project_id = ${projectId} order by created_at, id`;
}

/** All calls of a job, oldest first. */
export function listCallsOfJob(sql: Queryable, jobId: string): Promise<CallRow[]> {
  return sql<CallRow[]>`select * from provider_calls where job_id = ${jobId} order by number`;
}

/**
 * Open calls that no run will go on with: their job was canceled or is gone, or it failed before
 * `failedBefore` and nobody has retried it.
 */
export function listOrphanedCalls(sql: Queryable, failedBefore: Date): Promise<CallRow[]> {
  return sql<CallRow[]>`
    select provider_calls.* from provider_calls left join jobs on jobs.id = provider_calls.job_id
    where open and (jobs.id is null or jobs.state in ('canceled', 'succeeded')
      or (jobs.state = 'failed' and jobs.finished_at < ${failedBefore}))
    order by provider_calls.created_at limit 100`;
}

export async function findBudget(sql: Queryable, projectId: string): Promise<number | null> {
  const [row] = await sql<{ budgetUsd: number | null }[]>`
    select budget_usd from projects where id = ${projectId}`;
  return row?.budgetUsd ?? null;
}
