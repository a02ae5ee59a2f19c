import * as v from 'valibot';
import type { Database, Transaction } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Job } from '../../contract/job.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { asNewClip } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { isMediaScene } from '../../library/project-media.repository';
import { requireProject } from '../../library/projects.lookup';
import { findSceneById } from '../../library/scenes.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addMedia, addTake } from '../../library/takes.completion';
import { newTake } from '../../library/takes.rules';
import { requireProjectId } from '../../shared/job-subject';
import type { StoredFile } from '../../storage/storage.types';
import { uploadedEntries } from './uploaded-source.usecases';

/** The arguments of the completions that make an uploaded file a take. */
export const UploadedTakeSchema = v.object({
  ...uploadedEntries,
  sceneId: v.string(),
  width: v.number(),
  height: v.number(),
  frames: v.nullable(v.number()),
  sourceStart: v.optional(v.number(), 0),
  sourceFrames: v.optional(v.nullable(v.number()), null),
});
type UploadedTake = v.InferOutput<typeof UploadedTakeSchema>;

/** Where the take of an upload goes. @throws AppError `ProjectNotFound`, `SceneNotFound` */
export async function ownerOf(
  sql: Database,
  job: Job,
): Promise<{ projectId: string; sceneId: string; slotFrames: number | null; format: Format }> {
  const project = await requireProject(sql, requireProjectId(job));
  const id = job.sceneId;
  const scene =
    id === null
      ? null
      : ((await findSceneById(sql, id)) ??
        // Media without a scene are prepared whole: no length says what of them is shown.
        ((await isMediaScene(sql, id)) ? { id, slotFrames: null } : null));
  if (scene === null) throw sceneGone();
  return {
    projectId: project.id,
    sceneId: scene.id,
    slotFrames: scene.slotFrames,
    format: { width: project.width, height: project.height, fps: project.fps },
  };
}

/** Makes an uploaded file the scene's clip or image, or media of the project that no scene shows yet. @throws AppError `SceneNotFound`, `JobAlreadyEnded` */
export async function addUploadedTake(
  deps: { jobs: Pick<Jobs, 'succeed'>; events: Pick<Events, 'publish'>; fitting: Pick<Fitting, 'settle'> },
  tx: Transaction,
  files: StoredFile[],
  made: UploadedTake,
  kind: 'original' | 'image',
): Promise<void> {
  const [file] = files;
  if (file === undefined) throw new Error(`${kind} without a file`);
  const { jobId, projectId, sceneId, takeId, source } = made;
  const take = newTake({
    ...fileColumns(file),
    id: takeId,
    projectId,
    sceneId,
    kind,
    width: made.width,
    height: made.height,
    frames: made.frames,
    sourceStart: made.sourceStart,
    sourceFrames: made.sourceFrames ?? made.frames,
    sourceKey: source.sourceKey,
    sourceBytes: source.sourceBytes,
    sourceSha256: source.sourceSha256,
    sourceName: source.fileName,
    madeBy: { provider: 'upload', model: 'upload', options: {} },
    jobId,
  });
  const succeed = () => deps.jobs.succeed(tx, jobId, { result: { takeId } });
  const reason = kind === 'image' ? 'image.uploaded' : 'clip.uploaded';
  if (await isMediaScene(tx, sceneId)) {
    await addMedia(tx, { take, succeed, publish: deps.events.publish, reason });
    return;
  }
  await addTake(tx, {
    projectId,
    sceneId,
    takes: (scene) => [
      { take, pointers: kind === 'image' ? { imageTakeId: takeId } : asNewClip(scene, take) },
    ],
    settle: deps.fitting.settle,
    succeed,
    publish: deps.events.publish,
    reason,
  });
}
