import type { Database } from '../../../db/connect';
import type { VideoInfo } from '../../contract/video.schema';
import type { Presign } from '../../library/projects.view';
import { type FoundVideo, findAnyVideo, requireVideo } from '../../library/videos.lookup';
import { framesToSeconds } from '../../shared/frames';

export type VideoUsecases = ReturnType<typeof createVideoUsecases>;

export function createVideoUsecases(deps: { sql: Database; presign: Presign }) {
  const { sql, presign } = deps;
  return {
    /** @throws AppError `VideoNotFound` */
    find: (id: string): Promise<FoundVideo> => requireVideo(sql, id),

    /** Where a video can be read without this route, for a while. @throws AppError `VideoNotFound` */
    async url(id: string): Promise<string> {
      const video = await requireVideo(sql, id);
      return presign(video.s3Key);
    },

    async info(id: string): Promise<VideoInfo> {
      const video = await findAnyVideo(sql, id);
      if (video === null) return { id, exists: false };
      return {
        id: video.id,
        exists: true,
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
