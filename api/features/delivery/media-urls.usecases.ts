import { LRUCache } from 'lru-cache';
import type { Clock } from '../../shared/clock';
import { mediaUrlEnded, mediaUrlInvalid } from './delivery.errors';
import {
  expiryAt,
  isAuthentic,
  isSharedKey,
  MEDIA_PATH,
  type MediaUrl,
  PROVIDER_GRANT,
  parseMediaUrl,
  signedPath,
} from './media-url.rules';

/** Some 500 bytes each; more than a project of 1,000 scenes has clips. */
const REMEMBERED_URLS = 5000;

export type MediaUrls = ReturnType<typeof createMediaUrls>;

/** The URLs of media: paths of the studio, each signed, bound to who got it, and good for some hours. */
export function createMediaUrls(deps: {
  secret: Uint8Array;
  clock: Clock;
  /** Whom the answer is for that is being made now. */
  currentGrant: () => string;
  /** Whether a token or session that URLs were given to may still read. */
  isLive: (grant: string) => Promise<boolean>;
  /** Set when browsers fetch from S3 itself (MEDIA_DELIVERY=presigned). */
  presigned: { get(key: string): Promise<string>; period(): number } | null;
}) {
  const { secret, clock, presigned } = deps;
  const now = () => Math.floor(clock.now().getTime() / 1000);

  // Of a URL by which a player reads range after range the signature is computed once.
  const authentic = new LRUCache<string, MediaUrl>({ max: REMEMBERED_URLS });
  function authenticated(path: string, query: URLSearchParams): MediaUrl {
    const name = `${path}?${query}`;
    const known = authentic.get(name);
    if (known !== undefined) return known;
    const url = parseMediaUrl(path, query);
    if (url === null || !isAuthentic(secret, url)) throw mediaUrlInvalid();
    authentic.set(name, url);
    return url;
  }

  /** @throws AppError 403 `MediaUrlInvalid`, `MediaUrlEnded` */
  async function check(path: string, query: URLSearchParams): Promise<MediaUrl> {
    const url = authenticated(path, query);
    const isLive =
      url.grant === PROVIDER_GRANT
        ? isSharedKey(url.key)
        : url.expires > now() && (await deps.isLive(url.grant));
    if (url.expires <= now() || !isLive) throw mediaUrlEnded();
    return url;
  }

  return {
    /** The URL of an object for whom the answer is made. */
    async urlOf(key: string): Promise<string> {
      if (presigned !== null) return presigned.get(key);
      return signedPath(secret, { key, grant: deps.currentGrant(), expires: expiryAt(clock.now()) });
    },

    /** Names the URLs that are given now: answers that hold some are the same as long as this is. */
    version(): string {
      if (presigned !== null) return String(presigned.period());
      return `${deps.currentGrant()}-${expiryAt(clock.now())}`;
    },

    /** A path for a provider to read a shared object by, for so many seconds. */
    providerPath(key: string, lifeSeconds: number): string {
      return signedPath(secret, { key, grant: PROVIDER_GRANT, expires: now() + Math.ceil(lifeSeconds) });
    },

    /**
     * The object that a request asks for, and for how many seconds its answer may be kept.
     * @throws AppError 403 `MediaUrlInvalid`, `MediaUrlEnded`
     */
    async open(path: string, query: URLSearchParams): Promise<{ key: string; keepSeconds: number }> {
      const { key, expires } = await check(path, query);
      return { key, keepSeconds: expires - now() };
    },

    /**
     * The key behind a URL that this studio gave out, whole or as a path; null for any other URL.
     * @throws AppError 403 `MediaUrlInvalid`, `MediaUrlEnded`
     */
    async keyOf(url: string): Promise<string | null> {
      // A path needs some base to be parsed; which one doesn't matter.
      const parsed = URL.parse(url, 'http://studio');
      if (parsed === null || !parsed.pathname.startsWith(MEDIA_PATH)) return null;
      if (!parsed.searchParams.has('grant') || !parsed.searchParams.has('signature')) return null;
      const checked = await check(parsed.pathname, parsed.searchParams);
      return checked.key;
    },
  };
}
