import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Trim } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { takeKey } from '../../library/media-keys.rules';
import { sceneHasNoVideo } from '../../library/projects.errors';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { trimFrames } from '../../library/scenes.rules';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findTake } from '../../library/takes.repository';
import { trimmedTake } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { AppError } from '../../shared/errors';
import { framesToSeconds } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Completion, Storage } from '../../storage/storage.types';

export const TRIM_MADE = 'trim.made';

const TrimJobSchema = v.object({ originalTakeId: v.string(), inFrame: v.number(), outFrame: v.number() });
const TrimMadeSchema = v.object({
  jobId: v.string(),
  projectId: v.string(),
  sceneId: v.string(),
  takeId: v.string(),
  ...TrimJobSchema.entries,
});

export type TrimUsecases = ReturnType<typeof createTrimUsecases>;

/** Trims always cut the original clip, so trimming again can also make a scene longer. */
export function createTrimUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake'>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  const trimMade: Completion = async (tx, files, args) => {
    const made = v.parse(TrimMadeSchema, args);
    const [file] = files;
    if (file === undefined) throw new Error('A trim without a file.');
    await addTake(tx, {
      projectId: made.projectId,
      sceneId: made.sceneId,
      async takes() {
        const original = await findTake(tx, made.originalTakeId);
        if (original === null) throw sceneGone();
        const { inFrame: trimIn, outFrame: trimOut, takeId: id, jobId } = made;
        return [
          {
            take: trimmedTake(original, fileColumns(file), { id, trimIn, trimOut, model: 'trim', jobId }),
            pointers: { currentTakeId: id, originalTakeId: original.id },
          },
        ];
      },
      succeed: () => jobs.succeed(tx, made.jobId, { result: { takeId: made.takeId } }),
      publish: events.publish,
      reason: 'clip.trimmed',
    });
  };

  return {
    completions: { [TRIM_MADE]: trimMade },

    /**
     * Starts cutting the scene's original clip to [in, out).
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoVideo`, `BadTrim`, `SceneBusy`
     */
    async start(projectId: string, sequence: string, trim: Trim): Promise<Job> {
      return sql.begin(async (tx) => {
        const project = await requireProject(tx, projectId);
        // Read under the lock, a clip that came meanwhile is not put aside by a cut of the old one.
        await lockProject(tx, project.id);
        const { scene } = await requireScene(tx, project, sequence);
        const original = scene.originalTake;
        if (original === null || original.frames === null) throw sceneHasNoVideo(scene.sequence);
        const { inFrame, outFrame } = trimFrames(trim, project);
        const length = `The original clip has ${original.frames} frames (${framesToSeconds(original.frames, project.fps).toFixed(3)} s).`;
        if (inFrame >= outFrame) {
          throw badTrim(
            `The in point (frame ${inFrame}) must lie before the out point (frame ${outFrame}). ${length}`,
            original.frames,
          );
        }
        if (outFrame > original.frames) {
          throw badTrim(
            `The out point (frame ${outFrame}) lies outside the clip. ${length}`,
            original.frames,
          );
        }
        return jobs.create(tx, {
          kind: 'trim',
          projectId: project.id,
          sceneId: scene.id,
          options: { originalTakeId: original.id, inFrame, outFrame },
          enqueue: true,
        });
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const options = v.parse(TrimJobSchema, job.options);
      const project = await requireProject(sql, requireProjectId(job));
      const original = await findTake(sql, options.originalTakeId);
      if (original === null) throw sceneGone();
      const directory = await storage.temporaryDirectory(job.id);
      try {
        context.progress('fetching', 0);
        const input = join(directory.path, 'source');
        await storage.download(original.sourceKey ?? original.s3Key, input, {
          signal: context.signal,
          sha256: original.sourceSha256 ?? original.sha256,
        });
        const output = join(directory.path, 'take.mp4');
        await media.makeTake(
          {
            input,
            output,
            format: { width: project.width, height: project.height, fps: project.fps },
            trim: { inFrame: options.inFrame, outFrame: options.outFrame },
          },
          {
            signal: context.signal,
            onProgress: (fraction) => context.progress('trimming', 0.1 + 0.8 * fraction),
          },
        );
        context.progress('storing', 0.95);
        const takeId = newId();
        const { projectId, sceneId } = original;
        await storage.storeFiles({
          files: [{ path: output, key: takeKey(projectId, sceneId, takeId), contentType: 'video/mp4' }],
          jobId: job.id,
          completion: TRIM_MADE,
          arguments: { jobId: job.id, projectId, sceneId, takeId, ...options },
          signal: context.signal,
        });
      } finally {
        await directory.remove();
      }
    },
  };
}

const badTrim = (message: string, frames: number) =>
  new AppError({ code: 'BadTrim', status: 400, message, details: { frames } });
