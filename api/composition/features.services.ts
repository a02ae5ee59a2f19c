import { join } from 'node:path';
import type { Database } from '../../db/connect';
import type { createListener } from '../../db/listen';
import type { Config } from '../config';
import type { Events } from '../events/events.types';
import { features } from '../features';
import { createComposeUsecases } from '../features/compose/compose.usecases';
import { createCopyUsecases } from '../features/copies/copies.usecases';
import { createGivenMedia } from '../features/delivery/given-media.usecases';
import type { MediaUrls } from '../features/delivery/media-urls.usecases';
import type { SubscribeToProject } from '../features/events/events.routes';
import { createFitting } from '../features/fit/fitting.usecases';
import { createWaitForFit } from '../features/fit/wait-for-fit';
import { createBinUsecases } from '../features/history/bin.usecases';
import { createSceneLipsyncUsecases } from '../features/lipsync/scene-lipsync.usecases';
import { createSingingUsecases } from '../features/lipsync/singing.usecases';
import { createProjectUsecases } from '../features/projects/projects.usecases';
import { createSongPeaksUsecases } from '../features/projects/song-peaks.usecases';
import { createSampleUsecases } from '../features/sample/sample.usecases';
import { createSceneUsecases } from '../features/scenes/scenes.usecases';
import type { DiskGuard } from '../features/system/disk.usecases';
import { createTakeThumbnailsUsecases } from '../features/takes/take-thumbnails.usecases';
import { readUnfinished } from '../features/uploads/resumable.store';
import { createResumableUploads } from '../features/uploads/resumable.uploads';
import { createUploadSpace } from '../features/uploads/uploads.space';
import { createUploadUsecases, uploadsDirectory } from '../features/uploads/uploads.usecases';
import { createWaitForJob } from '../http/http.long-work';
import { JobDeferred } from '../jobs/jobs.errors';
import type { Jobs } from '../jobs/jobs.types';
import { findAnyVideo } from '../library/videos.lookup';
import type { MediaService } from '../media/media.service.types';
import { createGenerationRun } from '../provider-work/generate-run.usecases';
import { createLipsyncRun } from '../provider-work/lipsync-run.usecases';
import type { MakeSampleMaterial } from '../sample/sample-material';
import type { StudioOptions } from '../services.types';
import type { Clock } from '../shared/clock';
import type { AppError } from '../shared/errors';
import type { NewId } from '../shared/ids';
import type { Log } from '../shared/log';
import type { createSafeFetch } from '../storage/safe-fetch/safe-fetch';
import type { Storage } from '../storage/storage.types';
import type { AccessServices } from './access.services';
import type { composeProviders } from './providers.services';

type ProviderServices = Pick<
  Awaited<ReturnType<typeof composeProviders>>,
  'providers' | 'calls' | 'startProviderRun'
>;

export type FeatureServices = Awaited<ReturnType<typeof composeFeatures>>;

/** What people do with projects: the list of features, each with just the rooms that it works with. */
export async function composeFeatures(of: {
  config: Config;
  version: string;
  sql: Database;
  newId: NewId;
  clock: Clock;
  log: Log;
  jobs: Jobs;
  events: Events;
  listen: ReturnType<typeof createListener>['listen'];
  storage: Storage;
  disk: DiskGuard;
  media: MediaService;
  ffmpegPath: string;
  mediaUrls: MediaUrls;
  /** What people call whoever asks just now; null: nobody does, or nobody needs a token. */
  callerName: () => string | null;
  safeFetch: ReturnType<typeof createSafeFetch>;
  providerServices: ProviderServices;
  accessServices: AccessServices;
  subscribeToProject: SubscribeToProject;
  stopping: AbortSignal;
  sampleMaterial: StudioOptions['sampleMaterial'];
  /** Whether the sample is prepared before anybody asks for it. */
  sampleAhead: boolean;
  looks: StudioOptions['looks'];
}) {
  const { config, sql, newId, clock, log, jobs, events, storage, media, sampleMaterial } = of;
  const { mediaUrls, safeFetch } = of;
  const { access, audit } = of.accessServices;
  const { providers, calls, startProviderRun } = of.providerServices;
  const receivedIn = uploadsDirectory(config.mediaRoot);
  const shared = {
    sql,
    newId,
    clock,
    log,
    jobs,
    events,
    storage,
    media,
    presign: mediaUrls.urlOf,
    callerName: of.callerName,
  };

  // What several features, or a process apart from its routes and jobs, work with.
  const fitting = createFitting(shared);
  const withFitting = { ...shared, fitting };
  const projects = createProjectUsecases(shared);
  const scenes = createSceneUsecases(withFitting);
  const songPeaks = createSongPeaksUsecases(shared);
  const bin = createBinUsecases({ ...withFitting, readProject: projects.read });
  const takeThumbnails = createTakeThumbnailsUsecases({ ...shared, listen: of.listen });
  const singing =
    of.looks === undefined
      ? null
      : createSingingUsecases({ ...withFitting, listen: of.listen, looks: of.looks(of.ffmpegPath) });
  // Beside the media root, where only whole files lie.
  const resumableIn = join(config.dataDirectory, 'uploads-in-progress');
  const uploadSpace = createUploadSpace({
    disk: of.disk,
    unfinished: () => readUnfinished(resumableIn),
  });
  const uploads = createUploadUsecases({
    ...shared,
    space: uploadSpace,
    uploadsDirectory: receivedIn,
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const resumableUploads = await createResumableUploads({
    newId,
    clock,
    uploads,
    space: uploadSpace,
    directory: resumableIn,
    uploadsDirectory: receivedIn,
    path: '/api/mv/uploads',
    maxBytes: config.MAX_UPLOAD_BYTES,
  });
  const givenMedia = createGivenMedia({
    mediaUrls,
    storage,
    findVideo: (id) => findAnyVideo(sql, id),
    checkUrl: safeFetch.check,
    fetchToFile: safeFetch.fetchToFile,
  });
  const makeMaterial: MakeSampleMaterial | null =
    sampleMaterial === undefined
      ? null
      : (options) => sampleMaterial({ ...options, ffmpegPath: of.ffmpegPath });
  const sample = createSampleUsecases({
    ...shared,
    projects,
    scenes,
    copyProject: createCopyUsecases({
      ...withFitting,
      readProject: projects.read,
      readScene: scenes.readById,
    }).project,
    startLipsync: (projectId, sequence) =>
      createSceneLipsyncUsecases({ ...withFitting, providers, readScene: scenes.readById }).start(
        projectId,
        sequence,
        {},
      ),
    startCompose: createComposeUsecases(shared).start,
    sampleAvailable: sampleMaterial !== undefined,
    ahead: of.sampleAhead,
    stopping: of.stopping,
  });
  // Jobs store by the completions that they define, not by any name.
  const readAndFetch: Omit<Storage, 'storeFiles' | 'registerCompletion'> = storage;

  const waitForJob = createWaitForJob({ jobs, access, stopping: of.stopping });

  const made = features.make({
    ...withFitting,
    storage: readAndFetch,
    deferJob: (error: AppError, delaySeconds: number) => new JobDeferred({ error, delaySeconds }),
    version: of.version,
    projects,
    scenes,
    songPeaks,
    takeThumbnails,
    bin,
    uploads,
    resumableUploads,
    uploadsDirectory: receivedIn,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    sample,
    sampleAvailable: sampleMaterial !== undefined,
    makeMaterial,
    urlVersion: mediaUrls.version,
    readProject: projects.read,
    readScene: scenes.readById,
    readPeaks: songPeaks.read,
    givenMedia,
    providers,
    calls,
    runLipsync: createLipsyncRun({ media, providers, startProviderRun }),
    runGeneration: createGenerationRun({ media, storage, providers, startProviderRun }),
    access,
    audit,
    subscribeToProject: of.subscribeToProject,
    waitForJob,
    waitForFit: createWaitForFit({ jobs, waitForJob }),
  });
  return { features: made, projects, bin, sample, takeThumbnails, singing, uploadSpace, resumableUploads };
}
