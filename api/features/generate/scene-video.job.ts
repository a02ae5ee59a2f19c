import { join } from 'node:path';
import * as v from 'valibot';
import { sceneGone } from '../../library/completions.errors';
import { sourceKey, takeKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { findSceneById } from '../../library/scenes.repository';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { VideoJobSchema } from '../../provider-work/generation.rules';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import {
  addGeneratedTake,
  GeneratedResultSchema,
  generatedEntries,
  type SceneGenerationJobDeps,
} from './generated-take.usecases';

export const sceneVideoJob = defineJob({
  kind: 'generate_video',
  pool: poolByProvider('ffmpeg'),
  options: VideoJobSchema,
  result: GeneratedResultSchema,
  completions: { 'generate.video.made': v.object({ ...generatedEntries, job: VideoJobSchema }) },
});

/** Lets a provider make a clip from a scene's words and image, and makes it the scene's clip. */
export function createSceneVideoJob(
  deps: SceneGenerationJobDeps & { runGeneration: Pick<RunGeneration, 'clip'> },
) {
  const { sql, newId, storage } = deps;

  return sceneVideoJob.by({
    complete: {
      async 'generate.video.made'(tx, files, args) {
        const { job, ...generated } = args;
        const { prompt, negativePrompt, seed, image, references, frames } = job;
        await addGeneratedTake(deps, tx, files, {
          ...generated,
          frames,
          options: { prompt, negativePrompt, seed, image: image?.key ?? null, references: references.length },
        });
      },
    },

    async run({ job, options: asked, store }, context) {
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await findSceneById(sql, requireSceneId(job));
      if (scene === null) throw sceneGone();
      const { width, height, fps } = project;
      await using directory = await storage.temporaryDirectory(job.id);
      const {
        made: clip,
        facts,
        unended,
      } = await deps.runGeneration.clip(
        {
          job,
          directory: directory.path,
          format: { width, height, fps },
          asked,
          caption: { title: project.title, sequence: scene.sequence },
        },
        context,
      );
      context.progress('storing', 0.95);
      const takeId = newId();
      const path = (name: string) => join(directory.path, name);
      const contentType = 'video/mp4';
      await store({
        files: [
          { path: path(madeFiles.take), key: takeKey(project.id, scene.id, takeId), contentType },
          ...(clip.keepSource
            ? [{ path: path(madeFiles.source), key: sourceKey(project.id, takeId, 'mp4'), contentType }]
            : []),
        ],
        completion: 'generate.video.made',
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
