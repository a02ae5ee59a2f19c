import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Job } from '../../contract/job.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { jobEnded, sceneGone, twoFiles } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { songKey, takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { chooseSong, insertSong, lockProject } from '../../library/projects.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { newTake } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { AppError } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Completion, Storage } from '../../storage/storage.types';
import { damagedUpload } from './uploads.errors';
import { type UploadedSource, UploadedSourceSchema } from './uploads.rules';

export const CLIP_MADE = 'upload.clip.made';
export const IMAGE_MADE = 'upload.image.made';
export const SONG_MADE = 'upload.song.made';

const MadeSchema = v.object({
  jobId: v.string(),
  projectId: v.string(),
  takeId: v.string(),
  source: UploadedSourceSchema,
});
const ClipMadeSchema = v.object({
  ...MadeSchema.entries,
  sceneId: v.string(),
  width: v.number(),
  height: v.number(),
  frames: v.nullable(v.number()),
});
const SongMadeSchema = v.object({
  ...MadeSchema.entries,
  samples: v.number(),
  sampleRate: v.number(),
  channels: v.number(),
  /** Base64 of one byte for each hundredth of a second. */
  peaks: v.string(),
});

export type IngestUsecases = ReturnType<typeof createIngestUsecases>;

/** What the workers do with an uploaded file: normalise it once and make it a take or the song. */
export function createIngestUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake' | 'makeImage' | 'makeSong' | 'measurePeaks'>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  /** Fetches the job's source into a folder of its own, and removes the folder afterwards. */
  async function withSource(
    job: Job,
    context: JobContext,
    work: (source: UploadedSource, input: string, directory: string) => Promise<void>,
  ): Promise<void> {
    const source = v.parse(UploadedSourceSchema, job.options);
    const directory = await storage.temporaryDirectory(job.id);
    try {
      context.progress('fetching', 0);
      const input = join(directory.path, 'source');
      await storage.download(source.sourceKey, input, {
        signal: context.signal,
        sha256: source.sourceSha256,
      });
      await work(source, input, directory.path);
    } catch (error) {
      throw isUnreadable(error) ? damagedUpload(error) : error;
    } finally {
      await directory.remove();
    }
  }

  async function ownerOf(job: Job): Promise<{ projectId: string; sceneId: string; format: Format }> {
    const project = await requireProject(sql, requireProjectId(job));
    if (job.sceneId === null) throw sceneGone();
    return {
      projectId: project.id,
      sceneId: job.sceneId,
      format: { width: project.width, height: project.height, fps: project.fps },
    };
  }

  const takeMade =
    (kind: 'original' | 'image'): Completion =>
    async (tx, files, args) => {
      const made = v.parse(ClipMadeSchema, args);
      const [file] = files;
      if (file === undefined) throw new Error(`${kind} without a file`);
      const { jobId, projectId, sceneId, takeId, source } = made;
      const take = newTake({
        ...fileColumns(file),
        id: takeId,
        projectId,
        sceneId,
        kind,
        width: made.width,
        height: made.height,
        frames: made.frames,
        sourceKey: source.sourceKey,
        sourceBytes: source.sourceBytes,
        sourceSha256: source.sourceSha256,
        sourceName: source.fileName,
        madeBy: { provider: 'upload', model: 'upload', options: {} },
        jobId,
      });
      const pointers =
        kind === 'image' ? { imageTakeId: takeId } : { originalTakeId: takeId, currentTakeId: takeId };
      await addTake(tx, {
        projectId,
        sceneId,
        takes: () => [{ take, pointers }],
        succeed: () => jobs.succeed(tx, jobId, { result: { takeId } }),
        publish: events.publish,
        reason: kind === 'image' ? 'image.uploaded' : 'clip.uploaded',
      });
    };

  const songMade: Completion = async (tx, files, args) => {
    const made = v.parse(SongMadeSchema, args);
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
    if (!(await jobs.succeed(tx, made.jobId, { result: { songId: made.takeId } }))) throw jobEnded();
    await events.publish(tx, made.projectId, {
      type: 'project.changed',
      payload: { reason: 'song.uploaded' },
    });
  };

  return {
    completions: {
      [CLIP_MADE]: takeMade('original'),
      [IMAGE_MADE]: takeMade('image'),
      [SONG_MADE]: songMade,
    },

    /** Uploaded clip → the scene's original take, in the project's format. */
    async clip(job: Job, context: JobContext): Promise<void> {
      const { projectId, sceneId, format } = await ownerOf(job);
      await withSource(job, context, async (source, input, directory) => {
        const output = join(directory, 'take.mp4');
        const { frames } = await media.makeTake(
          { input, output, format },
          {
            signal: context.signal,
            onProgress: (fraction) => context.progress('normalising', 0.1 + 0.8 * fraction),
          },
        );
        context.progress('storing', 0.95);
        const takeId = newId();
        await storage.storeFiles({
          files: [
            {
              path: output,
              key: takeKey(projectId, sceneId, takeId),
              contentType: 'video/mp4',
            },
          ],
          jobId: job.id,
          completion: CLIP_MADE,
          arguments: { jobId: job.id, projectId, sceneId, takeId, source, ...size(format), frames },
          signal: context.signal,
        });
      });
    },

    /** Uploaded image → the scene's image. */
    async image(job: Job, context: JobContext): Promise<void> {
      const { projectId, sceneId } = await ownerOf(job);
      await withSource(job, context, async (source, input, directory) => {
        const output = join(directory, 'image');
        const image = await media.makeImage(
          { input, output },
          { signal: context.signal, onProgress: (fraction) => context.progress('normalising', fraction) },
        );
        context.progress('storing', 0.95);
        const takeId = newId();
        await storage.storeFiles({
          files: [
            {
              path: output,
              key: takeKey(projectId, sceneId, takeId, endingOf(image.contentType)),
              contentType: image.contentType,
            },
          ],
          jobId: job.id,
          completion: IMAGE_MADE,
          arguments: {
            jobId: job.id,
            projectId,
            sceneId,
            takeId,
            source,
            width: image.width,
            height: image.height,
            frames: null,
          },
          signal: context.signal,
        });
      });
    },

    /** Uploaded song → WAV master and AAC, each made once. */
    async song(job: Job, context: JobContext): Promise<void> {
      const project = await requireProject(sql, requireProjectId(job));
      await withSource(job, context, async (source, input, directory) => {
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
        await storage.storeFiles({
          files: [
            { path: master, key: songKey(project.id, songId, 'wav'), contentType: 'audio/wav' },
            { path: encoded, key: songKey(project.id, songId, 'm4a'), contentType: 'audio/mp4' },
          ],
          jobId: job.id,
          completion: SONG_MADE,
          arguments: { jobId: job.id, projectId: project.id, takeId: songId, source, ...facts, peaks },
          signal: context.signal,
        });
      });
    },
  };
}

/** ffmpeg read the file, and could not play it to its end: damage that looking at its index doesn't show. */
const isUnreadable = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === 'MediaStepFailed';

const size = ({ width, height }: Format) => ({ width, height });
