import { join } from 'node:path';
import * as v from 'valibot';
import { sceneGone } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { findSceneById } from '../../library/scenes.repository';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { ImageJobSchema } from '../../provider-work/generation.rules';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import {
  addGeneratedTake,
  GeneratedResultSchema,
  generatedEntries,
  type SceneGenerationJobDeps,
} from './generated-take.usecases';

export const sceneImageJob = defineJob({
  kind: 'generate_image',
  pool: poolByProvider('ffmpeg'),
  options: ImageJobSchema,
  result: GeneratedResultSchema,
  completions: { 'generate.image.made': v.object({ ...generatedEntries, job: ImageJobSchema }) },
});

/** Lets a provider make an image from a scene's words, and makes it the scene's image. */
export function createSceneImageJob(
  deps: SceneGenerationJobDeps & { runGeneration: Pick<RunGeneration, 'image'> },
) {
  const { sql, newId, storage } = deps;

  return sceneImageJob.by({
    complete: {
      async 'generate.image.made'(tx, files, args) {
        const { job, ...generated } = args;
        const { prompt, negativePrompt, seed, references } = job;
        await addGeneratedTake(deps, tx, files, {
          ...generated,
          frames: null,
          options: { prompt, negativePrompt, seed, references: references.length },
        });
      },
    },

    async run({ job, options: asked, store }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await findSceneById(sql, requireSceneId(job));
      if (scene === null) throw sceneGone();
      await using directory = await storage.temporaryDirectory(job.id);
      const {
        made: image,
        facts,
        unended,
      } = await deps.runGeneration.image(
        {
          job,
          directory: directory.path,
          format: project,
          asked,
          caption: { title: project.title, sequence: scene.sequence },
        },
        context,
      );
      context.progress('storing', 0.95);
      const takeId = newId();
      const { width, height, contentType } = image;
      const path = join(directory.path, madeFiles.image);
      const key = takeKey(project.id, scene.id, takeId, endingOf(contentType));
      await store({
        files: [{ path, key, contentType }],
        completion: 'generate.image.made',
        arguments: {
          jobId: job.id,
          projectId: project.id,
          sceneId: scene.id,
          takeId,
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
