import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { createListener } from '../db/listen';
import packageFile from '../package.json';
import { composeAccess } from './composition/access.services';
import { type Closers, closeAll } from './composition/closers';
import { closeDataDirectory } from './composition/data-directory';
import { composeFeatures } from './composition/features.services';
import { composeProviders, createShareUrl } from './composition/providers.services';
import { openDatabase, openS3 } from './composition/stores.services';
import { openTracing } from './composition/tracing.services';
import { registerWork } from './composition/work.services';
import type { Config } from './config';
import { createEvents } from './events/events.service';
import { createMediaUrls } from './features/delivery/media-urls.usecases';
import { readSigningKey } from './features/delivery/signing-key.repository';
import type { SubscribeToProject } from './features/events/events.routes';
import { createDiskGuard } from './features/system/disk.usecases';
import { createMetrics } from './features/system/metrics';
import { createSystemUsecases } from './features/system/system.usecases';
import { claimUploads, pruneReceived } from './features/uploads/uploads.leftovers';
import { uploadsDirectory } from './features/uploads/uploads.usecases';
import { createCallerContext } from './http/caller.context';
import { createJobs } from './jobs/jobs.service';
import { requireProject } from './library/projects.lookup';
import { findPrograms } from './media/ffmpeg.finder';
import { createMediaService } from './media/media.service';
import type { MediaTools } from './media/media.types';
import { createKeptProbe } from './media/probe.isolated';
import type { Services, StudioOptions } from './services.types';
import { everyInBackground, inBackground } from './shared/background';
import { systemClock } from './shared/clock';
import { errorMessage } from './shared/errors';
import { newId } from './shared/ids';
import { limits } from './shared/limits';
import { createLog, createLogContext, type Log, type LogContext } from './shared/log';
import { createSafeFetch } from './storage/safe-fetch/safe-fetch';
import { createStorage } from './storage/storage';

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

/** The one composition root: everything is made here, and everything gets what it needs as arguments. */
export async function createServices(config: Config, options: StudioOptions = {}): Promise<Services> {
  const logContext = createLogContext();
  const log = options.log ?? createLog(config.LOG_LEVEL, logContext);
  const closers: Closers = [];
  try {
    return await build(config, options, { log, logContext }, closers);
  } catch (error) {
    await closeAll(closers, log);
    throw error;
  }
}

async function build(
  config: Config,
  options: StudioOptions,
  { log, logContext }: { log: Log; logContext: LogContext },
  closers: Closers,
): Promise<Services> {
  const clock = systemClock;
  await closeDataDirectory({
    directory: config.dataDirectory,
    embeddedDatabase: config.DATABASE_URL === undefined,
    log,
  });
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
  const mediaTools: MediaTools = { ...programs, log, onRun, probeIsolated: createKeptProbe() };
  const disk = createDiskGuard({
    directory: config.dataDirectory,
    minimumBytes: config.MIN_FREE_DISK_BYTES,
    ...(options.freeBytes === undefined ? {} : { freeBytes: options.freeBytes }),
  });
  const stopping = new AbortController();
  const callers = createCallerContext();
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
    objectFile: objects.objectFile,
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
    requestedBy: callers.key,
    limits,
    ...(options.pace === undefined ? {} : { retryDelay: options.pace.retryDelay }),
    // The local engine keeps two cores busy by itself; a composition copies and hardly computes.
    pools: {
      ffmpeg: cores,
      lipsync: Math.max(1, Math.floor(cores / 2)),
      compose: 1,
      remote: config.REMOTE_JOBS_AT_ONCE,
    },
  });
  const { pruneAccess, ...accessServices } = composeAccess({ config, sql, newId, clock, log });
  const { access } = accessServices;
  const isPresigned = config.MEDIA_DELIVERY === 'presigned';
  const mediaUrls = createMediaUrls({
    secret: await readSigningKey(sql),
    clock,
    currentGrant: callers.grant,
    isLive: access.isLive,
    presigned: isPresigned
      ? { get: (key) => storage.presignGet(key), period: () => storage.signingPeriod() }
      : null,
  });
  const media = createMediaService(mediaTools);
  const safeFetch = createSafeFetch({ allowLoopback: config.FETCH_ALLOW_LOOPBACK, log });
  const providerServices = await composeProviders({
    config,
    sql,
    newId,
    clock,
    log,
    jobs,
    storage,
    media,
    closers,
    listen: listener.listen,
    ffmpegPath: programs.ffmpegPath,
    cores,
    fetchToFile: safeFetch.fetchToFile,
    shareUrl: createShareUrl({ config, objects, storage, mediaUrls }),
    pace: options.pace?.provider,
  });
  const { providers, calls, orphanedCalls, webhooks } = providerServices;
  const subscribeToProject: SubscribeToProject = async (projectId, options) => {
    const project = await requireProject(sql, projectId);
    return events.subscribe(project.id, {
      ...options,
      signal: AbortSignal.any([options.signal, stopping.signal]),
    });
  };
  const featureServices = await composeFeatures({
    config,
    sql,
    newId,
    clock,
    log,
    jobs,
    events,
    storage,
    disk,
    media,
    mediaUrls,
    callerName: callers.name,
    safeFetch,
    providerServices,
    accessServices,
    subscribeToProject,
    stopping: stopping.signal,
    version: packageFile.version,
    listen: listener.listen,
    ffmpegPath: programs.ffmpegPath,
    sampleMaterial: options.sampleMaterial,
    sampleAhead: config.PREPARE_SAMPLE,
    looks: options.looks,
  });
  const uploadRetrySeconds = config.UPLOAD_RETRY_SECONDS;
  registerWork(featureServices.features, { jobs, storage, disk, logContext, tracing, uploadRetrySeconds });
  closers.push(() => jobs.stop());
  await jobs.start();

  let sweeping: Promise<void> | null = null;
  let picturing: Promise<void> | null = null;
  let looking: Promise<void> | null | undefined = null;
  const timers: ReturnType<typeof setInterval>[] = [];
  const lastKept = () => new Date(clock.now().getTime() - EVENTS_KEPT_MS);

  return {
    ...featureServices,
    ...accessServices,
    config,
    version: packageFile.version,
    log,
    logContext,
    meterRequest: metrics.meterRequest,
    tracing,
    disk,
    stopping: stopping.signal,
    callers,
    mediaUrls,
    mediaOrigins: isPresigned ? [new URL(await storage.presignGet('origin')).origin] : [],
    sql,
    databaseUrl: database.url,
    storage,
    jobs,
    mediaTools,
    providers,
    checkProviderTokens: providerServices.checkTokens,
    providerCalls: calls,
    webhooks,
    orphanedCalls,
    system: createSystemUsecases({ sql, storage, jobs, disk, metrics, stopping: stopping.signal }),
    subscribeToProject,
    pageDirectory: join(import.meta.dir, '..', 'ui', 'build'),
    documentationDirectory: dirname(Bun.resolveSync('swagger-ui-dist/package.json', import.meta.dir)),

    async startReceiving() {
      const revocations = await access.listenToRevocations(listener.listen);
      closers.push(() => revocations.close());
      const receiving = await claimUploads({
        sql,
        mediaRootId: storage.mediaRootId,
        directory: uploadsDirectory(storage.mediaRoot),
        discard: storage.discard,
      });
      closers.push(receiving.release);
      const prune = async () => {
        await featureServices.resumableUploads.prune();
        const directory = uploadsDirectory(storage.mediaRoot);
        await pruneReceived({ directory, now: clock.now(), discard: storage.discard });
      };
      await prune();
      timers.push(
        setInterval(() => {
          prune().catch((error: Error) => log.warn({ error: error.message }, 'uploads_not_pruned'));
        }, options.pruneEveryMs ?? PRUNE_EVERY_MS),
      );
    },

    startSweeping() {
      sweeping ??= storage.startSweeping({
        everyMs: WAITS_PER_SWEEP * uploadRetryMs,
        signal: stopping.signal,
      });
    },

    async startWorking() {
      await jobs.startWorker();
      picturing ??= featureServices.takeThumbnails
        .startMaking(stopping.signal)
        .catch((error: unknown) => log.error({ error: errorMessage(error) }, 'take_thumbnails_stopped'));
      looking ??= featureServices.singing
        ?.startLooking(stopping.signal)
        .catch((error: unknown) => log.error({ error: errorMessage(error) }, 'looking_for_faces_stopped'));
      timers.push(
        everyInBackground(SETTLE_EVERY_MS, log, 'orphaned_calls_not_settled', orphanedCalls.settle),
        everyInBackground(PRUNE_EVERY_MS, log, 'access_not_pruned', pruneAccess),
        everyInBackground(PRUNE_EVERY_MS, log, 'bins_not_swept', featureServices.bin.sweep),
        everyInBackground(PRUNE_EVERY_MS, log, 'events_not_pruned', () => events.prune(lastKept())),
        everyInBackground(PRUNE_EVERY_MS, log, 'webhooks_not_pruned', () => webhooks.prune(lastKept())),
      );
      inBackground(log, 'orphaned_calls_not_settled', orphanedCalls.settle);
    },

    beginStopping() {
      stopping.abort();
    },

    stopWorking: jobs.stopWorker,

    async stop({ graceMs }) {
      for (const timer of timers) clearInterval(timer);
      await jobs.stopWorker({ graceMs });
      stopping.abort();
      await Promise.all([sweeping, picturing, looking]);
      await closeAll(closers, log);
    },
  };
}
