import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { failedFit } from '../../library/fit-jobs.rules';
import type { Fitting } from '../../library/fitting.types';
import { takeKey } from '../../library/media-keys.rules';
import { clipIsFitted, clipNotFitted } from '../../library/projects.errors';
import { requireProject } from '../../library/projects.lookup';
import { findSong, lockProject } from '../../library/projects.repository';
import { listScenes } from '../../library/scenes.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
import { findOriginal, findTake } from '../../library/takes.repository';
import { newTake, ofParent } from '../../library/takes.rules';
import type { MediaService } from '../../media/media.service.types';
import { type RunLipsync, runFiles } from '../../provider-work/lipsync-run.usecases';
import type { ProviderCallUsecases } from '../../provider-work/provider-calls.usecases';
import { madeByOf, RunFactsSchema, UnendedCallSchema } from '../../provider-work/run-facts.rules';
import type { AppError } from '../../shared/errors';
import { frameToSample } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import { requireProjectId, requireSceneId } from '../../shared/job-subject';
import type { Storage } from '../../storage/storage.types';
import { defineJob } from '../../work/define-job';
import { poolByProvider } from '../../work/pools';
import { type SceneLipsyncJob, SceneLipsyncJobSchema } from './lipsync.rules';
import { planSceneLipsync } from './scene-lipsync.plan';

export const sceneLipsyncJob = defineJob({
  kind: 'lipsync',
  pool: poolByProvider('lipsync'),
  options: SceneLipsyncJobSchema,
  result: v.object({ takeId: v.string(), ...RunFactsSchema.entries }),
  completions: {
    'lipsync.scene.made': v.object({
      jobId: v.string(),
      projectId: v.string(),
      sceneId: v.string(),
      takeId: v.string(),
      job: SceneLipsyncJobSchema,
      facts: RunFactsSchema,
      unended: UnendedCallSchema,
    }),
  },
});

/** How soon a run that waits for its clip looks again. */
const FITTING_SECONDS = 1;
/** Among a scene's newest jobs is the fitting that a run waits for. */
const RECENT_JOBS = 20;

type Ready = SceneLipsyncJob & { parentTakeId: string };

/** Lets a provider move the mouth of a scene's clip, and makes the result the scene's current take. */
export function createSceneLipsyncJob(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'succeed' | 'record' | 'list'>;
  events: Pick<Events, 'publish'>;
  fitting: Fitting;
  deferJob: (error: AppError, delaySeconds: number) => Error;
  storage: Pick<Storage, 'download' | 'temporaryDirectory'>;
  media: Pick<MediaService, 'cutSlice'>;
  calls: Pick<ProviderCallUsecases, 'end'>;
  runLipsync: RunLipsync;
}) {
  const { sql, newId, jobs, events, storage, media, fitting, deferJob } = deps;

  /**
   * What is synced. While the clip that fits the scene is still being made the run ends, to begin again;
   * what the scene is then is written down, so that later edits don't change it.
   */
  async function whenFitted(job: Job, asked: SceneLipsyncJob): Promise<Ready> {
    const { parentTakeId } = asked;
    if (parentTakeId !== null) return { ...asked, parentTakeId };
    const projectId = requireProjectId(job);
    const sceneId = requireSceneId(job);
    const ready = await sql.begin(async (tx): Promise<Ready | number> => {
      await lockProject(tx, projectId);
      const project = await requireProject(tx, projectId);
      const scenes = await listScenes(tx, projectId);
      const scene = scenes.find(({ id }) => id === sceneId);
      if (scene === undefined) throw sceneGone();
      const { made } = await planSceneLipsync(tx, project, scene, scenes);
      if (made.parentTakeId !== null) {
        const options = { ...asked, ...made, parentTakeId: made.parentTakeId };
        await jobs.record(job.id, { options }, tx);
        return options;
      }
      const failed = failedFit(await jobs.list({ sceneId, limit: RECENT_JOBS }, tx), job);
      if (failed !== null) throw clipNotFitted([scene.sequence], failed);
      await fitting.makeUnsynced(tx, sceneId);
      return scene.sequence;
    });
    if (typeof ready === 'number') throw deferJob(clipIsFitted([ready]), FITTING_SECONDS);
    return ready;
  }

  return sceneLipsyncJob.by({
    complete: {
      async 'lipsync.scene.made'(tx, files, args) {
        const { jobId, projectId, sceneId, takeId, job, facts, unended } = args;
        const [file] = files;
        if (file === undefined) throw new Error('A lip-sync without a file.');
        await addTake(tx, {
          projectId,
          sceneId,
          async takes(scene) {
            const parent = await findTake(tx, job.parentTakeId ?? '');
            // Another original may have been chosen meanwhile; the newest take decides which one is cut.
            const original = parent === null ? null : await findOriginal(tx, parent);
            if (parent === null || original === null) throw sceneGone();
            const take = newTake({
              ...ofParent(parent),
              ...fileColumns(file),
              id: takeId,
              kind: 'lipsynced',
              songId: job.songId,
              audioStart: job.startFrame,
              audioEnd: job.endFrame,
              madeBy: madeByOf(facts, job.lipsync),
              costUsd: facts.costUsd,
              jobId,
            });
            // A scene that was cut or framed otherwise meanwhile shows what of it still fits.
            const back = original.id === scene.originalTake?.id ? {} : { window: take.window };
            return [{ take, pointers: { lipsyncTakeId: takeId, originalTakeId: original.id, ...back } }];
          },
          async succeed() {
            if (unended !== null) await deps.calls.end(tx, jobId, unended.callId, unended.end);
            return jobs.succeed(tx, jobId, { result: { takeId, ...facts } });
          },
          settle: fitting.settle,
          publish: events.publish,
          reason: 'scene.lipsynced',
        });
      },
    },

    async run({ job, options, store }, context) {
      const asked = await whenFitted(job, options);
      const project = await requireProject(sql, requireProjectId(job));
      const [parent, song] = await Promise.all([
        findTake(sql, asked.parentTakeId),
        findSong(sql, asked.songId),
      ]);
      if (parent === null || parent.frames === null || song === null) throw sceneGone();
      const format = { width: project.width, height: project.height, fps: project.fps };
      await using directory = await storage.temporaryDirectory(job.id);
      const inDirectory = (name: string) => join(directory.path, name);
      const { signal } = context;
      context.progress('fetching', 0);
      await storage.download(parent.s3Key, inDirectory(runFiles.clip), { signal, sha256: parent.sha256 });
      await storage.download(song.masterKey, inDirectory('song.wav'), {
        signal,
        sha256: song.masterSha256,
      });
      await media.cutSlice({
        master: inDirectory('song.wav'),
        output: inDirectory(runFiles.slice),
        startSample: frameToSample(asked.startFrame, project.fps, song.sampleRate),
        endSample: Math.min(song.samples, frameToSample(asked.endFrame, project.fps, song.sampleRate)),
      });
      const { facts, unended } = await deps.runLipsync(
        {
          job,
          directory: directory.path,
          format,
          frames: parent.frames,
          options: asked.lipsync,
          progress: { from: 0.05, to: 0.92 },
        },
        context,
      );
      context.progress('storing', 0.96);
      const takeId = newId();
      const { projectId, sceneId } = parent;
      await store({
        files: [
          {
            path: inDirectory(runFiles.take),
            key: takeKey(projectId, sceneId, takeId),
            contentType: 'video/mp4',
          },
        ],
        completion: 'lipsync.scene.made',
        arguments: {
          jobId: job.id,
          projectId,
          sceneId,
          takeId,
          job: asked,
          facts,
          unended,
        },
      });
    },
  });
}
