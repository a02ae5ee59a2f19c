import { join } from 'node:path';
import * as v from 'valibot';
import type { Database, Queryable } from '../../../db/connect';
import { isDatabaseUnavailable } from '../../../db/unavailable';
import type { Job, JobKind } from '../../contract/job.schema';
import type { Jobs } from '../../jobs/jobs.types';
import { endingOf } from '../../library/file-endings.rules';
import { isFitJob } from '../../library/fit-jobs.rules';
import { sourceKey } from '../../library/media-keys.rules';
import { countMediaScenes, insertMediaScene } from '../../library/project-media.repository';
import { projectBusy, sceneBusy, tooManyMedia } from '../../library/projects.errors';
import { requireProject, requireScene, requireSceneById } from '../../library/projects.lookup';
import { lockProject } from '../../library/projects.repository';
import type { ReceivedFile } from '../../library/received-file.rules';
import type { MediaService } from '../../media/media.service.types';
import { AppError, errorMessage } from '../../shared/errors';
import type { NewId } from '../../shared/ids';
import { limits } from '../../shared/limits';
import type { Log } from '../../shared/log';
import type { Storage } from '../../storage/storage.types';
import { defineCompletions } from '../../work/define-completions';
import { receiveFile } from './uploads.receive';
import type { UploadedSource } from './uploads.rules';
import type { UploadSpace } from './uploads.space';

/** Completion: the uploaded file is safe in S3, so its job may run on any worker. */
const received = defineCompletions({ 'upload.stored': v.object({ jobId: v.string() }) });

type UploadKind = Extract<JobKind, 'upload_clip' | 'upload_image' | 'upload_song'>;
/** A file that comes with a request, or that is already whole under `uploadsDirectory`. */
export type IncomingFile =
  | { request: Request; fileName: string | undefined; caller: string }
  | { received: ReceivedFile; signal: AbortSignal };

const signalOf = (incoming: IncomingFile) =>
  'received' in incoming ? incoming.signal : incoming.request.signal;
/** A scene by the number that it has now, or by its id. */
export type SceneChoice = { sequence: string } | { sceneId: string };
/** What a clip or image is for: a scene, or just the project, whose media it becomes one of. */
export type ClipChoice = SceneChoice | { media: true };

export type UploadUsecases = ReturnType<typeof createUploadUsecases>;

export function createUploadUsecases(deps: {
  sql: Database;
  newId: NewId;
  log: Log;
  jobs: Pick<Jobs, 'create' | 'enqueue' | 'explain' | 'fail' | 'abandon' | 'get' | 'list'>;
  storage: Pick<Storage, 'storeFiles' | 'discard'>;
  media: Pick<MediaService, 'checkClip' | 'checkImage' | 'checkSong'>;
  /** Where files are received; under the media root. */
  uploadsDirectory: string;
  maxBytes: number;
  space: Pick<UploadSpace, 'receive'>;
}) {
  const { sql, newId, log, jobs, storage, media, maxBytes } = deps;

  /**
   * Takes a file in: disk → checked by content → a job that holds the scene → confirmed in S3, which
   * gives the job to the workers. When S3 fails, the file stays on disk and is stored by a later
   * sweep, which then does the same; the job waits for it.
   */
  async function takeIn(upload: {
    kind: UploadKind;
    projectId: string;
    sceneId: string | null;
    /** Whether `sceneId` is a new place for media without a scene. */
    isMedia?: boolean;
    incoming: IncomingFile;
    check: (path: string) => Promise<{ mimeType: string }>;
  }): Promise<Job> {
    const { kind, projectId, sceneId } = upload;
    const { incoming } = upload;
    const file =
      'received' in incoming
        ? incoming.received
        : await receiveFile(incoming.request, {
            directory: deps.uploadsDirectory,
            id: newId(),
            maxBytes,
            fileName: incoming.fileName,
            begin: (announcedBytes) => deps.space.receive(incoming.caller, announcedBytes),
          });
    let job: Job;
    let source: UploadedSource & { contentType: string };
    try {
      const { mimeType } = await upload.check(file.path);
      source = describe(file, projectId, mimeType);
      job = await sql.begin(async (tx) => {
        await lockProject(tx, projectId);
        if (sceneId !== null && upload.isMedia === true) {
          await requireMediaRoom(tx, projectId);
          await insertMediaScene(tx, { id: sceneId, projectId });
        }
        return jobs.create(tx, {
          kind,
          projectId,
          sceneId,
          options: source,
          enqueue: false,
          stage: 'storing',
        });
      });
    } catch (error) {
      await storage.discard(file.path);
      throw error;
    }
    await store(file, source, job.id);
    return (await jobs.get(job.id)) ?? job;
  }

  function describe(file: ReceivedFile, projectId: string, contentType: string) {
    return {
      sourceKey: sourceKey(projectId, newId(), endingOf(contentType)),
      sourceBytes: file.bytes,
      sourceSha256: file.sha256,
      fileName: file.fileName,
      contentType,
    };
  }

  async function store(file: ReceivedFile, source: UploadedSource & { contentType: string }, jobId: string) {
    try {
      await storeReceived({
        files: [{ path: file.path, key: source.sourceKey, contentType: source.contentType }],
        completion: 'upload.stored',
        arguments: { jobId },
      });
    } catch (error) {
      if (error instanceof AppError && error.retryable) {
        log.warn({ jobId, error: error.message }, 'upload_waits_for_storage');
        await jobs.explain(jobId, error);
        return;
      }
      if (isDatabaseUnavailable(error)) {
        // If the outbox has the file, a sweep goes on with it; else it goes, and the job fails by itself.
        jobs.abandon(jobId);
        await storage.discard(file.path);
        throw error;
      }
      await jobs.fail(
        jobId,
        error instanceof AppError
          ? error
          : new AppError({
              code: 'UploadFailed',
              status: 500,
              retryable: false,
              message: errorMessage(error),
              cause: error,
            }),
      );
      throw error;
    }
  }

  async function refuseBusyScene(sceneId: string, sequence: number): Promise<void> {
    const found = await jobs.list({ sceneId, states: ['queued', 'running'], limit: 2 });
    const active = found.find((job) => !isFitJob(job));
    if (active !== undefined) throw sceneBusy(sequence, active.id);
  }

  const storeReceived = received.storeIn(storage);
  const completions = received.by({
    async 'upload.stored'(tx, _files, { jobId }) {
      if (!(await jobs.enqueue(tx, jobId))) {
        throw new AppError({
          code: 'JobAlreadyEnded',
          message: `Job ${jobId} ended before its upload was stored.`,
        });
      }
    },
  });

  /** @throws AppError `ProjectNotFound`, `ProjectBusy` while another song is being prepared */
  async function songTarget(projectId: string): Promise<{ projectId: string }> {
    const project = await requireProject(sql, projectId);
    const active = (
      await jobs.list({ projectId: project.id, states: ['queued', 'running'], limit: 1000 })
    ).filter((job) => job.kind === 'upload_song');
    if (active.length > 0) throw projectBusy(active.map((job) => job.id));
    return { projectId: project.id };
  }

  /** @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneBusy` */
  async function sceneTarget(
    projectId: string,
    choice: SceneChoice,
  ): Promise<{ projectId: string; sceneId: string }> {
    const project = await requireProject(sql, projectId);
    const scene =
      'sceneId' in choice
        ? await requireSceneById(sql, project, choice.sceneId)
        : (await requireScene(sql, project, choice.sequence)).scene;
    await refuseBusyScene(scene.id, scene.sequence);
    return { projectId: project.id, sceneId: scene.id };
  }

  async function requireMediaRoom(db: Queryable, projectId: string): Promise<void> {
    if ((await countMediaScenes(db, projectId)) >= limits.mediaWithoutScene) {
      throw tooManyMedia(limits.mediaWithoutScene);
    }
  }

  /** @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneBusy`, `TooManyMedia` */
  async function clipTarget(
    projectId: string,
    choice: ClipChoice,
  ): Promise<{ projectId: string; sceneId: string; isMedia: boolean }> {
    if (!('media' in choice)) return { ...(await sceneTarget(projectId, choice)), isMedia: false };
    const project = await requireProject(sql, projectId);
    await requireMediaRoom(sql, project.id);
    return { projectId: project.id, sceneId: newId(), isMedia: true };
  }

  return {
    completions,
    songTarget,
    clipTarget,

    /**
     * A clip for a scene, or for none yet. Its trims are cut from the file as it was sent, which is kept.
     * @throws AppError `ProjectNotFound`, `SceneNotFound`, `SceneBusy`, `TooManyMedia`; 400/413/415/422 for the file
     */
    async clip(projectId: string, choice: ClipChoice, incoming: IncomingFile): Promise<Job> {
      return takeIn({
        kind: 'upload_clip',
        ...(await clipTarget(projectId, choice)),
        incoming,
        check: (path) => media.checkClip(path, signalOf(incoming)),
      });
    },

    /** An image for a scene, or for none yet. @throws as `clip` */
    async image(projectId: string, choice: ClipChoice, incoming: IncomingFile): Promise<Job> {
      return takeIn({
        kind: 'upload_image',
        ...(await clipTarget(projectId, choice)),
        incoming,
        check: (path) => media.checkImage(path, signalOf(incoming)),
      });
    },

    /** The project's song; an earlier song stays for the lip-syncs made for it. @throws as `clip`, `ProjectBusy` */
    async song(projectId: string, incoming: IncomingFile): Promise<Job> {
      return takeIn({
        kind: 'upload_song',
        ...(await songTarget(projectId)),
        sceneId: null,
        incoming,
        check: (path) => media.checkSong(path, signalOf(incoming)),
      });
    },
  };
}

/** Where uploads are received, under the media root. */
export const uploadsDirectory = (mediaRoot: string) => join(mediaRoot, 'uploads');
