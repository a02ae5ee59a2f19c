import { join } from 'node:path';
import * as v from 'valibot';
import { type GeneratedImage, type GenerateImage, GenerateImageSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import { parseInput } from '../../http/http.validate';
import type { JobContext } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { listImages } from '../../library/images.repository';
import { takeKey } from '../../library/media-keys.rules';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { findSceneById } from '../../library/scenes.repository';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { type ImageJob, ImageJobSchema } from '../../provider-work/generation.rules';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { Completion } from '../../storage/storage.types';
import { sceneHasNoPrompt } from './generate.errors';
import { askedImageOptions, MOST_REFERENCES, wordsOf } from './generate.rules';
import {
  addGeneratedTake,
  GeneratedResultSchema,
  generatedEntries,
  type SceneGenerationDeps,
} from './generated-take.usecases';

export const SCENE_IMAGE_MADE = 'generate.image.made';

const MadeSchema = v.object({ ...generatedEntries, job: ImageJobSchema });

export type SceneImageUsecases = ReturnType<typeof createSceneImageUsecases>;

/** A scene's image from its words. */
export function createSceneImageUsecases(
  deps: SceneGenerationDeps & { runGeneration: Pick<RunGeneration, 'image'> },
) {
  const { sql, newId, jobs, storage, providers } = deps;

  /** @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoPrompt`, `BadRequest`, `ProviderNotEnabled`, `ModelNotOffered` */
  async function plan(projectId: string, sequence: string, body: unknown) {
    const project = await requireProject(sql, projectId);
    const { scene } = await requireScene(sql, project, sequence);
    const input: GenerateImage = parseInput(GenerateImageSchema, body);
    const words = wordsOf(input, scene, project);
    if (words === null) throw sceneHasNoPrompt(scene.sequence);
    const pictures = input.useReferences ? await listImages(sql, project.id) : [];
    const asked: ImageJob = {
      ...words,
      seed: input.seed,
      references: pictures
        .slice(0, MOST_REFERENCES)
        .map(({ s3Key, sha256, contentType }) => ({ key: s3Key, sha256, contentType })),
    };
    return { project, scene, asked, provider: providers.choose('image', input) };
  }

  const made: Completion = async (tx, files, args) => {
    const { job, ...generated } = v.parse(MadeSchema, args);
    const { prompt, negativePrompt, seed, references } = job;
    await addGeneratedTake(deps, tx, files, {
      ...generated,
      frames: null,
      options: { prompt, negativePrompt, seed, references: references.length },
    });
  };

  return {
    completions: { [SCENE_IMAGE_MADE]: made },

    /** Starts a new image of the scene; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `SceneBusy` */
    async start(projectId: string, sequence: string, body: unknown): Promise<Job> {
      const { project, scene, asked, provider } = await plan(projectId, sequence, body);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await providers.checkBudget(tx, project.id, provider, null);
        return jobs.create(tx, {
          kind: 'generate_image',
          projectId: project.id,
          sceneId: scene.id,
          provider: provider.name,
          model: provider.model,
          options: asked,
          enqueue: true,
        });
      });
    },

    /** What the same call would cost; nothing is started. @throws AppError as `plan` */
    async estimate(projectId: string, sequence: string, body: unknown): Promise<Estimate> {
      const { project, asked, provider } = await plan(projectId, sequence, body);
      return providers.estimate({
        kind: 'image',
        provider,
        seconds: null,
        projectId: project.id,
        asked: askedImageOptions(asked),
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(ImageJobSchema, job.options);
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await findSceneById(sql, requireSceneId(job));
      if (scene === null) throw sceneGone();
      const directory = await storage.temporaryDirectory(job.id);
      try {
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
        await storage.storeFiles({
          files: [{ path, key, contentType }],
          jobId: job.id,
          completion: SCENE_IMAGE_MADE,
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
          signal: context.signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished image as the API answers it. */
    async present(job: Job): Promise<GeneratedImage> {
      const { prompt } = v.parse(ImageJobSchema, job.options);
      const { takeId, provider, model, ignoredOptions, costUsd, processingTimeSeconds } = v.parse(
        GeneratedResultSchema,
        job.result,
      );
      const scene = await deps.readScene(requireProjectId(job), requireSceneId(job));
      return {
        jobId: job.id,
        status: job.state,
        projectId: requireProjectId(job),
        sequence: scene.sequence,
        takeId,
        imageUrl: scene.imageUrl,
        prompt,
        provider,
        model,
        ignoredOptions,
        costUsd,
        charged: job.charged,
        processingTimeSeconds,
        scene,
      };
    },
  };
}
