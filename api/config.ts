import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { readDatabaseUrl } from '../db/database-url';
import type { ProviderKind } from './contract/provider.schema';
import { namesOf, providerSettings } from './providers/provider.list';
import { AppError } from './shared/errors';
import { logLevels } from './shared/log';
import { isNetwork } from './shared/networks';
import { settingUrl } from './shared/setting.schema';

const emptyIsUnset = (value: string | undefined) =>
  value === undefined || value.trim() === '' ? undefined : value.trim();

const flag = v.pipe(
  v.picklist(['true', 'false', '1', '0'], 'must be true or false'),
  v.transform((text) => text === 'true' || text === '1'),
);
const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'must be a port number'),
  v.transform(Number),
  v.maxValue(65_535, 'must be at most 65535'),
);
const byteCount = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/, 'must be a number of bytes'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1'),
);
const count = v.pipe(
  v.string(),
  v.regex(/^\d{1,9}$/, 'must be a whole number'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1'),
);
const minutes = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/, 'must be a whole number of minutes'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1'),
  // Inputs shared with a provider are kept for a day, and keys of calls are trusted for half of one.
  v.maxValue(720, 'must be at most 720'),
);
const seconds = v.pipe(
  v.string(),
  v.regex(/^\d{1,4}$/, 'must be a whole number of seconds'),
  v.transform(Number),
  v.minValue(1, 'must be at least 1'),
);
/** 128 random bits as hex digits; nobody guesses those. */
const SHORTEST_TOKEN = 32;
const splitList = (text: string) =>
  text
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
const databaseUrl = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const read = readDatabaseUrl(dataset.value);
    if (read.ok) return read.url;
    addIssue({ message: read.problem });
    return NEVER;
  }),
);

/** "local, replicate or sync" */
const oneOf = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' or $1');

/** Who makes a kind of media when a request names nobody. */
function defaultProvider(made: string, kind: ProviderKind) {
  const names = namesOf(kind);
  return {
    doc: `Who makes ${made} when a request names nobody: ${oneOf(names)}.`,
    schema: v.optional(v.picklist(names, `must be ${oneOf(names)}`), 'local'),
  };
}

/** Every setting: its name, what it means, its schema and its default. README's table is made of it. */
export const settings = {
  HOST: { doc: 'Address the studio listens on.', schema: v.optional(v.string(), '127.0.0.1') },
  PORT: { doc: 'Port the studio listens on; 0 takes a free one.', schema: v.optional(port, '3000') },
  DATA_DIR: {
    doc: 'Embedded Postgres, embedded S3 and local media live here.',
    schema: v.optional(v.string(), './data'),
  },
  DATABASE_URL: {
    doc: 'Any PostgreSQL 15 or newer. Unset: an embedded server.',
    schema: v.optional(databaseUrl),
  },
  S3_ENDPOINT: { doc: 'Any S3. Unset, with no S3_BUCKET: an embedded one.', schema: v.optional(settingUrl) },
  MEDIA_DELIVERY: {
    doc: 'proxy: browsers get media from the studio; presigned: from your S3 itself.',
    schema: v.optional(v.picklist(['proxy', 'presigned'], 'must be proxy or presigned'), 'proxy'),
  },
  S3_PUBLIC_ENDPOINT: {
    doc: 'The S3 endpoint as providers reach it, and browsers with MEDIA_DELIVERY=presigned.',
    schema: v.optional(settingUrl),
  },
  S3_BUCKET: { doc: 'Bucket of all media.', schema: v.optional(v.string()) },
  S3_REGION: { doc: 'Region of the bucket.', schema: v.optional(v.string(), 'us-east-1') },
  S3_FORCE_PATH_STYLE: {
    doc: 'Bucket in the path instead of the host name.',
    schema: v.optional(flag, 'false'),
  },
  AWS_ACCESS_KEY_ID: { doc: 'S3 access key.', schema: v.optional(v.string()) },
  AWS_SECRET_ACCESS_KEY: { doc: 'S3 secret key.', schema: v.optional(v.string()) },
  ROLE: {
    doc: 'all: serves and works; api: serves only; worker: works only.',
    schema: v.optional(v.picklist(['all', 'api', 'worker'], 'must be all, api or worker'), 'all'),
  },
  PREPARE_SAMPLE: {
    doc: 'Make the sample project in the background after the first start, so that it opens at once; it is lip-synced and composed then.',
    schema: v.optional(flag, 'true'),
  },
  LIPSYNC_PROVIDER: defaultProvider('lip-syncs', 'lipsync'),
  IMAGE_PROVIDER: defaultProvider('images', 'image'),
  VIDEO_PROVIDER: defaultProvider('clips', 'video'),
  ...providerSettings,
  PROVIDER_JOB_MINUTES: {
    doc: 'How long a provider may take for one job before it is given up.',
    schema: v.optional(minutes, '30'),
  },
  REMOTE_JOBS_AT_ONCE: {
    doc: 'Jobs at providers that one process waits for at a time: what your accounts allow, shared among the workers.',
    schema: v.optional(count, '8'),
  },
  PUBLIC_URL: {
    doc: 'This studio as providers reach it over HTTPS; set: they send webhooks and fetch large inputs.',
    schema: v.optional(settingUrl),
  },
  API_TOKENS: {
    doc: 'Comma-separated tokens that callers must send, each of 32 characters or more (`openssl rand -hex 32`); needed when HOST is not loopback or PUBLIC_URL is set, unless `bun run tokens` made one.',
    schema: v.optional(
      v.pipe(
        v.string(),
        v.transform(splitList),
        // Never the token itself: messages are logged.
        v.check(
          (tokens) => tokens.every((token) => token.length >= SHORTEST_TOKEN && /^[!-~]+$/.test(token)),
          `must hold tokens of at least ${SHORTEST_TOKEN} characters each, without spaces (make one with "openssl rand -hex 32", or leave it unset and use "bun run tokens -- create NAME")`,
        ),
      ),
      '',
    ),
  },
  TRUSTED_PROXIES: {
    doc: 'Comma-separated addresses or networks (10.0.0.0/8, loopback) of proxies whose X-Forwarded-For, -Proto and -Host or Forwarded count. Unset: nobody’s.',
    schema: v.optional(
      v.pipe(
        v.string(),
        v.transform(splitList),
        v.check(
          (entries) => entries.every(isNetwork),
          'must hold IP addresses, networks such as 10.0.0.0/8, or the word loopback',
        ),
      ),
      '',
    ),
  },
  CORS_ORIGINS: {
    doc: 'Comma-separated origins whose pages may call the API with a token. Unset: none.',
    schema: v.optional(v.pipe(v.string(), v.transform(splitList)), ''),
  },
  RATE_LIMIT_PER_MINUTE: {
    doc: 'Requests that one token may send in a minute to one process.',
    schema: v.optional(count, '3000'),
  },
  KEEP_LOCAL_MEDIA: {
    doc: 'Keep local files after their confirmed upload (debugging).',
    schema: v.optional(flag, 'false'),
  },
  MIN_FREE_DISK_BYTES: {
    doc: 'What must stay free on the disk of DATA_DIR: below it jobs wait and uploads get 507.',
    schema: v.optional(byteCount, '1073741824'),
  },
  SHUTDOWN_SECONDS: {
    doc: 'How long requests and jobs may finish after SIGTERM before they are cut off or handed back.',
    schema: v.optional(seconds, '20'),
  },
  MAX_UPLOAD_BYTES: { doc: 'Largest upload that is taken.', schema: v.optional(byteCount, '8589934592') },
  UPLOAD_RETRY_SECONDS: {
    doc: 'How long an upload to S3 that failed waits before it is tried again; later waits are longer.',
    schema: v.optional(seconds, '30'),
  },
  FETCH_ALLOW_LOOPBACK: {
    doc: 'Lets URLs given by users point at this machine (tests).',
    schema: v.optional(flag, 'false'),
  },
  FFMPEG_BIN: { doc: 'Path of ffmpeg. Unset: found or installed.', schema: v.optional(v.string()) },
  FFPROBE_BIN: { doc: 'Path of ffprobe. Unset: found or installed.', schema: v.optional(v.string()) },
  CHROMIUM_BIN: {
    doc: 'Path of Chromium for the browser tests. Unset: found.',
    schema: v.optional(v.string()),
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    doc: 'OpenTelemetry collector (OTLP over HTTP) that gets traces of requests, jobs and ffmpeg. Unset: none.',
    schema: v.optional(settingUrl),
  },
  OTEL_SERVICE_NAME: { doc: 'Name of this service in traces.', schema: v.optional(v.string(), 'songreel') },
  LOG_LEVEL: {
    doc: 'Least severe log lines written to standard error.',
    schema: v.optional(v.picklist(logLevels, `must be one of ${logLevels.join(', ')}`), 'info'),
  },
} as const;

type Entries = { [Name in keyof typeof settings]: (typeof settings)[Name]['schema'] };
type Settings = v.InferOutput<v.ObjectSchema<Entries, undefined>>;

export type Config = Settings & {
  /** Absolute path of DATA_DIR. */
  dataDirectory: string;
  /** Where local media is kept until its upload is confirmed. */
  mediaRoot: string;
};

type Environment = Record<string, string | undefined>;

/** The settings of this process, from its environment. @throws AppError `InvalidSettings` */
export function readProcessConfig(changes: Environment = {}): Config {
  return readConfig({ ...process.env, ...changes });
}

/**
 * Reads settings from an environment. Only this file looks at the real one.
 * @throws AppError `InvalidSettings` that names every bad setting and what it must be.
 */
export function readConfig(environment: Environment): Config {
  const entries = Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, setting.schema]),
  ) as Entries;
  const given = Object.fromEntries(
    Object.keys(settings)
      .map((name) => [name, emptyIsUnset(environment[name])] as const)
      .filter(([, value]) => value !== undefined),
  );
  const parsed = v.safeParse(v.object(entries), given);
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${v.getDotPath(issue)} ${issue.message}`);
    throw new AppError({
      code: 'InvalidSettings',
      message: `These settings can't be used: ${problems.join('; ')}.`,
      details: problems,
    });
  }
  const dataDirectory = resolve(parsed.output.DATA_DIR);
  return { ...parsed.output, dataDirectory, mediaRoot: join(dataDirectory, 'outputs') };
}

/** True when only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** Whether a URL points at this machine. */
const isLoopbackUrl = (url: string) => isLoopback(new URL(url).hostname);

/** Why others can reach the studio, so that it needs tokens; null: only its own machine can. */
export function exposureOf(
  config: Pick<Config, 'HOST' | 'PUBLIC_URL' | 'S3_PUBLIC_ENDPOINT'>,
): string | null {
  if (!isLoopback(config.HOST)) return `HOST is ${config.HOST}`;
  if (config.PUBLIC_URL !== undefined) return 'PUBLIC_URL is set';
  const { S3_PUBLIC_ENDPOINT: store } = config;
  return store === undefined || isLoopbackUrl(store) ? null : 'S3_PUBLIC_ENDPOINT is set';
}

/** Whether callers need tokens. */
export const needsTokens = (config: Parameters<typeof exposureOf>[0] & Pick<Config, 'API_TOKENS'>): boolean =>
  config.API_TOKENS.length > 0 || exposureOf(config) !== null;
