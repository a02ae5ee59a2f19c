import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { connect, type Database } from '../db/connect';
import { startEmbeddedPostgres } from '../db/embedded-postgres.server';
import { createListener } from '../db/listen';
import { migrate } from '../db/migrate';
import packageFile from '../package.json';
import type { Config } from './config';
import { type Format, FormatSchema } from './contract/format.schema';
import { createEvents } from './events/events.service';
import { type ComposeUsecases, createComposeUsecases } from './features/compose/compose.usecases';
import type { SubscribeToProject } from './features/events/events.routes';
import { createJobUsecases, type JobUsecases } from './features/jobs/jobs.usecases';
import { createLipsyncRun } from './features/lipsync/lipsync-run.usecases';
import {
  createSceneLipsyncUsecases,
  type SceneLipsyncUsecases,
} from './features/lipsync/scene-lipsync.usecases';
import {
  createStandaloneLipsyncUsecases,
  type StandaloneLipsyncUsecases,
} from './features/lipsync/standalone-lipsync.usecases';
import { requireProject } from './features/projects/projects.lookup';
import { createProjectUsecases, type ProjectUsecases } from './features/projects/projects.usecases';
import { createSongPeaksUsecases, type SongPeaksUsecases } from './features/projects/song-peaks.usecases';
import {
  createProviderCallUsecases,
  type ProviderCallUsecases,
} from './features/provider-calls/provider-calls.usecases';
import {
  createSampleUsecases,
  type SampleMaterial,
  type SampleUsecases,
} from './features/sample/sample.usecases';
import { createSceneUsecases, type SceneUsecases } from './features/scenes/scenes.usecases';
import { createStudioUsecases, type StudioUsecases } from './features/system/studio.usecases';
import { createSystemUsecases, type SystemUsecases } from './features/system/system.usecases';
import { createTakeUsecases, type TakeUsecases } from './features/takes/takes.usecases';
import { createTrimUsecases, type TrimUsecases } from './features/trim/trim.usecases';
import { createIngestUsecases } from './features/uploads/ingest.usecases';
import { createResumableUploads, type ResumableUploads } from './features/uploads/resumable.uploads';
import { claimUploads } from './features/uploads/uploads.leftovers';
import {
  createUploadUsecases,
  type UploadUsecases,
  uploadsDirectory,
} from './features/uploads/uploads.usecases';
import { createVideoUsecases, type VideoUsecases } from './features/videos/videos.usecases';
import { startProviderNews } from './features/webhooks/provider-news';
import { createWebhookUsecases, type WebhookUsecases } from './features/webhooks/webhooks.usecases';
import { JobWaits } from './jobs/jobs.errors';
import { createJobs } from './jobs/jobs.service';
import type { JobHandler, Jobs } from './jobs/jobs.types';
import { findPrograms } from './media/ffmpeg.finder';
import { createMediaRoom } from './media/media.room';
import type { MediaTools } from './media/media.types';
import { mezzanineVideoArguments } from './media/mezzanine.arguments';
import { createLocalLipsyncProvider } from './providers/lipsync/local/local.provider';
import { createReplicateWebhookSecret } from './providers/replicate/webhook-secret';
import { systemClock } from './shared/clock';
import { AppError, errorMessage } from './shared/errors';
import { newId } from './shared/ids';
import { createLog, type Log } from './shared/log';
import { startEmbeddedS3 } from './storage/embedded-s3.server';
import { createS3Clients, type S3Settings } from './storage/s3.client';
import { createSafeFetch } from './storage/safe-fetch/safe-fetch';
import { createStorage } from './storage/storage';
import type { Storage } from './storage/storage.types';

/** Often enough that a retried upload is not waited for, seldom enough to cost nothing. */
const SWEEP_EVERY_MS = 60_000;
/** A waiting job tries its upload as often as the outbox does at first (its back-off begins with this). */
const UPLOAD_RETRY_SECONDS = 30;
/** Event streams catch up over at most a day. */
const EVENTS_KEPT_MS = 24 * 60 * 60 * 1000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;

/** Jobs that wait for a provider cost this machine next to nothing; providers allow about as many at once. */
const REMOTE_JOBS_AT_ONCE = 8;

export type Services = {
  config: Config;
  version: string;
  log: Log;
  sql: Database;
  databaseUrl: string;
  storage: Storage;
  jobs: Jobs;
  mediaTools: MediaTools;
  projects: ProjectUsecases;
  scenes: SceneUsecases;
  takes: TakeUsecases;
  uploads: UploadUsecases;
  resumableUploads: ResumableUploads;
  songPeaks: SongPeaksUsecases;
  sample: SampleUsecases;
  studio: StudioUsecases;
  trim: TrimUsecases;
  sceneLipsync: SceneLipsyncUsecases;
  standaloneLipsync: StandaloneLipsyncUsecases;
  compose: ComposeUsecases;
  jobUsecases: JobUsecases;
  videos: VideoUsecases;
  providerCalls: ProviderCallUsecases;
  webhooks: WebhookUsecases;
  system: SystemUsecases;
  subscribeToProject: SubscribeToProject;
  /** Where the built studio page is. */
  pageDirectory: string;
  /** Where the OpenAPI page's own files are. */
  documentationDirectory: string;
  /** Clears what uploads left behind whose process was killed. To be called before serving. */
  startReceiving(): Promise<void>;
  /** Begins to finish the uploads of this machine that something interrupted, now and then again. */
  startSweeping(): void;
  /** Begins to take jobs. */
  startWorking(): Promise<void>;
  stop(options: { graceMs: number }): Promise<void>;
};

async function openDatabase(config: Config, log: Log, closers: Closers) {
  let url = config.DATABASE_URL;
  if (url === undefined) {
    const embedded = await startEmbeddedPostgres({
      directory: join(config.dataDirectory, 'postgres'),
      log,
    });
    closers.push(() => embedded.stop());
    url = embedded.url;
  }
  const sql = connect(url, { log });
  closers.push(() => sql.end({ timeout: 5 }));
  await migrate(sql, { log });
  return { url, sql };
}

async function openS3(config: Config, log: Log, closers: Closers) {
  if (config.S3_BUCKET !== undefined || config.S3_ENDPOINT !== undefined) {
    if (config.S3_BUCKET === undefined) {
      throw new AppError({
        code: 'InvalidSettings',
        status: 500,
        message: 'S3_ENDPOINT is set but S3_BUCKET is not. Set it to the name of the bucket for all media.',
      });
    }
    const settings: S3Settings = {
      region: config.S3_REGION,
      forcePathStyle: config.S3_FORCE_PATH_STYLE,
      ...(config.S3_ENDPOINT === undefined ? {} : { endpoint: config.S3_ENDPOINT }),
      ...(config.S3_PUBLIC_ENDPOINT === undefined ? {} : { publicEndpoint: config.S3_PUBLIC_ENDPOINT }),
      ...(config.AWS_ACCESS_KEY_ID === undefined || config.AWS_SECRET_ACCESS_KEY === undefined
        ? {}
        : {
            credentials: {
              accessKeyId: config.AWS_ACCESS_KEY_ID,
              secretAccessKey: config.AWS_SECRET_ACCESS_KEY,
            },
          }),
    };
    return { embedded: false, bucket: config.S3_BUCKET, ...createS3Clients(settings) };
  }
  const embedded = await startEmbeddedS3({ directory: join(config.dataDirectory, 's3'), log });
  closers.push(() => embedded.stop());
  const { endpoint, region, accessKeyId, secretAccessKey, bucket } = embedded;
  return {
    embedded: true,
    bucket,
    ...createS3Clients({
      endpoint,
      region,
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      ...(config.S3_PUBLIC_ENDPOINT === undefined ? {} : { publicEndpoint: config.S3_PUBLIC_ENDPOINT }),
    }),
  };
}

/** What was opened, to be closed in reverse order: at the end, or when a later step fails. */
type Closers = (() => Promise<unknown>)[];

async function closeAll(closers: Closers, log: Log): Promise<void> {
  for (const close of closers.toReversed()) {
    try {
      await close();
    } catch (error) {
      log.warn({ error: errorMessage(error) }, 'not_closed');
    }
  }
}

const uploadWaiting = (message: string) =>
  new JobWaits({ code: 'UploadWaiting', status: 503, message, delaySeconds: UPLOAD_RETRY_SECONDS });

/** What a program may lend to the studio that is not the studio's own. */
export type Extras = {
  /** Makes the material of the sample project; without it there is no sample. */
  sampleMaterial?: (options: {
    format: Format;
    signal: AbortSignal;
    ffmpegPath: string;
  }) => Promise<SampleMaterial>;
};

/** The one composition root: everything is made here, and everything gets what it needs as arguments. */
export async function createServices(config: Config, extras: Extras = {}): Promise<Services> {
  const log = createLog(config.LOG_LEVEL);
  const closers: Closers = [];
  try {
    return await build(config, extras, log, closers);
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

async function build(config: Config, extras: Extras, log: Log, closers: Closers): Promise<Services> {
  const clock = systemClock;
  const programs = await findPrograms({
    log,
    allowInstall: true,
    ...(config.FFMPEG_BIN === undefined ? {} : { ffmpegBin: config.FFMPEG_BIN }),
    ...(config.FFPROBE_BIN === undefined ? {} : { ffprobeBin: config.FFPROBE_BIN }),
  });
  const mediaTools: MediaTools = { ...programs, log };
  const database = await openDatabase(config, log, closers);
  const { sql } = database;
  const objects = await openS3(config, log, closers);
  const listener = createListener(database.url, { log });
  closers.push(() => listener.close());
  const events = createEvents({ sql, listen: listener.listen, log });
  closers.push(() => events.close());
  const storage = await createStorage({
    sql,
    s3: objects.s3,
    presignS3: objects.presignS3,
    bucket: objects.bucket,
    mediaRoot: config.mediaRoot,
    keepLocalMedia: config.KEEP_LOCAL_MEDIA,
    isJobOver: async (jobId) => {
      const active = await sql`select 1 from jobs where id = ${jobId} and state in ('queued', 'running')`;
      return active.length === 0;
    },
    isJobUnwanted: async (jobId) => {
      const wanted = await sql`select 1 from jobs where id = ${jobId} and state <> 'canceled'`;
      return wanted.length === 0;
    },
    // The embedded store writes every part of a multipart upload twice: in one piece 2 GiB take half as long.
    ...(objects.embedded ? { settings: { multipartFromBytes: Number.POSITIVE_INFINITY } } : {}),
    newId,
    clock,
    log,
  });
  // The embedded store makes its bucket by itself.
  if (!objects.embedded) await storage.ensureBucket();
  const cores = availableParallelism();
  const jobs = createJobs({
    sql,
    databaseUrl: database.url,
    listen: listener.listen,
    newId,
    clock,
    log,
    publish: events.publish,
    awaitedFiles: storage.awaitedFiles,
    // The local engine keeps two cores busy by itself; a composition copies and hardly computes.
    pools: {
      ffmpeg: cores,
      lipsync: Math.max(1, Math.floor(cores / 2)),
      compose: 1,
      remote: REMOTE_JOBS_AT_ONCE,
    },
  });
  const media = createMediaRoom(mediaTools);
  const provider = createLocalLipsyncProvider({
    ffmpegPath: programs.ffmpegPath,
    videoEncodeArguments: (format) => mezzanineVideoArguments(v.parse(FormatSchema, format)),
  });
  const providerCalls = createProviderCallUsecases({ sql, newId, jobs });
  const news = await startProviderNews(listener.listen);
  closers.push(() => news.close());
  const replicateToken = config.REPLICATE_API_TOKEN;
  const webhooks = createWebhookUsecases({
    sql,
    clock,
    log,
    replicateSecret:
      config.PUBLIC_URL === undefined || replicateToken === undefined
        ? async () => null
        : createReplicateWebhookSecret({ fetch, baseUrl: config.REPLICATE_BASE_URL, token: replicateToken }),
    syncSecret: config.PUBLIC_URL === undefined ? null : (config.SYNC_WEBHOOK_SECRET ?? null),
  });
  const safeFetch = createSafeFetch({ allowLoopback: config.FETCH_ALLOW_LOOPBACK, log });
  const presign = (key: string) => storage.presignGet(key);

  const shared = { sql, newId, clock, log, jobs, events, storage, media, presign };
  const projects = createProjectUsecases(shared);
  const scenes = createSceneUsecases(shared);
  const uploads = createUploadUsecases({
    ...shared,
    uploadsDirectory: uploadsDirectory(config.mediaRoot),
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const resumableUploads = await createResumableUploads({
    newId,
    uploads,
    // Beside the media root, where only whole files lie.
    directory: join(config.dataDirectory, 'uploads-in-progress'),
    uploadsDirectory: uploadsDirectory(config.mediaRoot),
    path: '/api/mv/uploads',
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const { sampleMaterial } = extras;
  const sample = createSampleUsecases({
    ...shared,
    projects,
    scenes,
    uploads,
    uploadsDirectory: uploadsDirectory(config.mediaRoot),
    makeMaterial:
      sampleMaterial === undefined
        ? null
        : (options) => sampleMaterial({ ...options, ffmpegPath: programs.ffmpegPath }),
  });
  const ingest = createIngestUsecases(shared);
  const trim = createTrimUsecases(shared);
  const lipsync = {
    providerName: provider.name,
    runLipsync: createLipsyncRun({ clock, media, provider }),
  };
  const sceneLipsync = createSceneLipsyncUsecases({ ...shared, ...lipsync, readScene: scenes.readById });
  const standaloneLipsync = createStandaloneLipsyncUsecases({
    ...shared,
    ...lipsync,
    checkUrl: safeFetch.check,
    fetchToFile: safeFetch.fetchToFile,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const compose = createComposeUsecases(shared);

  for (const feature of [uploads, ingest, trim, sceneLipsync, standaloneLipsync, compose]) {
    for (const [name, completion] of Object.entries(feature.completions)) {
      storage.registerCompletion(name, completion);
    }
  }
  /**
   * A job whose result already waits for its upload must not be made a second time: it waits as well,
   * however long S3 is away, until a sweep or its own next run has stored the result.
   */
  const resumable =
    (handler: JobHandler): JobHandler =>
    async (job, context) => {
      const earlier = await storage.resumeJob(job.id);
      if (earlier === 'completed') {
        // The run that made the result was killed: what else it had on disk goes too.
        await (await storage.temporaryDirectory(job.id)).remove();
        return;
      }
      if (earlier === 'pending') {
        throw uploadWaiting(
          'The result is made and waits for its upload to S3, which is tried again by itself.',
        );
      }
      try {
        await handler(job, context);
      } catch (error) {
        if (error instanceof AppError && error.code === 'UploadFailed' && error.retryable) {
          throw uploadWaiting(error.message);
        }
        throw error;
      }
    };
  jobs.register('upload_clip', { pool: 'ffmpeg', handler: resumable(ingest.clip) });
  jobs.register('upload_image', { pool: 'ffmpeg', handler: resumable(ingest.image) });
  jobs.register('upload_song', { pool: 'ffmpeg', handler: resumable(ingest.song) });
  jobs.register('make_sample', { pool: 'ffmpeg', handler: resumable(sample.run) });
  jobs.register('trim', { pool: 'ffmpeg', handler: resumable(trim.run) });
  jobs.register('lipsync', { pool: 'lipsync', handler: resumable(sceneLipsync.run) });
  jobs.register('standalone_lipsync', { pool: 'lipsync', handler: resumable(standaloneLipsync.run) });
  jobs.register('compose', { pool: 'compose', handler: resumable(compose.run) });
  closers.push(() => jobs.stop());
  await jobs.start();

  const stopping = new AbortController();
  let sweeping: Promise<void> | null = null;
  let pruning: ReturnType<typeof setInterval> | null = null;

  return {
    config,
    version: packageFile.version,
    log,
    sql,
    databaseUrl: database.url,
    storage,
    jobs,
    mediaTools,
    projects,
    scenes,
    takes: createTakeUsecases(shared),
    uploads,
    resumableUploads,
    songPeaks: createSongPeaksUsecases(shared),
    sample,
    studio: createStudioUsecases({
      sql,
      version: packageFile.version,
      providers: [
        { kind: 'lipsync', name: config.LIPSYNC_PROVIDER, paid: config.LIPSYNC_PROVIDER !== 'local' },
      ],
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      sample: sample.available,
    }),
    trim,
    sceneLipsync,
    standaloneLipsync,
    compose,
    providerCalls,
    webhooks,
    jobUsecases: createJobUsecases(shared),
    videos: createVideoUsecases(shared),
    system: createSystemUsecases(shared),
    subscribeToProject: async (projectId, options) => {
      const project = await requireProject(sql, projectId);
      return events.subscribe(project.id, options);
    },
    pageDirectory: join(import.meta.dir, '..', 'ui', 'build'),
    documentationDirectory: dirname(Bun.resolveSync('swagger-ui-dist/package.json', import.meta.dir)),

    async startReceiving() {
      const receiving = await claimUploads({
        sql,
        mediaRootId: storage.mediaRootId,
        directory: uploadsDirectory(storage.mediaRoot),
        discard: storage.discard,
      });
      closers.push(receiving.release);
      await resumableUploads.prune();
    },

    startSweeping() {
      sweeping ??= storage.startSweeping({ everyMs: SWEEP_EVERY_MS, signal: stopping.signal });
    },

    async startWorking() {
      await jobs.startWorker();
      pruning = setInterval(() => {
        const before = new Date(clock.now().getTime() - EVENTS_KEPT_MS);
        events.prune(before).catch((error: Error) => log.warn({ error: error.message }, 'events_not_pruned'));
        webhooks
          .prune(before)
          .catch((error: Error) => log.warn({ error: error.message }, 'webhooks_not_pruned'));
      }, PRUNE_EVERY_MS);
    },

    async stop({ graceMs }) {
      if (pruning !== null) clearInterval(pruning);
      await jobs.stopWorker({ graceMs });
      stopping.abort();
      await sweeping;
      await closeAll(closers, log);
    },
  };
}
