import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { type GeneratedImage, type GenerateImage, GenerateImageSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import type { NewId } from '../../shared/ids';
import type { Completion, Storage } from '../../storage/storage.types';
import { parseInput } from '../http/http.validate';
import { jobEnded, sceneGone } from '../jobs/jobs.errors';
import { takeKey } from '../projects/media-keys.models';
import { requireProject, requireScene } from '../projects/projects.lookup';
import { lockProject, touchProject } from '../projects/projects.repository';
import type { ProviderCallUsecases } from '../provider-calls/provider-calls.usecases';
import type { ProviderUsecases } from '../providers/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../providers/run-facts.models';
import { findSceneById, pointScene } from '../scenes/scenes.repository';
import { insertTake } from '../takes/takes.repository';
import { endingOf } from '../uploads/uploads.models';
import { sceneHasNoPrompt } from './generate.errors';
import {
  askedImageOptions,
  type ImageJob,
  ImageJobSchema,
  MOST_REFERENCES,
  wordsOf,
} from './generate.models';
import { madeFiles, type RunGeneration } from './generate-run.usecases';
import { listImages } from './images.repository';

export const SCENE_IMAGE_MADE = 'generate.image.made';

const MadeSchema = v.object({
  ...{ jobId: v.string(), projectId: v.string(), sceneId: v.string(), takeId: v.string() },
  ...{ width: v.number(), height: v.number() },
  ...{ job: ImageJobSchema, facts: RunFactsSchema, unended: UnendedCallSchema },
});
const ResultSchema = v.object({ takeId: v.string(), ...RunFactsSchema.entries });

export type SceneImageUsecases = ReturnType<typeof createSceneImageUsecases>;

/** A scene's image from its words. */
export function createSceneImageUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'temporaryDirectory'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runGeneration: Pick<RunGeneration, 'image'>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, newId, jobs, events, storage, providers } = deps;

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
    const { jobId, projectId, sceneId, takeId, facts, unended, ...of } = v.parse(MadeSchema, args);
    const [file] = files;
    if (file === undefined) throw new Error('An image without a file.');
    await lockProject(tx, projectId);
    if ((await findSceneById(tx, sceneId)) === null) throw sceneGone();
    const { prompt, negativePrompt, seed } = of.job;
    await insertTake(tx, {
      ...{ id: takeId, projectId, sceneId, kind: 'image', parentId: null },
      ...{ s3Key: file.key, contentType: file.contentType, bytes: file.bytes, sha256: file.sha256 },
      ...{ width: of.width, height: of.height, frames: null },
      ...{ sourceKey: null, sourceBytes: null, sourceSha256: null, sourceName: null },
      ...{ trimIn: null, trimOut: null, songId: null, audioStart: null, audioEnd: null },
      madeBy: madeByOf(facts, { prompt, negativePrompt, seed, references: of.job.references.length }),
      costUsd: facts.costUsd,
      jobId,
    });
    await pointScene(tx, sceneId, { imageTakeId: takeId });
    await touchProject(tx, projectId);
    if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
    if (!(await jobs.succeed(tx, jobId, { result: { takeId, ...facts } }))) throw jobEnded();
    await events.publish(tx, projectId, { type: 'project.changed', payload: { reason: 'image.generated' } });
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
          ...{ kind: 'generate_image', projectId: project.id, sceneId: scene.id },
          ...{ provider: provider.name, model: provider.model, options: asked, enqueue: true },
        });
      });
    },

    /** What the same call would cost; nothing is started. @throws AppError as `plan` */
    async estimate(projectId: string, sequence: string, body: unknown): Promise<Estimate> {
      const { project, asked, provider } = await plan(projectId, sequence, body);
      return providers.estimate({
        ...{ kind: 'image', provider, seconds: null, projectId: project.id },
        asked: askedImageOptions(asked),
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(ImageJobSchema, job.options);
      const project = await requireProject(sql, job.projectId ?? '');
      const scene = await findSceneById(sql, job.sceneId ?? '');
      if (scene === null) throw sceneGone();
      const directory = await storage.temporaryDirectory(job.id);
      try {
        const {
          made: image,
          facts,
          unended,
        } = await deps.runGeneration.image(
          {
            ...{ job, directory: directory.path, format: project, asked },
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
            ...{ jobId: job.id, projectId: project.id, sceneId: scene.id, takeId },
            ...{ width, height, job: asked, facts, unended },
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
        ResultSchema,
        job.result,
      );
      const scene = await deps.readScene(job.projectId ?? '', job.sceneId ?? '');
      return {
        ...{ jobId: job.id, status: job.state, projectId: job.projectId ?? '', sequence: scene.sequence },
        ...{ takeId, imageUrl: scene.imageUrl, prompt, provider, model, ignoredOptions },
        ...{ costUsd, charged: job.charged, processingTimeSeconds, scene },
      };
    },
  };
}
