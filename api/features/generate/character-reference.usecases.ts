import type { Format } from '../../contract/format.schema';
import type { CharacterReference, CharacterReferenceResult } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import { requireProject } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { Presign } from '../../library/projects.view';
import type { ImageJob } from '../../provider-work/generation.rules';
import { characterReferenceJob } from './character-reference.job';
import { noDescription } from './generate.errors';
import { askedImageOptions } from './generate.rules';
import type { SceneGenerationDeps } from './generated-take.usecases';

/** Square, so that the whole figure fits whatever format the clips have. */
const format: Format = { width: 1024, height: 1024, fps: 25 };

/** What makes a picture a good reference: the whole figure, nothing else, even light. */
const frameWords = (description: string) =>
  `Character reference: ${description}\n\nFull figure, facing the camera, neutral pose, plain light background, even soft light.`;

export type CharacterReferenceUsecases = ReturnType<typeof createCharacterReferenceUsecases>;

/** A picture of what a character looks like, kept by its project for later images and clips. */
export function createCharacterReferenceUsecases(
  deps: Omit<SceneGenerationDeps, 'readScene'> & { presign: Presign },
) {
  const { sql, jobs, providers } = deps;

  /** @throws AppError `ProjectNotFound`, `NoDescription`, `ProviderNotEnabled`, `ModelNotOffered` */
  async function plan(body: CharacterReference) {
    const project = body.project_id === undefined ? null : await requireProject(sql, body.project_id);
    const description = body.description ?? project?.characterDescription.trim() ?? '';
    if (description === '') throw noDescription();
    const asked: ImageJob = {
      prompt: frameWords(description),
      negativePrompt: body.negative_prompt.trim(),
      seed: body.seed,
      references: [],
    };
    return { project, asked, provider: providers.choose('image', body) };
  }

  return {
    /** Starts a picture; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `ProjectBusy` */
    async start(body: CharacterReference): Promise<Job> {
      const { project, asked, provider } = await plan(body);
      return sql.begin(async (tx) => {
        if (project !== null) {
          await lockProject(tx, project.id);
          await providers.checkBudget(tx, project.id, provider, null);
        }
        return jobs.create(
          tx,
          characterReferenceJob.newJob({
            projectId: project?.id ?? null,
            sceneId: null,
            provider: provider.name,
            model: provider.model,
            options: { ...asked, format },
            enqueue: true,
          }),
        );
      });
    },

    /** What the same call would cost; nothing is started. @throws AppError as `plan` */
    async estimate(body: CharacterReference): Promise<Estimate> {
      const { project, asked, provider } = await plan(body);
      return providers.estimate({
        kind: 'image',
        provider,
        seconds: null,
        projectId: project?.id ?? null,
        asked: askedImageOptions(asked),
      });
    },

    /** The finished picture as the API answers it. */
    async present(job: Job): Promise<CharacterReferenceResult> {
      const { prompt } = characterReferenceJob.optionsOf(job);
      const result = characterReferenceJob.resultOf(job);
      return {
        job_id: job.id,
        status: job.state,
        image_id: result.imageId,
        project_id: job.projectId,
        image_url: await deps.presign(result.imageKey),
        metadata: {
          provider: result.provider,
          model: result.model,
          prompt,
          ignored_options: result.ignoredOptions,
          cost_usd: result.costUsd,
          charged: job.charged,
          processing_time_seconds: result.processingTimeSeconds,
          file_size: result.bytes,
          width: result.width,
          height: result.height,
        },
      };
    },
  };
}
