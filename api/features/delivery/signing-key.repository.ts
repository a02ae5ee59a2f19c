import { randomBytes } from 'node:crypto';
import type { Queryable } from '../../../db/connect';

/** The key that media URLs are signed with: one for all processes of a studio, made by the first of them. */
export async function readSigningKey(sql: Queryable): Promise<Uint8Array> {
  await sql`insert into signing_keys (secret) values (${randomBytes(32)}) on conflict do nothing`;
  const [row] = await sql<{ secret: Uint8Array }[]>`select secret from signing_keys`;
  if (row === undefined) throw new Error('The signing key was deleted while it was read.');
  return row.secret;
}
