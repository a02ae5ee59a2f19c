import { LRUCache } from 'lru-cache';
import type { Database } from '../../../db/connect';
import { type Grant, grantOf, parseGrant } from '../../http/caller.rules';
import type { Clock } from '../../shared/clock';
import { findSession, isTokenLive } from './access.repository';
import { sameHash } from './access.rules';

/** How long an answer is kept: what a lost word of a revocation can cost. */
const KEPT_MS = 1000;
/** Some hundred bytes each: far more grants than callers come within a second. */
const KEPT_GRANTS = 10_000;

export type Grants = ReturnType<typeof createGrants>;

/** Tells which grants are still good: asked of the database at most once a second for each. */
export function createGrants(deps: {
  sql: Database;
  clock: Clock;
  /** Hashes of the tokens of API_TOKENS. */
  settingHashes: readonly Uint8Array[];
  tokensNeeded: boolean;
}) {
  const { sql, clock, settingHashes, tokensNeeded } = deps;
  const settingGrants = new Set(settingHashes.map(grantOf.settingsToken));
  const answers = new LRUCache<Grant, Promise<boolean>>({ max: KEPT_GRANTS, ttl: KEPT_MS });

  async function isSessionLive(id: string): Promise<boolean> {
    const session = await findSession(sql, id, clock.now());
    if (session === null) return false;
    const { settingHash } = session;
    // A token that was taken out of API_TOKENS ends its sessions with the next start.
    return settingHash === null || settingHashes.some((known) => sameHash(known, settingHash));
  }

  /** Asks once for all who want to know at the same time; a failed look is not kept. */
  function kept(grant: Grant, look: () => Promise<boolean>): Promise<boolean> {
    const known = answers.get(grant);
    if (known !== undefined) return known;
    const looking = look();
    answers.set(grant, looking);
    looking.catch(() => {
      if (answers.peek(grant) === looking) answers.delete(grant);
    });
    return looking;
  }

  return {
    /**
     * Whether what was let in by a grant may go on: false when the grant was revoked, has run out, is
     * unknown or is none. Rejects while the database is away, unless the answer is not older than a second.
     */
    async isLive(grant: string): Promise<boolean> {
      const parsed = parseGrant(grant);
      if (parsed === null) return false;
      switch (parsed.kind) {
        case 'local':
          return !tokensNeeded;
        case 'settings':
          return settingGrants.has(grant);
        case 'token':
          return kept(grant, () => isTokenLive(sql, parsed.id));
        case 'session':
          return kept(grant, () => isSessionLive(parsed.id));
      }
    },

    /** Drops every kept answer: something was revoked. */
    forgetAnswers(): void {
      answers.clear();
    },
  };
}
