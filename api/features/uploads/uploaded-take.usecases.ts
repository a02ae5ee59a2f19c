import * as v from 'valibot';
import type { Database, Transaction } from '../../../db/connect';
import type { Format } from '../../contract/format.schema';
import type { Job } from '../../contract/job.schema';
import type { Events } from '../../events/events.types';
import type { Jobs } from '../../jobs/jobs.types';
import { sceneGone } from '../../library/completions.errors';
import { asNewClip } from '../../library/fitting.rules';
import type { Fitting } from '../../library/fitting.types';
import { requireProject } from '../../library/projects.lookup';
import { findSceneById } from '../../library/scenes.repository';
import { fileColumns } from '../../library/stored-file.rules';
import { addTake } from '../../library/takes.completion';
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
  const scene = job.sceneId === null ? null : await findSceneById(sql, job.sceneId);
  if (scene === null) throw sceneGone();
  return {
    projectId: project.id,
    sceneId: scene.id,
    slotFrames: scene.slotFrames,
    format: { width: project.width, height: project.height, fps: project.fps },
  };
}

/** Makes an uploaded file the scene's clip or image. @throws AppError `SceneNotFound`, `JobAlreadyEnded` */
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
  await addTake(tx, {
    projectId,
    sceneId,
    takes: (scene) => [
      { take, pointers: kind === 'image' ? { imageTakeId: takeId } : asNewClip(scene, take) },
    ],
    settle: deps.fitting.settle,
    succeed: () => deps.jobs.succeed(tx, jobId, { result: { takeId } }),
    publish: deps.events.publish,
    reason: kind === 'image' ? 'image.uploaded' : 'clip.uploaded',
  });
}
