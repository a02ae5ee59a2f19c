import { type GeneratedImage, type GenerateImage, GenerateImageSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import { parseInput } from '../../http/http.validate';
import { listImages } from '../../library/images.repository';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { ImageJob } from '../../provider-work/generation.rules';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { sceneHasNoPrompt } from './generate.errors';
import { askedImageOptions, MOST_REFERENCES, wordsOf } from './generate.rules';
import type { SceneGenerationDeps } from './generated-take.usecases';
import { sceneImageJob } from './scene-image.job';

export type SceneImageUsecases = ReturnType<typeof createSceneImageUsecases>;

/** A scene's image from its words. */
export function createSceneImageUsecases(deps: SceneGenerationDeps) {
  const { sql, jobs, providers } = deps;

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

  return {
    /** Starts a new image of the scene; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `SceneBusy` */
    async start(projectId: string, sequence: string, body: unknown): Promise<Job> {
      const { project, scene, asked, provider } = await plan(projectId, sequence, body);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await providers.checkBudget(tx, project.id, provider, null);
        return jobs.create(
          tx,
          sceneImageJob.newJob({
            projectId: project.id,
            sceneId: scene.id,
            provider: provider.name,
            model: provider.model,
            options: asked,
            enqueue: true,
          }),
        );
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

    /** The finished image as the API answers it. */
    async present(job: Job): Promise<GeneratedImage> {
      const { prompt } = sceneImageJob.optionsOf(job);
      const { takeId, provider, model, ignoredOptions, costUsd, processingTimeSeconds } =
        sceneImageJob.resultOf(job);
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
