import { join } from 'node:path';
import type { Database } from '../../db/connect';
import type { createListener } from '../../db/listen';
import type { Config } from '../config';
import type { Events } from '../events/events.types';
import { createComposeUsecases } from '../features/compose/compose.usecases';
import { createCopyUsecases } from '../features/copies/copies.usecases';
import { createGivenMedia } from '../features/delivery/given-media.usecases';
import type { MediaUrls } from '../features/delivery/media-urls.usecases';
import { createCharacterReferenceUsecases } from '../features/generate/character-reference.usecases';
import { createSceneImageUsecases } from '../features/generate/scene-image.usecases';
import { createSceneVideoUsecases } from '../features/generate/scene-video.usecases';
import { createStandaloneVideoUsecases } from '../features/generate/standalone-video.usecases';
import { createJobUsecases } from '../features/jobs/jobs.usecases';
import { createBatchLipsyncUsecases } from '../features/lipsync/batch-lipsync.usecases';
import { createSceneLipsyncUsecases } from '../features/lipsync/scene-lipsync.usecases';
import { createStandaloneLipsyncUsecases } from '../features/lipsync/standalone-lipsync.usecases';
import { createProjectViews } from '../features/projects/project-views.usecases';
import { createProjectUsecases } from '../features/projects/projects.usecases';
import { createSongPeaksUsecases } from '../features/projects/song-peaks.usecases';
import { createProposalUsecases } from '../features/proposal/proposal.usecases';
import { createSampleUsecases } from '../features/sample/sample.usecases';
import { createSceneUsecases } from '../features/scenes/scenes.usecases';
import { createSplitUsecases } from '../features/split/split.usecases';
import type { DiskGuard } from '../features/system/disk.usecases';
import { createStudioUsecases } from '../features/system/studio.usecases';
import { createTakeThumbnailsUsecases } from '../features/takes/take-thumbnails.usecases';
import { createTakeUsecases } from '../features/takes/takes.usecases';
import { createTrimUsecases } from '../features/trim/trim.usecases';
import { createIngestUsecases } from '../features/uploads/ingest.usecases';
import { readUnfinished } from '../features/uploads/resumable.store';
import { createResumableUploads } from '../features/uploads/resumable.uploads';
import { createUploadSpace } from '../features/uploads/uploads.space';
import { createUploadUsecases, uploadsDirectory } from '../features/uploads/uploads.usecases';
import { createVideoUsecases } from '../features/videos/videos.usecases';
import type { Jobs } from '../jobs/jobs.types';
import { createRevisions } from '../library/project-revisions.repository';
import { findAnyVideo } from '../library/videos.lookup';
import type { MediaService } from '../media/media.service.types';
import { createGenerationRun } from '../provider-work/generate-run.usecases';
import { createLipsyncRun } from '../provider-work/lipsync-run.usecases';
import type { StudioOptions } from '../services.types';
import type { Clock } from '../shared/clock';
import type { NewId } from '../shared/ids';
import type { Log } from '../shared/log';
import type { createSafeFetch } from '../storage/safe-fetch/safe-fetch';
import type { Storage } from '../storage/storage.types';
import type { composeProviders } from './providers.services';

type ProviderServices = Pick<
  Awaited<ReturnType<typeof composeProviders>>,
  'providers' | 'calls' | 'runProvider'
>;

export type FeatureServices = Awaited<ReturnType<typeof composeFeatures>>;

/** What people do with projects: each feature with just the rooms that it works with. */
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
  safeFetch: ReturnType<typeof createSafeFetch>;
  providerServices: ProviderServices;
  sampleMaterial: StudioOptions['sampleMaterial'];
}) {
  const { config, sql, newId, clock, log, jobs, events, storage, media, sampleMaterial } = of;
  const { mediaUrls, safeFetch } = of;
  const { providers, calls, runProvider } = of.providerServices;
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
  };

  const projects = createProjectUsecases(shared);
  const scenes = createSceneUsecases(shared);
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
  const sample = createSampleUsecases({
    ...shared,
    projects,
    scenes,
    uploads,
    uploadsDirectory: receivedIn,
    makeMaterial:
      sampleMaterial === undefined
        ? null
        : (options) => sampleMaterial({ ...options, ffmpegPath: of.ffmpegPath }),
  });
  const songPeaks = createSongPeaksUsecases(shared);
  const readScene = scenes.readById;
  const making = { ...shared, providers, calls, readScene };
  const givenMedia = createGivenMedia({
    mediaUrls,
    storage,
    findVideo: (id) => findAnyVideo(sql, id),
    checkUrl: safeFetch.check,
    fetchToFile: safeFetch.fetchToFile,
  });
  const runLipsync = createLipsyncRun({ media, providers, runProvider });
  const sceneLipsync = createSceneLipsyncUsecases({ ...making, runLipsync });
  const runGeneration = createGenerationRun({ media, storage, providers, runProvider });
  const sceneVideo = createSceneVideoUsecases({ ...making, runGeneration });

  return {
    projects,
    scenes,
    uploads,
    uploadSpace,
    resumableUploads,
    sample,
    songPeaks,
    sceneLipsync,
    sceneVideo,
    projectView: createProjectViews({
      revisionOf: createRevisions(sql),
      read: projects.read,
      urlVersion: mediaUrls.version,
    }),
    takes: createTakeUsecases(shared),
    takeThumbnails: createTakeThumbnailsUsecases({ ...shared, listen: of.listen }),
    copies: createCopyUsecases({ ...shared, readProject: projects.read, readScene }),
    proposal: createProposalUsecases({
      ...shared,
      readPeaks: songPeaks.read,
      readProject: projects.read,
    }),
    ingest: createIngestUsecases(shared),
    trim: createTrimUsecases(shared),
    split: createSplitUsecases(shared),
    batchLipsync: createBatchLipsyncUsecases({ sql, jobs, sceneLipsync, calls }),
    standaloneLipsync: createStandaloneLipsyncUsecases({
      ...making,
      givenMedia,
      runLipsync,
      maxBytes: config.MAX_UPLOAD_BYTES,
    }),
    sceneImage: createSceneImageUsecases({ ...making, runGeneration }),
    standaloneVideo: createStandaloneVideoUsecases({ ...making, givenMedia, runGeneration, sceneVideo }),
    characterReference: createCharacterReferenceUsecases({ ...making, runGeneration }),
    compose: createComposeUsecases(shared),
    jobUsecases: createJobUsecases(shared),
    videos: createVideoUsecases(shared),
    studio: createStudioUsecases({
      sql,
      version: of.version,
      providers: providers.defaults(),
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      sample: sample.available,
    }),
  };
}
