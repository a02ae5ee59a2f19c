import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The channel that tells every process of a grant that ended: its payload is the grant. */
export const REVOCATIONS_CHANNEL = 'songreel_revocations';

export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Compares two SHA-256 hashes in constant time. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

export type NewToken = { token: string; publicId: string; secretHash: Buffer };

/** A token of 256 random bits; `publicId` names it without giving it away. */
export function makeToken(): NewToken {
  const publicId = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { token: `sr_${publicId}_${secret}`, publicId, secretHash: hashSecret(secret) };
}

export function parseToken(token: string): { publicId: string; secret: string } | null {
  const match = /^sr_([0-9a-f]{12})_([\w-]{43})$/.exec(token);
  return match === null ? null : { publicId: match[1] ?? '', secret: match[2] ?? '' };
}

/** Names that stand for callers without a row, in answers and in the audit log; in any spelling. */
const reservedNames = new Set(['api_tokens', 'local']);

export const isReservedName = (name: string): boolean =>
  reservedNames.has(name.normalize('NFKC').trim().toLowerCase());

export const makeSecret = () => randomBytes(32).toString('base64url');

/** A session's cookie: `<id>.<secret>`. */
export function parseCookie(value: string): { id: string; secret: string } | null {
  const match = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/.exec(value);
  return match === null ? null : { id: match[1] ?? '', secret: match[2] ?? '' };
}
