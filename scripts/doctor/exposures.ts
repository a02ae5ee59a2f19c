import { type Config, isLoopback } from '../../api/config';

/** The settings that decide who can reach or read something. */
export type ExposureSettings = Pick<
  Config,
  | 'HOST'
  | 'PUBLIC_URL'
  | 'TRUSTED_PROXIES'
  | 'CORS_ORIGINS'
  | 'FETCH_ALLOW_LOOPBACK'
  | 'KEEP_LOCAL_MEDIA'
  | 'DATABASE_URL'
  | 'S3_ENDPOINT'
  | 'S3_PUBLIC_ENDPOINT'
>;

/** What was found on this machine. */
export type ExposureFacts = {
  /** The user that this runs as; null where systems have no such numbers. */
  userId: number | null;
  /** Folders that are to be this user's alone, with the permission bits of those that exist. */
  folders: { path: string; mode: number }[];
};

/** Reading and writing by others. Passing through is what a group may need: a database that runs as another user. */
const OTHERS = 0o067;
/** Values of sslmode (or ssl) with which a connection is refused rather than made without TLS. */
const TLS_MODES = new Set(['require', 'verify-ca', 'verify-full', 'true']);

const parse = (url: string | undefined) => (url !== undefined && URL.canParse(url) ? new URL(url) : null);

/** Whether what is sent there crosses a network that others can listen to. */
const inTheOpen = (url: URL | null): url is URL =>
  url !== null && url.protocol === 'http:' && !isLoopback(url.hostname);

function databaseInTheOpen(setting: string | undefined): URL | null {
  const url = parse(setting);
  if (url === null || url.hostname === '' || isLoopback(url.hostname)) return null;
  const mode = url.searchParams.get('sslmode') ?? url.searchParams.get('ssl') ?? '';
  return TLS_MODES.has(mode) ? null : url;
}

/**
 * What lets others reach or read more than they need, each with what to do about it. Some of it may be
 * meant, so none is a failure. No secret is in the texts.
 */
export function exposuresOf(settings: ExposureSettings, facts: ExposureFacts): string[] {
  const warnings: string[] = [];
  const { HOST: host, PUBLIC_URL: publicUrl } = settings;
  if (!isLoopback(host) && publicUrl?.startsWith('https://') !== true) {
    warnings.push(
      `HOST is ${host} and no HTTPS address is known: tokens and media can be read on the way. Put a proxy with HTTPS before the studio and set PUBLIC_URL to its address.`,
    );
  }
  if (publicUrl !== undefined && inTheOpen(parse(publicUrl))) {
    warnings.push('PUBLIC_URL is not HTTPS: tokens and media can be read on the way.');
  }
  if (publicUrl?.startsWith('https://') === true && settings.TRUSTED_PROXIES.length === 0) {
    warnings.push(
      'PUBLIC_URL is HTTPS, so there is a proxy, but TRUSTED_PROXIES is not set: all who come through it are one address, and wrong tokens of one of them make all wait. Name its address, or loopback.',
    );
  }
  const origins = settings.CORS_ORIGINS.filter((origin) => origin === '*' || inTheOpen(parse(origin)));
  if (origins.length > 0) {
    warnings.push(
      `CORS_ORIGINS has ${origins.join(', ')}: pages that anybody can make or change on the way may use the API. Name HTTPS origins.`,
    );
  }
  if (settings.FETCH_ALLOW_LOOPBACK) {
    warnings.push(
      'FETCH_ALLOW_LOOPBACK is on: users can have this machine’s own services fetched. Unset it.',
    );
  }
  if (settings.KEEP_LOCAL_MEDIA) {
    warnings.push('KEEP_LOCAL_MEDIA is on: all media stay on this disk, deleted projects’ too. Unset it.');
  }
  for (const name of ['S3_ENDPOINT', 'S3_PUBLIC_ENDPOINT'] as const) {
    const url = parse(settings[name]);
    if (inTheOpen(url)) {
      warnings.push(`${name} (${url.host}) is not HTTPS: media can be read on the way. Use https://.`);
    }
  }
  const database = databaseInTheOpen(settings.DATABASE_URL);
  if (database !== null) {
    warnings.push(
      `DATABASE_URL (${database.host}) does not ask for TLS: password and data can be read on the way. Add ?sslmode=require.`,
    );
  }
  for (const { path, mode } of facts.folders) {
    if ((mode & OTHERS) === 0) continue;
    warnings.push(
      `Other users of this machine may look into ${path} (mode ${(mode & 0o777).toString(8)}). Close it: chmod go= ${path}`,
    );
  }
  if (facts.userId === 0) {
    warnings.push(
      'This runs as root, and so does everything that reads the media of users. Run the studio as a user of its own.',
    );
  }
  return warnings;
}
