import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import type { Fitting } from '../../library/fitting.types';
import { takeKey } from '../../library/media-keys.rules';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { withSource } from './uploaded-source.usecases';
import { addUploadedTake, ownerOf, UploadedTakeSchema } from './uploaded-take.usecases';
import { UploadedSourceSchema } from './uploads.rules';

export const clipJob = defineJob({
  kind: 'upload_clip',
  pool: 'ffmpeg',
  options: UploadedSourceSchema,
  result: v.object({ takeId: v.string() }),
  completions: { 'upload.clip.made': UploadedTakeSchema },
});

/** How much of a long clip is prepared beyond what its scene shows, so that it can be slid there at once. */
const HANDLE_SECONDS = 10;

/** Uploaded clip → the scene's original take, playable in browsers, in its own shape. */
export function createClipJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  fitting: Pick<Fitting, 'settle'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake'>;
}) {
  const { sql, newId, storage, media } = deps;

  return clipJob.by({
    complete: {
      'upload.clip.made': (tx, files, made) => addUploadedTake(deps, tx, files, made, 'original'),
    },

    async run(run, context) {
      const { projectId, sceneId, slotFrames, format } = await ownerOf(sql, run.job);
      await withSource(storage, run, context, async (input, directory) => {
        const output = join(directory, 'take.mp4');
        const made = await media.makeTake(
          {
            input,
            output,
            format,
            keepShape: true,
            ...(slotFrames === null
              ? {}
              : { sourceRange: { first: 0, frames: slotFrames + HANDLE_SECONDS * format.fps } }),
          },
          {
            signal: context.signal,
            onProgress: (fraction) => context.progress('normalising', 0.1 + 0.8 * fraction),
          },
        );
        context.progress('storing', 0.95);
        const takeId = newId();
        await run.store({
          files: [
            {
              path: output,
              key: takeKey(projectId, sceneId, takeId),
              contentType: 'video/mp4',
            },
          ],
          completion: 'upload.clip.made',
          arguments: {
            jobId: run.job.id,
            projectId,
            sceneId,
            takeId,
            source: run.options,
            width: made.width,
            height: made.height,
            frames: made.frames,
            sourceStart: made.sourceStart,
            sourceFrames: made.sourceFrames,
          },
        });
      });
    },
  });
}
