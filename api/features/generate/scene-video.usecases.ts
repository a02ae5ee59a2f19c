import { join } from 'node:path';
import * as v from 'valibot';
import { type GeneratedVideo, type GenerateVideo, GenerateVideoSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import { parseInput } from '../../http/http.validate';
import type { JobContext } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { listImages } from '../../library/images.repository';
import { sourceKey, takeKey } from '../../library/media-keys.rules';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import { findSceneById } from '../../library/scenes.repository';
import { madeFiles, type RunGeneration } from '../../provider-work/generate-run.usecases';
import { type VideoJob, VideoJobSchema } from '../../provider-work/generation.rules';
import { framesToSeconds } from '../../shared/frames';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { Completion } from '../../storage/storage.types';
import { clipLengthUnknown, sceneHasNoPrompt } from './generate.errors';
import { askedVideoOptions, cardOf, framesOf, MOST_REFERENCES, wordsOf } from './generate.rules';
import {
  addGeneratedTake,
  GeneratedResultSchema,
  generatedEntries,
  type SceneGenerationDeps,
} from './generated-take.usecases';

export const SCENE_VIDEO_MADE = 'generate.video.made';

const MadeSchema = v.object({ ...generatedEntries, job: VideoJobSchema });

export type SceneVideoUsecases = ReturnType<typeof createSceneVideoUsecases>;

/** A scene's clip from its words and its image. */
export function createSceneVideoUsecases(
  deps: SceneGenerationDeps & { runGeneration: Pick<RunGeneration, 'clip'> },
) {
  const { sql, newId, jobs, storage, providers } = deps;

  /**
   * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneHasNoPrompt`, `SceneHasNoLength`, `BadRequest`,
   * `ProviderNotEnabled`, `ModelNotOffered`
   */
  async function plan(projectId: string, sequence: string, body: unknown) {
    const project = await requireProject(sql, projectId);
    const { scene } = await requireScene(sql, project, sequence);
    const input: GenerateVideo = parseInput(GenerateVideoSchema, body);
    const words = wordsOf(input, scene, project);
    if (words === null) throw sceneHasNoPrompt(scene.sequence);
    const frames = framesOf(input.duration, project.fps, scene);
    if (frames === null) throw clipLengthUnknown(scene.sequence);
    const given = ({
      s3Key,
      sha256,
      contentType,
    }: {
      s3Key: string;
      sha256: string;
      contentType: string;
    }) => ({
      key: s3Key,
      sha256,
      contentType,
    });
    const provider = providers.choose('video', input);
    const card = scene.imageTake === null ? null : cardOf(scene.imageTake);
    const useImage = input.useImage ?? (card === null || provider.name === 'local');
    const image = useImage && scene.imageTake !== null ? given(scene.imageTake) : null;
    // A first frame shows the character already, and models take one or the other.
    const pictures = input.useReferences && image === null ? await listImages(sql, project.id) : [];
    const references = pictures.slice(0, MOST_REFERENCES).map(given);
    const imageCard = image === null ? null : card;
    const asked: VideoJob = { ...words, seed: input.seed, frames, image, imageCard, references };
    return { project, scene, asked, provider, paidSeconds: provider.paidSeconds(frames / project.fps) };
  }

  const made: Completion = async (tx, files, args) => {
    const { job, ...generated } = v.parse(MadeSchema, args);
    const { prompt, negativePrompt, seed, image, references, frames } = job;
    await addGeneratedTake(deps, tx, files, {
      ...generated,
      frames,
      options: { prompt, negativePrompt, seed, image: image?.key ?? null, references: references.length },
    });
  };

  return {
    completions: { [SCENE_VIDEO_MADE]: made },

    /** Starts a new clip of the scene; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `SceneBusy` */
    async start(projectId: string, sequence: string, body: unknown): Promise<Job> {
      const { project, scene, asked, provider, paidSeconds } = await plan(projectId, sequence, body);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await providers.checkBudget(tx, project.id, provider, paidSeconds);
        return jobs.create(tx, {
          kind: 'generate_video',
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
      const { project, asked, provider, paidSeconds } = await plan(projectId, sequence, body);
      return providers.estimate({
        kind: 'video',
        provider,
        seconds: paidSeconds,
        projectId: project.id,
        asked: askedVideoOptions(asked),
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(VideoJobSchema, job.options);
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await findSceneById(sql, requireSceneId(job));
      if (scene === null) throw sceneGone();
      const { width, height, fps } = project;
      const directory = await storage.temporaryDirectory(job.id);
      try {
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
        await storage.storeFiles({
          files: [
            { path: path(madeFiles.take), key: takeKey(project.id, scene.id, takeId), contentType },
            ...(clip.keepSource
              ? [{ path: path(madeFiles.source), key: sourceKey(project.id, takeId, 'mp4'), contentType }]
              : []),
          ],
          jobId: job.id,
          completion: SCENE_VIDEO_MADE,
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

    /** The finished clip as the API answers it. */
    async present(job: Job): Promise<GeneratedVideo> {
      const { prompt, frames } = v.parse(VideoJobSchema, job.options);
      const facts = v.parse(GeneratedResultSchema, job.result);
      const { takeId, provider, model, ignoredOptions, costUsd, processingTimeSeconds } = facts;
      const project = await requireProject(sql, requireProjectId(job));
      const scene = await deps.readScene(project.id, requireSceneId(job));
      const { videoClipUrl, originalVideoClipUrl, sequence } = scene;
      return {
        jobId: job.id,
        status: job.state,
        projectId: project.id,
        sequence,
        takeId,
        videoClipUrl,
        originalVideoClipUrl,
        prompt,
        provider,
        model,
        ignoredOptions,
        frames,
        duration: framesToSeconds(frames, project.fps),
        receivedFrames: facts.receivedFrames,
        costUsd,
        charged: job.charged,
        processingTimeSeconds,
        scene,
      };
    },
  };
}
