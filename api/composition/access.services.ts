import type { Database } from '../../db/connect';
import { type Config, needsTokens } from '../config';
import { type AccessUsecases, createAccessUsecases } from '../features/access/access.usecases';
import { type AuditUsecases, createAuditUsecases } from '../features/audit/audit.usecases';
import type { Clock } from '../shared/clock';
import type { NewId } from '../shared/ids';
import type { Log } from '../shared/log';

export type AccessServices = { access: AccessUsecases; audit: AuditUsecases };

/** Who may use the studio, and what they changed. */
export function composeAccess(deps: {
  config: Config;
  sql: Database;
  newId: NewId;
  clock: Clock;
  log: Log;
}): AccessServices & { pruneAccess(): Promise<void> } {
  const { config } = deps;
  const access = createAccessUsecases({
    ...deps,
    settingTokens: config.API_TOKENS,
    tokensNeeded: needsTokens(config),
  });
  const audit = createAuditUsecases(deps);
  return {
    access,
    audit,
    /** Forgets sessions that ran out and what the audit log keeps no longer. */
    async pruneAccess() {
      await Promise.all([access.prune(), audit.prune()]);
    },
  };
}
