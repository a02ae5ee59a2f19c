import { type GeneratedVideo, type GenerateVideo, GenerateVideoSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import { parseInput } from '../../http/http.validate';
import { listImages } from '../../library/images.repository';
import { requireProject, requireScene } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { VideoJob } from '../../provider-work/generation.rules';
import { framesToSeconds } from '../../shared/frames';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import { clipLengthUnknown, sceneHasNoPrompt } from './generate.errors';
import { askedVideoOptions, cardOf, framesOf, MOST_REFERENCES, wordsOf } from './generate.rules';
import type { SceneGenerationDeps } from './generated-take.usecases';
import { sceneVideoJob } from './scene-video.job';

export type SceneVideoUsecases = ReturnType<typeof createSceneVideoUsecases>;

/** A scene's clip from its words and its image. */
export function createSceneVideoUsecases(deps: SceneGenerationDeps) {
  const { sql, jobs, providers } = deps;

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

  return {
    /** Starts a new clip of the scene; earlier ones stay. @throws AppError as `plan`, `BudgetExceeded`, `SceneBusy` */
    async start(projectId: string, sequence: string, body: unknown): Promise<Job> {
      const { project, scene, asked, provider, paidSeconds } = await plan(projectId, sequence, body);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        await providers.checkBudget(tx, project.id, provider, paidSeconds);
        return jobs.create(
          tx,
          sceneVideoJob.newJob({
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
      const { project, asked, provider, paidSeconds } = await plan(projectId, sequence, body);
      return providers.estimate({
        kind: 'video',
        provider,
        seconds: paidSeconds,
        projectId: project.id,
        asked: askedVideoOptions(asked),
      });
    },

    /** The finished clip as the API answers it. */
    async present(job: Job): Promise<GeneratedVideo> {
      const { prompt, frames } = sceneVideoJob.optionsOf(job);
      const facts = sceneVideoJob.resultOf(job);
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
