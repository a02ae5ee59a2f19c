import type { Queryable } from '../../../db/connect';
import type { Scope } from '../../contract/access.schema';
import { REVOCATIONS_CHANNEL } from './access.rules';

export type TokenRow = {
  id: string;
  publicId: string;
  secretHash: Uint8Array;
  name: string;
  scope: Scope;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

export type SessionRow = {
  id: string;
  secretHash: Uint8Array;
  /** Null when it was opened with a token of API_TOKENS. */
  tokenId: string | null;
  tokenName: string | null;
  tokenScope: Scope | null;
  settingHash: Uint8Array | null;
};

/** A token, revoked or not. */
export async function findToken(sql: Queryable, publicId: string): Promise<TokenRow | null> {
  const [row] = await sql<TokenRow[]>`select * from api_tokens where public_id = ${publicId}`;
  return row ?? null;
}

export async function listTokens(sql: Queryable): Promise<TokenRow[]> {
  return sql<TokenRow[]>`select * from api_tokens order by created_at`;
}

/** Whether there is a token that was not revoked. */
export async function hasTokens(sql: Queryable): Promise<boolean> {
  return (await sql`select 1 from api_tokens where revoked_at is null limit 1`).length === 1;
}

/** False when the name is taken. */
export async function insertToken(
  sql: Queryable,
  token: Pick<TokenRow, 'id' | 'publicId' | 'secretHash' | 'name' | 'scope'>,
): Promise<boolean> {
  const rows = await sql`
    insert into api_tokens ${sql(token, 'id', 'publicId', 'secretHash', 'name', 'scope')}
    on conflict (name) do nothing returning 1`;
  return rows.length === 1;
}

/**
 * Ends a token and every session that was opened with it, and tells every process when it is done. Null
 * when none has the name or it has ended.
 */
export async function revokeToken(sql: Queryable, name: string): Promise<TokenRow | null> {
  const [row] = await sql<(TokenRow & { told: string })[]>`
    with revoked as (
      update api_tokens set revoked_at = now() where name = ${name} and revoked_at is null returning *
    ), ended as (
      delete from sessions where token_id in (select id from revoked)
    )
    select revoked.*, pg_notify(${REVOCATIONS_CHANNEL}, 't.' || id)::text as told from revoked`;
  return row ?? null;
}

/** Notes that a token is in use, to the minute. */
export async function noteUse(sql: Queryable, tokenId: string): Promise<void> {
  await sql`
    update api_tokens set last_used_at = now()
    where id = ${tokenId} and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
}

export async function insertSession(
  sql: Queryable,
  session: {
    id: string;
    secretHash: Uint8Array;
    tokenId: string | null;
    settingHash: Uint8Array | null;
    expiresAt: Date;
  },
): Promise<void> {
  await sql`
    insert into sessions ${sql(session, 'id', 'secretHash', 'tokenId', 'settingHash', 'expiresAt')}`;
}

/** A session that has not run out, whose token was not revoked. */
export async function findSession(sql: Queryable, id: string, now: Date): Promise<SessionRow | null> {
  const [row] = await sql<SessionRow[]>`
    select s.id, s.secret_hash, s.token_id, s.setting_hash, t.name as token_name, t.scope as token_scope
    from sessions s left join api_tokens t on t.id = s.token_id
    where s.id = ${id} and s.expires_at > ${now} and t.revoked_at is null`;
  return row ?? null;
}

/** Whether a token is in use. */
export async function isTokenLive(sql: Queryable, id: string): Promise<boolean> {
  const rows = await sql`select 1 from api_tokens where id = ${id} and revoked_at is null`;
  return rows.length === 1;
}

/** Ends a session and tells every process. */
export async function deleteSession(sql: Queryable, id: string): Promise<void> {
  await sql`
    with ended as (delete from sessions where id = ${id} returning id)
    select pg_notify(${REVOCATIONS_CHANNEL}, 's.' || id) from ended`;
}

export async function deleteOldSessions(sql: Queryable, before: Date): Promise<number> {
  return (await sql`delete from sessions where expires_at < ${before}`).count;
}
