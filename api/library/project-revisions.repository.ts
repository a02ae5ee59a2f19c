import type { Database } from '../../db/connect';

/** The revision of a project as it is after the call began; null when it has none, so is not there. */
export type RevisionOf = (projectId: string) => Promise<number | null>;

type Waiter = { resolve(revision: number | null): void; reject(error: unknown): void };

/**
 * Asks for the revisions of all projects that are wanted at once in one query. A query begins only
 * after everybody it answers has asked, so nobody gets a revision from before his own question; those
 * who come while one is under way are answered by the next.
 */
export function createRevisions(sql: Database): RevisionOf {
  let waiting = new Map<string, Waiter[]>();
  let asking = false;

  async function ask(): Promise<void> {
    asking = true;
    while (waiting.size > 0) {
      const batch = waiting;
      waiting = new Map();
      try {
        const rows = await sql<{ projectId: string; revision: number }[]>`
          select project_id, revision from project_revisions
          where project_id = any(${[...batch.keys()]}::uuid[])`;
        const revisions = new Map(rows.map((row) => [row.projectId, row.revision]));
        for (const [id, waiters] of batch) {
          for (const waiter of waiters) waiter.resolve(revisions.get(id) ?? null);
        }
      } catch (error) {
        for (const waiters of batch.values()) for (const waiter of waiters) waiter.reject(error);
      }
    }
    asking = false;
  }

  return (projectId) =>
    new Promise((resolve, reject) => {
      const waiters = waiting.get(projectId) ?? [];
      waiters.push({ resolve, reject });
      waiting.set(projectId, waiters);
      if (!asking) void ask();
    });
}
