import type { TakeKind } from '../../contract/take.schema';

/** A version of a scene's media as the database holds it. Rows never change. */
export type TakeRow = {
  id: string;
  projectId: string;
  sceneId: string;
  kind: TakeKind;
  parentId: string | null;
  s3Key: string;
  contentType: string;
  bytes: number;
  sha256: string;
  width: number;
  height: number;
  frames: number | null;
  sourceKey: string | null;
  sourceBytes: number | null;
  sourceSha256: string | null;
  sourceName: string | null;
  trimIn: number | null;
  trimOut: number | null;
  songId: string | null;
  audioStart: number | null;
  audioEnd: number | null;
  madeBy: Record<string, unknown>;
  costUsd: number | null;
  jobId: string | null;
  createdAt: Date;
};

export type NewTake = Omit<TakeRow, 'createdAt'>;

/** Every object in S3 that a take owns. */
export function takeKeys(take: Pick<TakeRow, 's3Key' | 'sourceKey'>): string[] {
  return take.sourceKey === null ? [take.s3Key] : [take.s3Key, take.sourceKey];
}
