import { join } from 'node:path';
import * as v from 'valibot';
import { type Format, FormatSchema } from '../../contract/format.schema';
import type { CharacterReference, CharacterReferenceResult } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { JobContext } from '../../jobs/jobs.types';
import { jobEnded } from '../../library/completions.errors';
import { endingOf } from '../../library/file-endings.rules';
import { insertImage } from '../../library/images.repository';
import { imageKey } from '../../library/media-keys.rules';
import { requireProject } from '../../library/projects.lookup';
import { lockProject, touchProject } from '../../library/projects.repository';
import type { Presign } from '../../library/projects.view';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { type ImageJob, ImageJobSchema } from '../../provider-work/generation.rules';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import type { Completion } from '../../storage/storage.types';
import { noDescription } from './generate.errors';
import { askedImageOptions } from './generate.rules';
import type { SceneGenerationDeps } from './generated-take.usecases';

export const CHARACTER_REFERENCE_MADE = 'generate.reference.made';

const ReferenceJobSchema = v.object({ ...ImageJobSchema.entries, format: FormatSchema });
const MadeSchema = v.object({
  jobId: v.string(),
  projectId: v.nullable(v.string()),
  imageId: v.string(),
  width: v.number(),
  height: v.number(),
  job: ReferenceJobSchema,
  facts: RunFactsSchema,
  unended: UnendedCallSchema,
});
const ResultSchema = v.object({
  imageId: v.string(),
  imageKey: v.string(),
  bytes: v.number(),
  width: v.number(),
  height: v.number(),
  ...RunFactsSchema.entries,
});

/** Square, so that the whole figure fits whatever format the clips have. */
const format: Format = { width: 1024, height: 1024, fps: 25 };

/** What makes a picture a good reference: the whole figure, nothing else, even light. */
const frameWords = (description: string) =>
  `Character reference: ${description}\n\nFull figure, facing the camera, neutral pose, plain light background, even soft light.`;

export type CharacterReferenceUsecases = ReturnType<typeof createCharacterReferenceUsecases>;

/** A picture of what a character looks like, kept by its project for later images and clips. */
export function createCharacterReferenceUsecases(
  deps: Omit<SceneGenerationDeps, 'readScene'> & {
    runGeneration: Pick<RunGeneration, 'image'>;
    presign: Presign;
  },
) {
  const { sql, newId, jobs, events, storage, providers } = deps;

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

  const made: Completion = async (tx, files, args) => {
    const { jobId, projectId, imageId, width, height, job, facts, unended } = v.parse(MadeSchema, args);
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
  };

  return {
    completions: { [CHARACTER_REFERENCE_MADE]: made },

    /** Starts a picture; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `ProjectBusy` */
    async start(body: CharacterReference): Promise<Job> {
      const { project, asked, provider } = await plan(body);
      return sql.begin(async (tx) => {
        if (project !== null) {
          await lockProject(tx, project.id);
          await providers.checkBudget(tx, project.id, provider, null);
        }
        return jobs.create(tx, {
          kind: 'character_reference',
          projectId: project?.id ?? null,
          sceneId: null,
          provider: provider.name,
          model: provider.model,
          options: { ...asked, format },
          enqueue: true,
        });
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

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(ReferenceJobSchema, job.options);
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
        await storage.storeFiles({
          files: [{ path, key: imageKey(imageId, endingOf(contentType)), contentType }],
          jobId: job.id,
          completion: CHARACTER_REFERENCE_MADE,
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
          signal: context.signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished picture as the API answers it. */
    async present(job: Job): Promise<CharacterReferenceResult> {
      const { prompt } = v.parse(ReferenceJobSchema, job.options);
      const result = v.parse(ResultSchema, job.result);
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
