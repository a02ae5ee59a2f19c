import { createHash } from 'node:crypto';
import { type Scope, scopes } from '../contract/access.schema';

/** Who a request comes from. */
export type Caller = {
  name: string;
  scope: Scope;
  /** The row of its token; null for a token of API_TOKENS and on a studio without sign-in. */
  tokenId: string | null;
  /** By cookie, as browsers come: such requests must prove that the studio's own page sent them. */
  cookie: boolean;
  /** What it was let in by. */
  grant: Grant;
};

/**
 * Names what a caller was let in by, without its secret: `t.<token id>`, `s.<session id>`,
 * `e.<16 hex digits>` (a token of API_TOKENS) or `local` (a studio that needs no tokens). What was given
 * out under a grant ends with it (`AccessUsecases.isLive`).
 */
export type Grant = string;

/** The grants of everything a caller can come with. */
export const grantOf = {
  local: 'local',
  token: (tokenId: string): Grant => `t.${tokenId}`,
  session: (sessionId: string): Grant => `s.${sessionId}`,
  /** Of the hash of a token of API_TOKENS: hashed once more, so that a grant says nothing of either. */
  settingsToken: (hash: Uint8Array): Grant =>
    `e.${createHash('sha256').update(hash).digest('hex').slice(0, 16)}`,
} as const;

export type ParsedGrant =
  | { kind: 'local' }
  | { kind: 'settings' }
  | { kind: 'token'; id: string }
  | { kind: 'session'; id: string };

/** Null for what no grant looks like. */
export function parseGrant(grant: string): ParsedGrant | null {
  if (grant === grantOf.local) return { kind: 'local' };
  if (/^e\.[0-9a-f]{16}$/.test(grant)) return { kind: 'settings' };
  const match = /^([ts])\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(grant);
  if (match === null) return null;
  return { kind: match[1] === 't' ? 'token' : 'session', id: match[2] ?? '' };
}

/** Whoever reaches a studio that only its own machine can reach. */
export const localCaller: Caller = {
  name: 'local',
  scope: 'admin',
  tokenId: null,
  cookie: false,
  grant: grantOf.local,
};

/** Whom limits count: a token and all browsers that signed in with it are one. */
export const callerKey = (caller: Pick<Caller, 'name' | 'tokenId'>): string => caller.tokenId ?? caller.name;

export function allows(has: Scope, needed: Scope): boolean {
  return scopes.indexOf(has) >= scopes.indexOf(needed);
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a request needs: looking is `read`, everything else `edit`, and what is under `/admin` `admin`. */
export function scopeNeeded(method: string, path: string): Scope {
  if (path.startsWith('/api/mv/admin/')) return 'admin';
  return safeMethods.has(method) ? 'read' : 'edit';
}

/** What a request proves itself with. */
export type Credentials = { token: string | null; cookie: string | null };

/** The token of an `Authorization: Bearer …` header. */
export function bearerOf(header: string | undefined): string | null {
  return /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? null;
}
