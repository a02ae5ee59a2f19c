import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import type { Database } from '../db/connect';
import { createListener } from '../db/listen';
import packageFile from '../package.json';
import { type AccessServices, composeAccess } from './composition/access.services';
import { type Closers, closeAll } from './composition/closers';
import { loggedAs, poolByProvider, resumableWith, waitingForDisk } from './composition/jobs.services';
import { composeProviders } from './composition/providers.services';
import { openDatabase, openS3 } from './composition/stores.services';
import { openTracing } from './composition/tracing.services';
import type { Config } from './config';
import type { Format } from './contract/format.schema';
import { createEvents } from './events/events.service';
import { type ComposeUsecases, createComposeUsecases } from './features/compose/compose.usecases';
import { type CopyUsecases, createCopyUsecases } from './features/copies/copies.usecases';
import type { SubscribeToProject } from './features/events/events.routes';
import {
  type CharacterReferenceUsecases,
  createCharacterReferenceUsecases,
} from './features/generate/character-reference.usecases';
import { createGenerationRun } from './features/generate/generate-run.usecases';
import { createSceneImageUsecases, type SceneImageUsecases } from './features/generate/scene-image.usecases';
import { createSceneVideoUsecases, type SceneVideoUsecases } from './features/generate/scene-video.usecases';
import {
  createStandaloneVideoUsecases,
  type StandaloneVideoUsecases,
} from './features/generate/standalone-video.usecases';
import type { RequestMeter } from './features/http/http.request-log';
import { createJobUsecases, type JobUsecases } from './features/jobs/jobs.usecases';
import {
  type BatchLipsyncUsecases,
  createBatchLipsyncUsecases,
} from './features/lipsync/batch-lipsync.usecases';
import { createLipsyncRun } from './features/lipsync/lipsync-run.usecases';
import {
  createSceneLipsyncUsecases,
  type SceneLipsyncUsecases,
} from './features/lipsync/scene-lipsync.usecases';
import {
  createStandaloneLipsyncUsecases,
  type StandaloneLipsyncUsecases,
} from './features/lipsync/standalone-lipsync.usecases';
import { createRevisions } from './features/projects/project-revisions.repository';
import { createProjectViews, type ReadProjectView } from './features/projects/project-views.usecases';
import { requireProject } from './features/projects/projects.lookup';
import { createProjectUsecases, type ProjectUsecases } from './features/projects/projects.usecases';
import { createSongPeaksUsecases, type SongPeaksUsecases } from './features/projects/song-peaks.usecases';
import { createProposalUsecases, type ProposalUsecases } from './features/proposal/proposal.usecases';
import type { ForsakenCallUsecases } from './features/provider-calls/forsaken-calls.usecases';
import type { ProviderCallUsecases } from './features/provider-calls/provider-calls.usecases';
import type { ProviderUsecases } from './features/providers/providers.usecases';
import {
  createSampleUsecases,
  type SampleMaterial,
  type SampleUsecases,
} from './features/sample/sample.usecases';
import { createSceneUsecases, type SceneUsecases } from './features/scenes/scenes.usecases';
import { createSplitUsecases, type SplitUsecases } from './features/split/split.usecases';
import { createDiskGuard, type DiskGuard, type FreeBytes } from './features/system/disk.usecases';
import { createMetrics } from './features/system/metrics';
import { createStudioUsecases, type StudioUsecases } from './features/system/studio.usecases';
import { createSystemUsecases, type SystemUsecases } from './features/system/system.usecases';
import {
  createTakePicturesUsecases,
  type TakePicturesUsecases,
} from './features/takes/take-pictures.usecases';
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
import type { WebhookUsecases } from './features/webhooks/webhooks.usecases';
import { createJobs } from './jobs/jobs.service';
import type { JobHandler, Jobs } from './jobs/jobs.types';
import { findPrograms } from './media/ffmpeg.finder';
import { createMediaRoom } from './media/media.room';
import type { MediaTools } from './media/media.types';
import type { Pace } from './providers/paid/pace';
import { systemClock } from './shared/clock';
import { errorMessage } from './shared/errors';
import { newId } from './shared/ids';
import { createLog, createLogContext, type Log, type LogContext } from './shared/log';
import type { Tracing } from './shared/tracing';
import { createSafeFetch } from './storage/safe-fetch/safe-fetch';
import { createStorage } from './storage/storage';
import type { Storage } from './storage/storage.types';

/** Sweeps per first wait of a failed upload: a minute by default, which costs nothing. */
const WAITS_PER_SWEEP = 2;
/** The wait of a failing upload doubles up to this many first waits: an hour by default. */
const LONGEST_WAIT_IN_WAITS = 120;
/** How long a job waits for another machine that has its result: ten minutes by default, in which that one tries five times. */
const ELSEWHERE_PATIENCE_IN_WAITS = 20;
/** Event streams catch up over at most a day. */
const EVENTS_KEPT_MS = 24 * 60 * 60 * 1000;
const PRUNE_EVERY_MS = 60 * 60 * 1000;
/** A job that goes on at its provider for nothing costs money by the second. */
const SETTLE_EVERY_MS = 60_000;

/** Jobs that wait for a provider cost this machine next to nothing; providers allow about as many at once. */
const REMOTE_JOBS_AT_ONCE = 8;

export type Services = AccessServices & {
  config: Config;
  version: string;
  log: Log;
  logContext: LogContext;
  meterRequest: RequestMeter;
  tracing: Tracing;
  disk: DiskGuard;
  /** Aborted when this process is about to end: who waits is answered, streams end. */
  stopping: AbortSignal;
  /** Where browsers load media from: the origins of presigned URLs. */
  mediaOrigins: string[];
  sql: Database;
  databaseUrl: string;
  storage: Storage;
  jobs: Jobs;
  mediaTools: MediaTools;
  projects: ProjectUsecases;
  projectView: ReadProjectView;
  scenes: SceneUsecases;
  takes: TakeUsecases;
  takePictures: TakePicturesUsecases;
  copies: CopyUsecases;
  proposal: ProposalUsecases;
  split: SplitUsecases;
  uploads: UploadUsecases;
  resumableUploads: ResumableUploads;
  songPeaks: SongPeaksUsecases;
  sample: SampleUsecases;
  studio: StudioUsecases;
  trim: TrimUsecases;
  sceneLipsync: SceneLipsyncUsecases;
  standaloneLipsync: StandaloneLipsyncUsecases;
  batchLipsync: BatchLipsyncUsecases;
  sceneImage: SceneImageUsecases;
  sceneVideo: SceneVideoUsecases;
  standaloneVideo: StandaloneVideoUsecases;
  characterReference: CharacterReferenceUsecases;
  providers: ProviderUsecases;
  /** Whether the token of Replicate is good; null: there is none. */
  checkReplicate: (() => Promise<{ ok: boolean; reason: string }>) | null;
  compose: ComposeUsecases;
  jobUsecases: JobUsecases;
  videos: VideoUsecases;
  providerCalls: ProviderCallUsecases;
  webhooks: WebhookUsecases;
  forsakenCalls: ForsakenCallUsecases;
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
  /** Says that the process is about to end: who waits is answered, and streams end. */
  beginStopping(): void;
  /** Takes no more jobs and lets those that run finish for a while; then hands them back. */
  stopWorking(options: { graceMs: number }): Promise<void>;
  stop(options: { graceMs: number }): Promise<void>;
};

/** What a program may lend to the studio that is not the studio's own. */
export type Extras = {
  /** Makes the material of the sample project; without it there is no sample. */
  sampleMaterial?: (options: {
    format: Format;
    signal: AbortSignal;
    ffmpegPath: string;
  }) => Promise<SampleMaterial>;
  /** Where log lines go instead of standard error (tests). */
  log?: Log;
  /** Tells how much of the disk is free (tests of a full one). */
  freeBytes?: FreeBytes;
  /** Other times than the real ones (tests): of providers' calls, and until a failed run is tried again. */
  pace?: { provider: Pace; retryDelay: (attempt: number) => number };
};

/** The one composition root: everything is made here, and everything gets what it needs as arguments. */
export async function createServices(config: Config, extras: Extras = {}): Promise<Services> {
  const logContext = createLogContext();
  const log = extras.log ?? createLog(config.LOG_LEVEL, logContext);
  const closers: Closers = [];
  try {
    return await build(config, extras, { log, logContext }, closers);
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

async function build(
  config: Config,
  extras: Extras,
  { log, logContext }: { log: Log; logContext: LogContext },
  closers: Closers,
): Promise<Services> {
  const clock = systemClock;
  const uploadRetryMs = config.UPLOAD_RETRY_SECONDS * 1000;
  const programs = await findPrograms({
    log,
    allowInstall: true,
    ...(config.FFMPEG_BIN === undefined ? {} : { ffmpegBin: config.FFMPEG_BIN }),
    ...(config.FFPROBE_BIN === undefined ? {} : { ffprobeBin: config.FFPROBE_BIN }),
  });
  const metrics = createMetrics();
  const tracing = await openTracing({
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    serviceName: config.OTEL_SERVICE_NAME,
    version: packageFile.version,
    log,
  });
  closers.push(() => tracing.close());
  const onRun: MediaTools['onRun'] = (run) => {
    metrics.meterProgram(run);
    tracing.ended(`${run.program}: ${run.step}`, run.seconds, { 'songreel.program': run.program });
  };
  const mediaTools: MediaTools = { ...programs, log, onRun };
  const disk = createDiskGuard({
    directory: config.dataDirectory,
    minimumBytes: config.MIN_FREE_DISK_BYTES,
    ...(extras.freeBytes === undefined ? {} : { freeBytes: extras.freeBytes }),
  });
  const stopping = new AbortController();
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
      const wanted = await sql`
        select 1 from jobs where id = ${jobId} and state not in ('canceled', 'succeeded')`;
      return wanted.length === 0;
    },
    settings: {
      backOffFirstMs: uploadRetryMs,
      backOffLongestMs: LONGEST_WAIT_IN_WAITS * uploadRetryMs,
      elsewherePatienceMs: ELSEWHERE_PATIENCE_IN_WAITS * uploadRetryMs,
      // The embedded store writes every part of a multipart upload twice: in one piece 2 GiB take half as long.
      ...(objects.embedded ? { multipartFromBytes: Number.POSITIVE_INFINITY } : {}),
    },
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
    ...(extras.pace === undefined ? {} : { retryDelay: extras.pace.retryDelay }),
    // The local engine keeps two cores busy by itself; a composition copies and hardly computes.
    pools: {
      ffmpeg: cores,
      lipsync: Math.max(1, Math.floor(cores / 2)),
      compose: 1,
      remote: REMOTE_JOBS_AT_ONCE,
    },
  });
  const media = createMediaRoom(mediaTools);
  const safeFetch = createSafeFetch({ allowLoopback: config.FETCH_ALLOW_LOOPBACK, log });
  const makers = await composeProviders({
    ...{ config, sql, newId, clock, log, jobs, storage, media, closers, listen: listener.listen },
    ffmpegPath: programs.ffmpegPath,
    cores,
    fetchToFile: safeFetch.fetchToFile,
    storeIsReachable: objects.isReachable || config.FETCH_ALLOW_LOOPBACK,
    pace: extras.pace?.provider,
  });
  const { providers, calls, forsakenCalls, webhooks, runProvider } = makers;
  const { access, audit, pruneAccess } = composeAccess({ config, sql, newId, clock, log });
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
  const songPeaks = createSongPeaksUsecases(shared);
  const trim = createTrimUsecases(shared);
  const split = createSplitUsecases(shared);
  const takePictures = createTakePicturesUsecases({ ...shared, listen: listener.listen });
  const readScene = scenes.readById;
  const copies = createCopyUsecases({ ...shared, readProject: projects.read, readScene });
  const making = { ...shared, providers, calls, readScene };
  const fetching = { checkUrl: safeFetch.check, fetchToFile: safeFetch.fetchToFile };
  const runLipsync = createLipsyncRun({ media, providers, runProvider });
  const sceneLipsync = createSceneLipsyncUsecases({ ...making, runLipsync });
  const batchLipsync = createBatchLipsyncUsecases({ sql, sceneLipsync, calls });
  const standaloneLipsync = createStandaloneLipsyncUsecases({
    ...{ ...making, ...fetching, runLipsync },
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const runGeneration = createGenerationRun({ media, storage, providers, runProvider });
  const sceneImage = createSceneImageUsecases({ ...making, runGeneration });
  const sceneVideo = createSceneVideoUsecases({ ...making, runGeneration });
  const standaloneVideo = createStandaloneVideoUsecases({
    ...{ ...making, ...fetching, runGeneration, sceneVideo },
  });
  const characterReference = createCharacterReferenceUsecases({ ...making, runGeneration });
  const compose = createComposeUsecases(shared);

  const makersOfMedia = [sceneImage, sceneVideo, standaloneVideo, characterReference];
  for (const feature of [
    ...[uploads, ingest, trim, split, takePictures, sceneLipsync, standaloneLipsync, compose],
    ...makersOfMedia,
  ]) {
    for (const [name, completion] of Object.entries(feature.completions)) {
      storage.registerCompletion(name, completion);
    }
  }
  const [resumes, waits, logged] = [
    resumableWith(storage, config.UPLOAD_RETRY_SECONDS),
    waitingForDisk(disk),
    loggedAs(logContext, tracing),
  ];
  const resumable = (handler: JobHandler) => logged(waits(resumes(handler)));
  jobs.register('upload_clip', { pool: 'ffmpeg', handler: resumable(ingest.clip) });
  jobs.register('upload_image', { pool: 'ffmpeg', handler: resumable(ingest.image) });
  jobs.register('upload_song', { pool: 'ffmpeg', handler: resumable(ingest.song) });
  jobs.register('make_sample', { pool: 'ffmpeg', handler: resumable(sample.run) });
  jobs.register('trim', { pool: 'ffmpeg', handler: resumable(trim.run) });
  jobs.register('split', { pool: 'ffmpeg', handler: resumable(split.run) });
  const lipsyncPool = poolByProvider('lipsync');
  jobs.register('lipsync', { pool: lipsyncPool, handler: resumable(sceneLipsync.run) });
  jobs.register('standalone_lipsync', { pool: lipsyncPool, handler: resumable(standaloneLipsync.run) });
  const mediaPool = poolByProvider('ffmpeg');
  jobs.register('generate_image', { pool: mediaPool, handler: resumable(sceneImage.run) });
  jobs.register('generate_video', { pool: mediaPool, handler: resumable(sceneVideo.run) });
  jobs.register('standalone_video', { pool: mediaPool, handler: resumable(standaloneVideo.run) });
  jobs.register('character_reference', { pool: mediaPool, handler: resumable(characterReference.run) });
  jobs.register('compose', { pool: 'compose', handler: resumable(compose.run) });
  closers.push(() => jobs.stop());
  await jobs.start();

  let sweeping: Promise<void> | null = null;
  let picturing: Promise<void> | null = null;
  const timers: ReturnType<typeof setInterval>[] = [];

  return {
    config,
    version: packageFile.version,
    log,
    logContext,
    meterRequest: metrics.meterRequest,
    tracing,
    disk,
    stopping: stopping.signal,
    access,
    audit,
    mediaOrigins: [new URL(await storage.presignGet('origin')).origin],
    sql,
    databaseUrl: database.url,
    storage,
    jobs,
    mediaTools,
    projects,
    projectView: createProjectViews({
      revisionOf: createRevisions(sql),
      read: projects.read,
      signingPeriod: storage.signingPeriod,
    }),
    scenes,
    takes: createTakeUsecases(shared),
    takePictures,
    copies,
    proposal: createProposalUsecases({
      ...shared,
      readPeaks: songPeaks.read,
      readProject: projects.read,
    }),
    split,
    uploads,
    resumableUploads,
    songPeaks,
    sample,
    studio: createStudioUsecases({
      sql,
      version: packageFile.version,
      providers: providers.defaults(),
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      sample: sample.available,
    }),
    trim,
    sceneLipsync,
    standaloneLipsync,
    batchLipsync,
    sceneImage,
    sceneVideo,
    standaloneVideo,
    characterReference,
    compose,
    providers,
    checkReplicate: makers.checkReplicate,
    providerCalls: calls,
    webhooks,
    forsakenCalls,
    jobUsecases: createJobUsecases(shared),
    videos: createVideoUsecases(shared),
    system: createSystemUsecases({ ...shared, disk, metrics, stopping: stopping.signal }),
    subscribeToProject: async (projectId, options) => {
      const project = await requireProject(sql, projectId);
      return events.subscribe(project.id, {
        ...options,
        signal: AbortSignal.any([options.signal, stopping.signal]),
      });
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
      sweeping ??= storage.startSweeping({
        everyMs: WAITS_PER_SWEEP * uploadRetryMs,
        signal: stopping.signal,
      });
    },

    async startWorking() {
      await jobs.startWorker();
      picturing ??= takePictures
        .startMaking(stopping.signal)
        .catch((error: unknown) => log.error({ error: errorMessage(error) }, 'take_pictures_stopped'));
      timers.push(
        setInterval(() => void forsakenCalls.settle(), SETTLE_EVERY_MS),
        setInterval(() => {
          void pruneAccess();
          const before = new Date(clock.now().getTime() - EVENTS_KEPT_MS);
          events
            .prune(before)
            .catch((error: Error) => log.warn({ error: error.message }, 'events_not_pruned'));
          webhooks
            .prune(before)
            .catch((error: Error) => log.warn({ error: error.message }, 'webhooks_not_pruned'));
        }, PRUNE_EVERY_MS),
      );
      void forsakenCalls.settle();
    },

    beginStopping() {
      stopping.abort();
    },

    stopWorking: jobs.stopWorker,

    async stop({ graceMs }) {
      for (const timer of timers) clearInterval(timer);
      await jobs.stopWorker({ graceMs });
      stopping.abort();
      await Promise.all([sweeping, picturing]);
      await closeAll(closers, log);
    },
  };
}
