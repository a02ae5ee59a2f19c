import { join } from 'node:path';
import * as v from 'valibot';
import type { Database } from '../../../db/connect';
import type { Job } from '../../contract/job.schema';
import { LipsyncOptionsSchema } from '../../contract/lipsync.schema';
import type { Scene } from '../../contract/scene.schema';
import type { SceneLipsync } from '../../contract/video.schema';
import type { Events } from '../../events/events.types';
import type { JobContext, Jobs } from '../../jobs/jobs.types';
import type { MediaRoom } from '../../media/media.room.types';
import type { LipsyncProvider } from '../../providers/lipsync/lipsync.types';
import { frameToSample } from '../../shared/frames';
import type { NewId } from '../../shared/ids';
import type { Completion, Storage } from '../../storage/storage.types';
import { parseInput } from '../http/http.validate';
import { jobEnded, sceneGone } from '../jobs/jobs.errors';
import { takeKey } from '../projects/media-keys.models';
import {
  projectHasNoSong,
  sceneHasNoLength,
  sceneHasNoVideo,
  sliceOutsideSong,
} from '../projects/projects.errors';
import { requireProject, requireScene } from '../projects/projects.lookup';
import { findSong, lockProject, touchProject } from '../projects/projects.repository';
import { presentSegment } from '../projects/projects.view';
import { layOutTimeline, songFrames, songSegment } from '../scenes/scenes.models';
import { findSceneById, pointScene } from '../scenes/scenes.repository';
import { findTake, insertTake, listTakes } from '../takes/takes.repository';
import { RunFactsSchema, SceneLipsyncJobSchema, unsyncedParent } from './lipsync.models';
import { type RunLipsync, runFiles } from './lipsync-run.usecases';

export const SCENE_LIPSYNC_MADE = 'lipsync.scene.made';

const MadeSchema = v.object({
  jobId: v.string(),
  projectId: v.string(),
  sceneId: v.string(),
  takeId: v.string(),
  job: SceneLipsyncJobSchema,
  facts: RunFactsSchema,
});

export type SceneLipsyncUsecases = ReturnType<typeof createSceneLipsyncUsecases>;

/** Lip-sync of a scene to exactly the slice of the song that plays under it. */
export function createSceneLipsyncUsecases(deps: {
  sql: Database;
  newId: NewId;
  jobs: Pick<Jobs, 'create' | 'succeed'>;
  events: Pick<Events, 'publish'>;
  storage: Pick<Storage, 'storeFiles' | 'download' | 'temporaryDirectory'>;
  media: Pick<MediaRoom, 'cutSlice'>;
  providerName: LipsyncProvider['name'];
  runLipsync: RunLipsync;
  readScene: (projectId: string, sceneId: string) => Promise<Scene>;
}) {
  const { sql, newId, jobs, events, storage, media } = deps;

  const made: Completion = async (tx, files, args) => {
    const { jobId, projectId, sceneId, takeId, job, facts } = v.parse(MadeSchema, args);
    const [file] = files;
    if (file === undefined) throw new Error('A lip-sync without a file.');
    await lockProject(tx, projectId);
    const parent = await findTake(tx, job.parentTakeId);
    if (parent === null || (await findSceneById(tx, sceneId)) === null) throw sceneGone();
    const { processingTimeSeconds, ...madeBy } = facts;
    await insertTake(tx, {
      ...parent,
      id: takeId,
      kind: 'lipsynced',
      parentId: parent.id,
      s3Key: file.key,
      contentType: file.contentType,
      bytes: file.bytes,
      sha256: file.sha256,
      sourceKey: null,
      sourceBytes: null,
      sourceSha256: null,
      trimIn: null,
      trimOut: null,
      songId: job.songId,
      audioStart: job.startFrame,
      audioEnd: job.endFrame,
      madeBy: { ...madeBy, options: job.lipsync, processingTimeSeconds },
      costUsd: null,
      jobId,
    });
    await pointScene(tx, sceneId, { currentTakeId: takeId });
    await touchProject(tx, projectId);
    const { report, ...told } = facts;
    if (!(await jobs.succeed(tx, jobId, { result: { takeId, ...told, report } }))) throw jobEnded();
    await events.publish(tx, projectId, {
      type: 'project.changed',
      payload: { reason: 'scene.lipsynced' },
    });
  };

  return {
    completions: { [SCENE_LIPSYNC_MADE]: made },

    /**
     * Starts the lip-sync of a scene. Checks, in this order: project, scene, song, clip, place in the
     * song, options, busy. The slice is taken from the database in frames; it always starts from the
     * un-synced clip.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `ProjectHasNoSong`, `SceneHasNoVideo`,
     * `SceneHasNoLength`, `SliceOutsideSong`, `BadRequest`, `SceneBusy`
     */
    async start(projectId: string, sequence: string, input: unknown): Promise<Job> {
      const project = await requireProject(sql, projectId);
      const { scene, scenes } = await requireScene(sql, project, sequence);
      const { song, fps } = project;
      if (song === null) throw projectHasNoSong();
      if (scene.currentTake === null) throw sceneHasNoVideo(scene.sequence);
      const parent = unsyncedParent(scene.currentTake, await listTakes(sql, scene.id));
      if (parent === null || parent.frames === null) throw sceneHasNoVideo(scene.sequence);

      const places = layOutTimeline(scenes);
      const startFrame = places.find((place) => place.sceneId === scene.id)?.startFrame ?? null;
      if (startFrame === null) {
        const first = places.find((place) => place.frames === null);
        throw sceneHasNoLength(first?.sequence ?? scene.sequence);
      }
      const segment = songSegment(startFrame, parent.frames, songFrames(song, fps));
      if (segment === null) {
        throw sliceOutsideSong(scene.sequence, startFrame / fps, song.samples / song.sampleRate);
      }
      const lipsync = parseInput(LipsyncOptionsSchema, input);
      return sql.begin(async (tx) => {
        await lockProject(tx, project.id);
        return jobs.create(tx, {
          kind: 'lipsync',
          projectId: project.id,
          sceneId: scene.id,
          provider: deps.providerName,
          options: { parentTakeId: parent.id, songId: song.id, ...segment, lipsync },
          enqueue: true,
        });
      });
    },

    async run(job: Job, context: JobContext): Promise<void> {
      const asked = v.parse(SceneLipsyncJobSchema, job.options);
      const project = await requireProject(sql, job.projectId ?? '');
      const [parent, song] = await Promise.all([
        findTake(sql, asked.parentTakeId),
        findSong(sql, asked.songId),
      ]);
      if (parent === null || parent.frames === null || song === null) throw sceneGone();
      const format = { width: project.width, height: project.height, fps: project.fps };
      const directory = await storage.temporaryDirectory(job.id);
      const inDirectory = (name: string) => join(directory.path, name);
      const { signal } = context;
      try {
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
        const facts = await deps.runLipsync(
          {
            jobId: job.id,
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
        await storage.storeFiles({
          files: [
            {
              path: inDirectory(runFiles.take),
              key: takeKey(projectId, sceneId, takeId),
              contentType: 'video/mp4',
            },
          ],
          jobId: job.id,
          completion: SCENE_LIPSYNC_MADE,
          arguments: {
            jobId: job.id,
            projectId,
            sceneId,
            takeId,
            job: asked,
            facts,
          },
          signal,
        });
      } finally {
        await directory.remove();
      }
    },

    /** The finished lip-sync as the API answers it. */
    async present(job: Job): Promise<SceneLipsync> {
      const asked = v.parse(SceneLipsyncJobSchema, job.options);
      const facts = v.parse(RunFactsSchema, job.result);
      const project = await requireProject(sql, job.projectId ?? '');
      const scene = await deps.readScene(project.id, job.sceneId ?? '');
      return {
        jobId: job.id,
        status: job.state,
        projectId: project.id,
        sequence: scene.sequence,
        videoClipUrl: scene.videoClipUrl,
        originalVideoClipUrl: scene.originalVideoClipUrl,
        audioSegment: presentSegment(asked.startFrame, asked.endFrame, project.fps),
        options: asked.lipsync,
        ignoredOptions: facts.ignoredOptions,
        provider: facts.provider,
        model: facts.model,
        processingTimeSeconds: facts.processingTimeSeconds,
        updatedAt: scene.updatedAt,
        scene,
      };
    },
  };
}
