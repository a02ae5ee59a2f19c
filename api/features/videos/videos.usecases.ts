import type { Database } from '../../../db/connect';
import type { VideoInfo } from '../../contract/video.schema';
import { AppError } from '../../shared/errors';
import { framesToSeconds } from '../../shared/frames';
import type { ObjectStream, Storage } from '../../storage/storage.types';
import { findComposition } from '../compose/compose.repository';
import { isId } from '../projects/projects.lookup';
import { findProject } from '../projects/projects.repository';
import type { Presign } from '../projects/projects.view';
import { findTake } from '../takes/takes.repository';
import { findVideo } from './videos.repository';

/** Any video of the studio by its id: a standalone result, a take of a scene, a finished video. */
export type FoundVideo = Omit<VideoInfo, 'url' | 'duration' | 'createdAt'> & {
  s3Key: string;
  createdAt: Date;
};

export const videoNotFound = (id: string) =>
  new AppError({
    code: 'VideoNotFound',
    status: 404,
    message: `There is no video "${id.slice(0, 80)}". It is the id of a lip-sync's result, of a take or of a finished video.`,
  });

/** @throws AppError `VideoNotFound` */
export async function requireVideo(sql: Database, id: string): Promise<FoundVideo> {
  if (!isId(id)) throw videoNotFound(id);
  const [video, take, composition] = await Promise.all([
    findVideo(sql, id),
    findTake(sql, id),
    findComposition(sql, id),
  ]);
  if (video !== null) return { kind: 'video', ...video };
  if (take !== null && take.frames !== null) {
    const project = await findProject(sql, take.projectId);
    return { ...take, kind: 'take', frames: take.frames, fps: project?.fps ?? 25 };
  }
  if (composition !== null) {
    return { ...composition, kind: 'final', contentType: 'video/mp4', madeBy: { provider: 'compose' } };
  }
  throw videoNotFound(id);
}

export type VideoUsecases = ReturnType<typeof createVideoUsecases>;

export function createVideoUsecases(deps: {
  sql: Database;
  storage: Pick<Storage, 'read'>;
  presign: Presign;
}) {
  const { sql, storage, presign } = deps;
  return {
    /** The bytes of a video; `range` is the request's Range header. @throws AppError `VideoNotFound`, 416 */
    async open(id: string, options: { range?: string; signal: AbortSignal }): Promise<ObjectStream> {
      const video = await requireVideo(sql, id);
      return storage.read(video.s3Key, options);
    },

    /** @throws AppError `VideoNotFound` */
    async info(id: string): Promise<VideoInfo> {
      const video = await requireVideo(sql, id);
      return {
        id: video.id,
        kind: video.kind,
        projectId: video.projectId,
        contentType: video.contentType,
        bytes: video.bytes,
        sha256: video.sha256,
        width: video.width,
        height: video.height,
        fps: video.fps,
        frames: video.frames,
        duration: framesToSeconds(video.frames, video.fps),
        url: await presign(video.s3Key),
        madeBy: video.madeBy,
        createdAt: video.createdAt.toISOString(),
      };
    },
  };
}
