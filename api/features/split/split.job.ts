import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone, twoFiles } from '../../library/completions.errors';
import { copyTakes } from '../../library/copies.repository';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { insertScene } from '../../library/scenes.repository';
import { lockSharedObjects } from '../../library/shared-objects.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findTake } from '../../library/takes.repository';
import { trimmedTake } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import type { NewId } from '../../shared/ids';
import { requireProjectId } from '../../shared/job-subject';
import type { Storage, StoredFile } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';

const SplitSchema = v.object({
  originalTakeId: v.string(),
  inFrame: v.number(),
  splitFrame: v.number(),
  outFrame: v.number(),
});

export const splitJob = defineJob({
  kind: 'split',
  pool: 'ffmpeg',
  options: SplitSchema,
  result: v.object({ sceneIds: v.tuple([v.string(), v.string()]) }),
  completions: {
    'split.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      sceneId: v.string(),
      newSceneId: v.string(),
      /** Of the two clips. */
      takeIds: v.tuple([v.string(), v.string()]),
      ...SplitSchema.entries,
    }),
  },
});

/** Cuts both clips from the original and adds the second scene. */
export function createSplitJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'makeTake'>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  return splitJob.by({
    complete: {
      async 'split.made'(tx, files, split) {
        const clips = twoFiles(files);
        const { jobId, projectId, sceneId, newSceneId } = split;
        const [firstId, secondId] = split.takeIds;
        await addTake(tx, {
          projectId,
          sceneId,
          async takes(scene) {
            await lockSharedObjects(tx);
            const original = await findTake(tx, split.originalTakeId);
            if (original === null) throw sceneGone();
            await insertScene(tx, {
              id: newSceneId,
              projectId,
              sequence: scene.sequence + 1,
              prompt: scene.prompt,
              negativePrompt: scene.negativePrompt,
              slotFrames: null,
            });
            // The new scene has the original and the image too; it shares their objects.
            const newOriginalId = newId();
            const newImageId = newId();
            const { imageTake } = scene;
            await copyTakes(tx, {
              fromProjectId: projectId,
              toProjectId: projectId,
              songs: new Map(),
              scenes: new Map([[scene.id, newSceneId]]),
              takes: new Map([
                [original.id, newOriginalId],
                ...(imageTake === null ? [] : [[imageTake.id, newImageId] as const]),
              ]),
            });
            const cut = (id: string, file: StoredFile, trimIn: number, trimOut: number) =>
              trimmedTake(original, fileColumns(file), { id, trimIn, trimOut, model: 'split', jobId });
            const { inFrame, splitFrame, outFrame } = split;
            const second = cut(secondId, clips[1], splitFrame, outFrame);
            return [
              {
                take: cut(firstId, clips[0], inFrame, splitFrame),
                pointers: { currentTakeId: firstId, originalTakeId: original.id },
              },
              {
                take: { ...second, sceneId: newSceneId, parentId: newOriginalId },
                pointers: {
                  currentTakeId: secondId,
                  originalTakeId: newOriginalId,
                  ...(imageTake === null ? {} : { imageTakeId: newImageId }),
                },
              },
            ];
          },
          succeed: () => jobs.succeed(tx, jobId, { result: { sceneIds: [sceneId, newSceneId] } }),
          publish: events.publish,
          reason: 'scene.split',
        });
      },
    },

    async run({ job, options, store }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const original = await findTake(sql, options.originalTakeId);
      if (original === null) throw sceneGone();
      const { signal } = context;
      await using directory = await storage.temporaryDirectory(job.id);
      const at = (name: string) => join(directory.path, name);
      context.progress('fetching', 0);
      await storage.download(original.sourceKey ?? original.s3Key, at('source'), {
        signal,
        sha256: original.sourceSha256 ?? original.sha256,
      });
      const cut = (output: string, inFrame: number, outFrame: number, from: number) =>
        media.makeTake(
          {
            input: at('source'),
            output,
            trim: { inFrame, outFrame },
            format: { width: project.width, height: project.height, fps: project.fps },
          },
          { signal, onProgress: (fraction) => context.progress('trimming', from + 0.4 * fraction) },
        );
      await cut(at('first.mp4'), options.inFrame, options.splitFrame, 0.1);
      await cut(at('second.mp4'), options.splitFrame, options.outFrame, 0.5);
      context.progress('storing', 0.95);
      const newSceneId = newId();
      const takeIds: [string, string] = [newId(), newId()];
      const { projectId, sceneId } = original;
      const contentType = 'video/mp4';
      await store({
        files: [
          { path: at('first.mp4'), key: takeKey(projectId, sceneId, takeIds[0]), contentType },
          { path: at('second.mp4'), key: takeKey(projectId, newSceneId, takeIds[1]), contentType },
        ],
        completion: 'split.made',
        arguments: { jobId: job.id, projectId, sceneId, newSceneId, takeIds, ...options },
      });
    },
  });
}
