import type { Database } from '../../../db/connect';
import type { Scope } from '../../contract/access.schema';
import { type Caller, type Credentials, type Grant, grantOf, localCaller } from '../../http/caller.rules';
import type { Clock } from '../../shared/clock';
import type { NewId } from '../../shared/ids';
import type { Log } from '../../shared/log';
import { noSuchToken, tokenNameReserved, tokenNameTaken } from './access.errors';
import {
  deleteOldSessions,
  deleteSession,
  findSession,
  findToken,
  hasTokens,
  insertSession,
  insertToken,
  listTokens,
  noteUse,
  revokeToken,
  type TokenRow,
} from './access.repository';
import {
  hashSecret,
  isReservedName,
  makeSecret,
  makeToken,
  parseCookie,
  parseToken,
  sameHash,
} from './access.rules';
import { createGrants } from './grants.usecases';
import { createRevocations } from './revocations';

/** A browser stays signed in for a month; then its user gives the token again. */
export const SESSION_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

export type TokenFacts = Omit<TokenRow, 'secretHash'>;
export type AccessUsecases = ReturnType<typeof createAccessUsecases>;

const settingCaller = (grant: Grant, cookie: boolean): Caller => ({
  name: 'API_TOKENS',
  scope: 'admin',
  tokenId: null,
  cookie,
  grant,
});

/** A caller that gave a token; `settingHash` is that of a token of API_TOKENS. */
type ByToken = { caller: Caller; settingHash: Uint8Array | null };

export function createAccessUsecases(deps: {
  sql: Database;
  newId: NewId;
  clock: Clock;
  log: Log;
  /** Tokens of the settings: each may do everything. */
  settingTokens: readonly string[];
  /** Whether anybody needs a token at all: not on a studio for its own machine alone. */
  tokensNeeded: boolean;
}) {
  const { sql, newId, clock, tokensNeeded } = deps;
  const settingHashes = deps.settingTokens.map(hashSecret);
  const grants = createGrants({ sql, clock, settingHashes, tokensNeeded });
  const revocations = createRevocations({ grants, log: deps.log });

  /** Compares with every hash, so that the time tells nothing of which one fits. */
  function settingHashOf(hash: Uint8Array): Uint8Array | null {
    const fits = settingHashes.map((known) => sameHash(known, hash));
    return settingHashes[fits.indexOf(true)] ?? null;
  }

  /** The row of a token, revoked or not. */
  async function rowOf(token: string): Promise<TokenRow | null> {
    const parts = parseToken(token);
    const row = parts === null ? null : await findToken(sql, parts.publicId);
    return parts !== null && row !== null && sameHash(row.secretHash, hashSecret(parts.secret)) ? row : null;
  }

  async function byToken(token: string): Promise<ByToken | null> {
    const settingHash = settingHashOf(hashSecret(token));
    if (settingHash !== null) {
      return { caller: settingCaller(grantOf.settingsToken(settingHash), false), settingHash };
    }
    const row = await rowOf(token);
    if (row === null || row.revokedAt !== null) return null;
    if (row.lastUsedAt === null || clock.now().getTime() - row.lastUsedAt.getTime() > 60_000) {
      await noteUse(sql, row.id);
    }
    const { id, name, scope } = row;
    return {
      caller: { name, scope, tokenId: id, cookie: false, grant: grantOf.token(id) },
      settingHash: null,
    };
  }

  async function byCookie(cookie: string): Promise<Caller | null> {
    const parts = parseCookie(cookie);
    const row = parts === null ? null : await findSession(sql, parts.id, clock.now());
    if (parts === null || row === null || !sameHash(row.secretHash, hashSecret(parts.secret))) return null;
    const grant = grantOf.session(row.id);
    if (row.tokenName !== null && row.tokenScope !== null) {
      return { name: row.tokenName, scope: row.tokenScope, tokenId: row.tokenId, cookie: true, grant };
    }
    // A token that was taken out of API_TOKENS ends its sessions with the next start.
    const known = row.settingHash !== null && settingHashOf(row.settingHash) !== null;
    return known ? settingCaller(grant, true) : null;
  }

  return {
    tokensNeeded,

    /** Who sends these credentials; null when they are none, unknown, revoked or run out. */
    async authenticate({ token, cookie }: Credentials): Promise<Caller | null> {
      if (!tokensNeeded) return localCaller;
      if (token !== null) return (await byToken(token))?.caller ?? null;
      return cookie === null ? null : byCookie(cookie);
    },

    /** Whether a token was good once: who still sends it guesses nothing. */
    async wasRevoked(token: string): Promise<boolean> {
      return (await rowOf(token))?.revokedAt != null;
    },

    isLive: grants.isLive,
    watch: revocations.watch,
    /** Begins to hear of what other processes revoke. */
    listenToRevocations: revocations.listen,

    /** Opens a session for a browser; `cookie` is null where nobody needs one. Null: the token is not known. */
    async signIn(token: string): Promise<{ caller: Caller; cookie: string | null } | null> {
      if (!tokensNeeded) return { caller: localCaller, cookie: null };
      const known = await byToken(token);
      if (known === null) return null;
      const { settingHash, caller } = known;
      const id = newId();
      const secret = makeSecret();
      await insertSession(sql, {
        id,
        secretHash: hashSecret(secret),
        tokenId: caller.tokenId,
        settingHash,
        expiresAt: new Date(clock.now().getTime() + SESSION_DAYS * DAY_MS),
      });
      const signedIn = { ...caller, cookie: true, grant: grantOf.session(id) };
      return { caller: signedIn, cookie: `${id}.${secret}` };
    },

    /** Ends the session of a cookie, if it is one. */
    async signOut(cookie: string): Promise<void> {
      const parts = parseCookie(cookie);
      // Only whoever has the whole cookie may end its session.
      if (parts === null || (await byCookie(cookie)) === null) return;
      await deleteSession(sql, parts.id);
      grants.forgetAnswers();
    },

    /** Makes a token; it is shown this once. @throws AppError 409 `TokenNameTaken`, 422 `TokenNameReserved` */
    async createToken(name: string, scope: Scope): Promise<string> {
      if (isReservedName(name)) throw tokenNameReserved(name);
      const { token, publicId, secretHash } = makeToken();
      if (!(await insertToken(sql, { id: newId(), publicId, secretHash, name, scope }))) {
        throw tokenNameTaken(name);
      }
      return token;
    },

    /** Whether any token of the database can be used. */
    hasTokens: (): Promise<boolean> => hasTokens(sql),

    async listTokens(): Promise<TokenFacts[]> {
      return (await listTokens(sql)).map(({ secretHash: _secret, ...facts }) => facts);
    },

    /** Ends a token and its sessions at once, in every process. @throws AppError 404 `TokenNotFound` */
    async revokeToken(name: string): Promise<void> {
      if ((await revokeToken(sql, name)) === null) throw noSuchToken(name);
      grants.forgetAnswers();
    },

    /** Forgets sessions that have run out. */
    async prune(): Promise<number> {
      return deleteOldSessions(sql, clock.now());
    },
  };
}
