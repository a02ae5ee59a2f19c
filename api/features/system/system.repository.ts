import type { Queryable } from '../../../db/connect';
import type { Figures } from './system.rules';

/** What the studio's figures take from the database. */
export async function readFigures(
  sql: Queryable,
): Promise<Pick<Figures, 'queueAges' | 'outbox' | 'providerCalls'>> {
  const [queueAges, outbox, providerCalls] = await Promise.all([
    sql<Figures['queueAges']>`
      select kind, extract(epoch from now() - min(created_at))::float8 as seconds
      from jobs where state = 'queued' group by kind`,
    sql<Figures['outbox']>`
      select state, count(*)::int as files, coalesce(sum(bytes), 0)::bigint as bytes
      from uploads where state <> 'deleted' group by state`,
    sql<Figures['providerCalls']>`
      select provider, model, state, count(*)::int as calls, coalesce(sum(cost_usd), 0)::float8 as cost_usd
      from provider_calls group by provider, model, state`,
  ]);
  return { queueAges, outbox, providerCalls };
}

/** Files that wait on this studio's disks until S3 takes them. */
export async function sumWaitingUploads(sql: Queryable): Promise<{ bytes: number; files: number }> {
  const [waiting] = await sql<{ bytes: number; files: number }[]>`
    select coalesce(sum(bytes), 0)::bigint as bytes, count(*)::int as files from uploads
    where state in ('pending', 'failed')`;
  return { bytes: Number(waiting?.bytes ?? 0), files: waiting?.files ?? 0 };
}
