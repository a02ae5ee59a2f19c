import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findTake } from '../../library/takes.repository';
import { trimmedTake } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';

const TrimSchema = v.object({ originalTakeId: v.string(), inFrame: v.number(), outFrame: v.number() });

export const trimJob = defineJob({
  kind: 'trim',
  pool: 'ffmpeg',
  options: TrimSchema,
  result: v.object({ takeId: v.string() }),
  completions: {
    'trim.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      sceneId: v.string(),
      takeId: v.string(),
      ...TrimSchema.entries,
    }),
  },
});

/** Cuts the original clip, so that the file is encoded once however often it is trimmed. */
export function createTrimJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake'>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  return trimJob.by({
    complete: {
      async 'trim.made'(tx, files, made) {
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
      },
    },

    async run({ job, options, store }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const original = await findTake(sql, options.originalTakeId);
      if (original === null) throw sceneGone();
      await using directory = await storage.temporaryDirectory(job.id);
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
      await store({
        files: [{ path: output, key: takeKey(projectId, sceneId, takeId), contentType: 'video/mp4' }],
        completion: 'trim.made',
        arguments: { jobId: job.id, projectId, sceneId, takeId, ...options },
      });
    },
  });
}
