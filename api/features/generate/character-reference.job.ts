import { join } from 'node:path';
import * as v from 'valibot';
import { FormatSchema } from '../../contract/format.schema';
import { jobEnded } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { insertImage } from '../../library/images.repository';
import { imageKey } from '../../library/media-keys.rules';
import { lockProject, touchProject } from '../../library/projects.repository';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { ImageJobSchema } from '../../provider-work/generation.rules';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import type { SceneGenerationJobDeps } from './generated-take.usecases';

const ReferenceSchema = v.object({ ...ImageJobSchema.entries, format: FormatSchema });

export const characterReferenceJob = defineJob({
  kind: 'character_reference',
  pool: poolByProvider('ffmpeg'),
  options: ReferenceSchema,
  result: v.object({
    imageId: v.string(),
    imageKey: v.string(),
    bytes: v.number(),
    width: v.number(),
    height: v.number(),
    ...RunFactsSchema.entries,
  }),
  completions: {
    'generate.reference.made': v.object({
      jobId: v.string(),
      projectId: v.nullable(v.string()),
      imageId: v.string(),
      width: v.number(),
      height: v.number(),
      job: ReferenceSchema,
      facts: RunFactsSchema,
      unended: UnendedCallSchema,
    }),
  },
});

/** Lets a provider draw a character, and keeps the picture for its project. */
export function createCharacterReferenceJob(
  deps: SceneGenerationJobDeps & { runGeneration: Pick<RunGeneration, 'image'> },
) {
  const { newId, jobs, events, storage } = deps;

  return characterReferenceJob.by({
    complete: {
      async 'generate.reference.made'(tx, files, args) {
        const { jobId, projectId, imageId, width, height, job, facts, unended } = args;
        const [file] = files;
        if (file === undefined) throw new Error('A picture without a file.');
        if (projectId !== null) await lockProject(tx, projectId);
        const { prompt, negativePrompt, seed } = job;
        const { bytes, sha256, contentType } = file;
        await insertImage(tx, {
          id: imageId,
          projectId,
          s3Key: file.key,
          contentType,
          bytes,
          sha256,
          width,
          height,
          jobId,
          madeBy: madeByOf(facts, { prompt, negativePrompt, seed }),
        });
        if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
        const result = { imageId, imageKey: file.key, bytes, width, height, ...facts };
        if (!(await jobs.succeed(tx, jobId, { result }))) throw jobEnded();
        if (projectId === null) return;
        await touchProject(tx, projectId);
        await events.publish(tx, projectId, {
          type: 'project.changed',
          payload: { reason: 'reference.generated' },
        });
      },
    },

    async run({ job, options: asked, store }, context) {
      await using directory = await storage.temporaryDirectory(job.id);
      const {
        made: image,
        facts,
        unended,
      } = await deps.runGeneration.image(
        {
          job,
          directory: directory.path,
          format: asked.format,
          asked,
          caption: { title: 'Character reference', sequence: null },
        },
        context,
      );
      context.progress('storing', 0.95);
      const imageId = newId();
      const { width, height, contentType } = image;
      const path = join(directory.path, madeFiles.image);
      await store({
        files: [{ path, key: imageKey(imageId, endingOf(contentType)), contentType }],
        completion: 'generate.reference.made',
        arguments: {
          jobId: job.id,
          projectId: job.projectId,
          imageId,
          width,
          height,
          job: asked,
          facts,
          unended,
        },
      });
    },
  });
}
