import type { Database } from '../../../db/connect';
import type { AuditPage, AuditQuery } from '../../contract/audit.schema';
import { isId } from '../../library/projects.lookup';
import type { Clock } from '../../shared/clock';
import { errorMessage } from '../../shared/errors';
import type { Log } from '../../shared/log';
import { cutText } from '../../shared/text';
import { type AuditRow, deleteOldAudit, insertAudit, listAudit } from './audit.repository';

/** A year: who asks who changed something seldom asks later, and the table stays small. */
const KEPT_MS = 365 * 24 * 60 * 60 * 1000;

export type AuditUsecases = ReturnType<typeof createAuditUsecases>;
export type AuditRecord = Omit<AuditRow, 'id' | 'at' | 'projectId'>;

/** The project that a path of the API names, if it names one. */
export function projectOfPath(path: string): string | null {
  const id = /^\/api\/mv\/projects\/([^/]+)/.exec(path)?.[1];
  return id !== undefined && isId(id) ? id : null;
}

export function createAuditUsecases(deps: { sql: Database; clock: Clock; log: Log }) {
  const { sql, clock, log } = deps;
  return {
    /** Notes a request that was to change something. What the database can't take is in the log. */
    async record(entry: AuditRecord): Promise<void> {
      const row = { ...entry, path: cutText(entry.path, 500), projectId: projectOfPath(entry.path) };
      try {
        await insertAudit(sql, row);
      } catch (error) {
        log.error({ ...row, reason: errorMessage(error) }, 'audit_not_written');
      }
    },

    async list(query: AuditQuery): Promise<AuditPage> {
      const rows = await listAudit(sql, {
        limit: query.limit,
        before: query.before ?? null,
        projectId: query.projectId ?? null,
      });
      return {
        entries: rows.map((row) => ({ ...row, at: row.at.toISOString() })),
        next: rows.length < query.limit ? null : (rows.at(-1)?.id ?? null),
      };
    },

    /** Deletes what is older than a year. */
    async prune(): Promise<number> {
      return deleteOldAudit(sql, new Date(clock.now().getTime() - KEPT_MS));
    },
  };
}
