import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { endingOf } from '../../library/file-endings.rules';
import type { Fitting } from '../../library/fitting.types';
import { takeKey } from '../../library/media-keys.rules';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { withSource } from './uploaded-source.usecases';
import { addUploadedTake, ownerOf, UploadedTakeSchema } from './uploaded-take.usecases';
import { UploadedSourceSchema } from './uploads.rules';

export const imageJob = defineJob({
  kind: 'upload_image',
  pool: 'ffmpeg',
  options: UploadedSourceSchema,
  result: v.object({ takeId: v.string() }),
  completions: { 'upload.image.made': UploadedTakeSchema },
});

/** Uploaded image → the scene's image. */
export function createImageJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeImage'>;
}) {
  const { sql, newId, storage, media } = deps;

  return imageJob.by({
    complete: {
      'upload.image.made': (tx, files, made) => addUploadedTake(deps, tx, files, made, 'image'),
    },

    async run(run, context) {
      const { projectId, sceneId } = await ownerOf(sql, run.job);
      await withSource(storage, run, context, async (input, directory) => {
        const output = join(directory, 'image');
        const image = await media.makeImage(
          { input, output },
          { signal: context.signal, onProgress: (fraction) => context.progress('normalising', fraction) },
        );
        context.progress('storing', 0.95);
        const takeId = newId();
        await run.store({
          files: [
            {
              path: output,
              key: takeKey(projectId, sceneId, takeId, endingOf(image.contentType)),
              contentType: image.contentType,
            },
          ],
          completion: 'upload.image.made',
          arguments: {
            jobId: run.job.id,
            projectId,
            sceneId,
            takeId,
            source: run.options,
            width: image.width,
            height: image.height,
            frames: null,
          },
        });
      });
    },
  });
}
