import { createHmac, timingSafeEqual } from 'node:crypto';
import { objectPrefixes } from '../../shared/object-prefixes';

/** Under this path the studio serves what lies in its store. */
export const MEDIA_PATH = '/media/';

/** The grant of URLs that a provider is given: good for what is shared with providers, and nothing else. */
export const PROVIDER_GRANT = 'provider';

/**
 * URLs end at multiples of this, so that one object has the same URL for hours and browsers find it in
 * their cache. Signing out and revoking end them at once, so a long life costs little.
 */
export const URL_PERIOD_SECONDS = 6 * 60 * 60;

/** A URL of an object, taken apart. */
export type MediaUrl = {
  key: string;
  /** Who it was given to (`Caller.grant`), or PROVIDER_GRANT. */
  grant: string;
  /** Unix seconds. */
  expires: number;
  signature: string;
};

const keyForm = /^[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)+$/;
const grantForm = /^[a-z](\.[0-9a-f-]{1,64})?$|^[a-z]{1,16}$/;
const signatureForm = /^[\w-]{43}$/;

/** Whether a request is for media, by its whole URL. */
export const isMediaUrl = (url: string) => url.startsWith(MEDIA_PATH, url.indexOf('/', 'https://'.length));

/** The end of URLs made now: between one and two periods away. In Unix seconds. */
export function expiryAt(now: Date): number {
  return (Math.floor(now.getTime() / 1000 / URL_PERIOD_SECONDS) + 2) * URL_PERIOD_SECONDS;
}

function sign(secret: Uint8Array, { key, grant, expires }: Omit<MediaUrl, 'signature'>): string {
  // No line break can be in any part, so no two texts are the same.
  return createHmac('sha256', secret).update(`${grant}\n${expires}\n${key}`).digest('base64url');
}

/** The path and query under which an object may be read until `expires`. */
export function signedPath(secret: Uint8Array, of: Omit<MediaUrl, 'signature'>): string {
  const signature = sign(secret, of);
  return `${MEDIA_PATH}${of.key}?grant=${of.grant}&expires=${of.expires}&signature=${signature}`;
}

/** Takes a path and its query apart; null when it isn't the address of an object. Nothing is decoded. */
export function parseMediaUrl(path: string, query: URLSearchParams): MediaUrl | null {
  const key = path.startsWith(MEDIA_PATH) ? path.slice(MEDIA_PATH.length) : '';
  const grant = query.get('grant') ?? '';
  const expires = query.get('expires') ?? '';
  const signature = query.get('signature') ?? '';
  const whole =
    keyForm.test(key) && grantForm.test(grant) && /^\d{1,12}$/.test(expires) && signatureForm.test(signature);
  return whole ? { key, grant, expires: Number(expires), signature } : null;
}

/** Whether this studio made the URL, in constant time. It says nothing of expiry or revocation. */
export function isAuthentic(secret: Uint8Array, url: MediaUrl): boolean {
  const expected = Buffer.from(sign(secret, url));
  const given = Buffer.from(url.signature);
  return expected.length === given.length && timingSafeEqual(expected, given);
}

/** What a provider may read by its URLs. */
export const isSharedKey = (key: string) => key.startsWith(objectPrefixes.shared);
