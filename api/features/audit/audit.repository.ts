import type { Queryable } from '../../../db/connect';

export type AuditRow = {
  id: number;
  at: Date;
  requestId: string;
  caller: string;
  tokenId: string | null;
  method: string;
  path: string;
  projectId: string | null;
  status: number;
  error: string | null;
};

const written = [
  'requestId',
  'caller',
  'tokenId',
  'method',
  'path',
  'projectId',
  'status',
  'error',
] as const satisfies (keyof AuditRow)[];

export async function insertAudit(sql: Queryable, entry: Omit<AuditRow, 'id' | 'at'>): Promise<void> {
  await sql`insert into audit_log ${sql(entry, ...written)}`;
}

/** Newest first. */
export async function listAudit(
  sql: Queryable,
  query: { limit: number; before: number | null; projectId: string | null },
): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select * from audit_log
    where ${query.before === null ? sql`true` : sql`id < ${query.before}`}
      and ${query.projectId === null ? sql`true` : sql`project_id = ${query.projectId}`}
    order by id desc limit ${query.limit}`;
}

export async function deleteOldAudit(sql: Queryable, before: Date): Promise<number> {
  return (await sql`delete from audit_log where at < ${before}`).count;
}
