import type { DiskGuard } from '../features/system/disk.usecases';
import type { JobHandler, Jobs } from '../jobs/jobs.types';
import type { LogContext } from '../shared/log';
import type { Tracing } from '../shared/tracing';
import type { Storage } from '../storage/storage.types';
import type { FeatureServices } from './features.services';
import { loggedAs, poolByProvider, resumableWith, waitingForDisk } from './jobs.services';

/** Tells the store what to do once files are confirmed, and the jobs who does each kind and in which pool. */
export function registerWork(
  features: FeatureServices,
  of: {
    jobs: Jobs;
    storage: Storage;
    disk: DiskGuard;
    logContext: LogContext;
    tracing: Tracing;
    uploadRetrySeconds: number;
  },
): void {
  const { jobs, storage } = of;
  const { ingest, sample, trim, split, takeThumbnails, uploads, compose } = features;
  const { sceneLipsync, standaloneLipsync } = features;
  const { sceneImage, sceneVideo, standaloneVideo, characterReference } = features;
  for (const feature of [
    ...[uploads, ingest, trim, split, takeThumbnails, sceneLipsync, standaloneLipsync, compose],
    ...[sceneImage, sceneVideo, standaloneVideo, characterReference],
  ]) {
    for (const [name, completion] of Object.entries(feature.completions)) {
      storage.registerCompletion(name, completion);
    }
  }
  const [resumes, waits, logged] = [
    resumableWith(storage, of.uploadRetrySeconds),
    waitingForDisk(of.disk),
    loggedAs(of.logContext, of.tracing),
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
}
