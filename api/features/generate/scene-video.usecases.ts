import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import { type GeneratedVideo, type GenerateVideo, GenerateVideoSchema } from '../../contract/generate.schema';
import type { Job } from '../../contract/job.schema';
import type { Estimate } from '../../contract/provider.schema';
import type { Scene } from '../../contract/scene.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import { framesToSeconds } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import type { Completion, Storage } from '../../storage/storage.types';
import { parseInput } from '../http/http.validate';
import { jobEnded, sceneGone } from '../jobs/jobs.errors';
import { sourceKey, takeKey } from '../projects/media-keys.models';
import { requireProject, requireScene } from '../projects/projects.lookup';
import { lockProject, touchProject } from '../projects/projects.repository';
import type { ProviderCallUsecases } from '../provider-calls/provider-calls.usecases';
import type { ProviderUsecases } from '../providers/providers.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../providers/run-facts.models';
import { findSceneById, pointScene } from '../scenes/scenes.repository';
import { insertTake } from '../takes/takes.repository';
import { clipLengthUnknown, sceneHasNoPrompt } from './generate.errors';
import {
  askedVideoOptions,
  cardOf,
  framesOf,
  MOST_REFERENCES,
  type VideoJob,
  VideoJobSchema,
  wordsOf,
} from './generate.models';
import { madeFiles, type RunGeneration } from './generate-run.usecases';
import { listImages } from './images.repository';

export const SCENE_VIDEO_MADE = 'generate.video.made';

const MadeSchema = v.object({
  ...{ jobId: v.string(), projectId: v.string(), sceneId: v.string(), takeId: v.string() },
  ...{ width: v.number(), height: v.number(), job: VideoJobSchema },
  ...{ facts: RunFactsSchema, unended: UnendedCallSchema },
});
const ResultSchema = v.object({ takeId: v.string(), ...RunFactsSchema.entries });

export type SceneVideoUsecases = ReturnType<typeof createSceneVideoUsecases>;

/** A scene's clip from its words and its image. */
export function createSceneVideoUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'temporaryDirectory'>;
  providers: Pick<ProviderUsecases, 'choose' | 'estimate' | 'checkBudget'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runGeneration: Pick<RunGeneration, 'clip'>;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, newId, jobs, events, storage, providers } = deps;

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
      ...{ key: s3Key, sha256, contentType },
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
    const { jobId, projectId, sceneId, takeId, facts, unended, ...of } = v.parse(MadeSchema, args);
    const [file, source] = files;
    if (file === undefined) throw new Error('A clip without a file.');
    await lockProject(tx, projectId);
    if ((await findSceneById(tx, sceneId)) === null) throw sceneGone();
    const { prompt, negativePrompt, seed, image, references } = of.job;
    await insertTake(tx, {
      ...{ id: takeId, projectId, sceneId, kind: 'original', parentId: null },
      ...{ s3Key: file.key, contentType: file.contentType, bytes: file.bytes, sha256: file.sha256 },
      ...{ width: of.width, height: of.height, frames: of.job.frames },
      ...{ sourceKey: source?.key ?? null, sourceBytes: source?.bytes ?? null },
      ...{ sourceSha256: source?.sha256 ?? null, sourceName: null },
      ...{ trimIn: null, trimOut: null, songId: null, audioStart: null, audioEnd: null },
      madeBy: madeByOf(facts, {
        ...{ prompt, negativePrompt, seed },
        ...{ image: image?.key ?? null, references: references.length },
      }),
      costUsd: facts.costUsd,
      jobId,
    });
    await pointScene(tx, sceneId, { originalTakeId: takeId, currentTakeId: takeId });
    await touchProject(tx, projectId);
    if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
    if (!(await jobs.succeed(tx, jobId, { result: { takeId, ...facts } }))) throw jobEnded();
    await events.publish(tx, projectId, { type: 'project.changed', payload: { reason: 'clip.generated' } });
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
          ...{ kind: 'generate_video', projectId: project.id, sceneId: scene.id },
          ...{ provider: provider.name, model: provider.model, options: asked, enqueue: true },
        });
      });
    },

    /** What the same call would cost; nothing is started. @throws AppError as `plan` */
    async estimate(projectId: string, sequence: string, body: unknown): Promise<Estimate> {
      const { project, asked, provider, paidSeconds } = await plan(projectId, sequence, body);
      return providers.estimate({
        ...{ kind: 'video', provider, seconds: paidSeconds, projectId: project.id },
        asked: askedVideoOptions(asked),
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(VideoJobSchema, job.options);
      const project = await requireProject(sql, job.projectId ?? '');
      const scene = await findSceneById(sql, job.sceneId ?? '');
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
            ...{ job, directory: directory.path, format: { width, height, fps }, asked },
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
            ...{ jobId: job.id, projectId: project.id, sceneId: scene.id, takeId },
            ...{ width, height, job: asked, facts, unended },
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
      const facts = v.parse(ResultSchema, job.result);
      const { takeId, provider, model, ignoredOptions, costUsd, processingTimeSeconds } = facts;
      const project = await requireProject(sql, job.projectId ?? '');
      const scene = await deps.readScene(project.id, job.sceneId ?? '');
      const { videoClipUrl, originalVideoClipUrl, sequence } = scene;
      return {
        ...{ jobId: job.id, status: job.state, projectId: project.id, sequence, takeId },
        ...{ videoClipUrl, originalVideoClipUrl, prompt, provider, model, ignoredOptions },
        ...{ frames, duration: framesToSeconds(frames, project.fps), receivedFrames: facts.receivedFrames },
        ...{ costUsd, charged: job.charged, processingTimeSeconds, scene },
      };
    },
  };
}
