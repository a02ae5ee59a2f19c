import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { jobEnded, twoFiles } from '../../library/completions.errors';
import { songKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { chooseSong, insertSong, lockProject, touchProject } from '../../library/projects.repository';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { uploadedEntries, withSource } from './uploaded-source.usecases';
import { UploadedSourceSchema } from './uploads.rules';

const SongMadeSchema = v.object({
  ...uploadedEntries,
  samples: v.number(),
  sampleRate: v.number(),
  channels: v.number(),
  /** Base64 of one byte for each hundredth of a second. */
  peaks: v.string(),
});

export const songJob = defineJob({
  kind: 'upload_song',
  pool: 'ffmpeg',
  options: UploadedSourceSchema,
  result: v.object({ songId: v.string() }),
  completions: { 'upload.song.made': SongMadeSchema },
});

/** Uploaded song → WAV master and AAC, each made once. */
export function createSongJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeSong' | 'measurePeaks'>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  return songJob.by({
    complete: {
      async 'upload.song.made'(tx, files, made) {
        const [master, encoded] = twoFiles(files);
        await lockProject(tx, made.projectId);
        await insertSong(tx, {
          id: made.takeId,
          projectId: made.projectId,
          fileName: made.source.fileName,
          sourceKey: made.source.sourceKey,
          sourceBytes: made.source.sourceBytes,
          sourceSha256: made.source.sourceSha256,
          masterKey: master.key,
          masterBytes: master.bytes,
          masterSha256: master.sha256,
          encodedKey: encoded.key,
          encodedBytes: encoded.bytes,
          encodedSha256: encoded.sha256,
          samples: made.samples,
          sampleRate: made.sampleRate,
          channels: made.channels,
          peaks: Buffer.from(made.peaks, 'base64'),
        });
        await chooseSong(tx, made.projectId, made.takeId);
        await touchProject(tx, made.projectId);
        if (!(await jobs.succeed(tx, made.jobId, { result: { songId: made.takeId } }))) throw jobEnded();
        await events.publish(tx, made.projectId, {
          type: 'project.changed',
          payload: { reason: 'song.uploaded' },
        });
      },
    },

    async run(run, context) {
      const project = await requireProject(sql, requireProjectId(run.job));
      await withSource(storage, run, context, async (input, directory) => {
        const master = join(directory, 'master.wav');
        const encoded = join(directory, 'song.m4a');
        const facts = await media.makeSong(
          { input, master, encoded },
          {
            signal: context.signal,
            onProgress: (fraction) => context.progress('decoding', 0.1 + 0.7 * fraction),
          },
        );
        context.progress('measuring', 0.85);
        const peaks = Buffer.from(await media.measurePeaks(master)).toString('base64');
        context.progress('storing', 0.9);
        const songId = newId();
        await run.store({
          files: [
            { path: master, key: songKey(project.id, songId, 'wav'), contentType: 'audio/wav' },
            { path: encoded, key: songKey(project.id, songId, 'm4a'), contentType: 'audio/mp4' },
          ],
          completion: 'upload.song.made',
          arguments: {
            jobId: run.job.id,
            projectId: project.id,
            takeId: songId,
            source: run.options,
            ...facts,
            peaks,
          },
        });
      });
    },
  });
}
