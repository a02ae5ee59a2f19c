import type { Database } from '../../db/connect';
import type { VideoFacts } from '../contract/video.schema';
import { AppError } from '../shared/errors';
import { cutText } from '../shared/text';
import { findComposition } from './compositions.repository';
import { isId } from './projects.lookup';
import { findProject } from './projects.repository';
import { findTake } from './takes.repository';
import { findVideo } from './videos.repository';

/** Any video of the studio by its id: a standalone result, a take of a scene, a finished video. */
export type FoundVideo = Omit<VideoFacts, 'exists' | 'url' | 'duration' | 'createdAt'> & {
  s3Key: string;
  createdAt: Date;
};

export const videoNotFound = (id: string) =>
  new AppError({
    code: 'VideoNotFound',
    message: `There is no video "${cutText(id, 80)}". It is the id of a lip-sync's result, of a take or of a finished video.`,
  });

/** Null when there is none of this id. */
export async function findAnyVideo(sql: Database, id: string): Promise<FoundVideo | null> {
  if (!isId(id)) return null;
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
  return null;
}

/** @throws AppError `VideoNotFound` */
export async function requireVideo(sql: Database, id: string): Promise<FoundVideo> {
  const video = await findAnyVideo(sql, id);
  if (video === null) throw videoNotFound(id);
  return video;
}
