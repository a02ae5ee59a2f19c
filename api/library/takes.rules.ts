import type { Filmstrip, TakeKind } from '../contract/take.schema';

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
  /** The sound of a stand-alone lip-sync; one of a scene has its song's (songId). */
  soundKey: string | null;
  soundBytes: number | null;
  soundSha256: string | null;
  trimIn: number | null;
  trimOut: number | null;
  songId: string | null;
  audioStart: number | null;
  audioEnd: number | null;
  madeBy: Record<string, unknown>;
  costUsd: number | null;
  jobId: string | null;
  createdAt: Date;
  /** Small pictures, made after the take. */
  posterKey: string | null;
  filmstripKey: string | null;
  filmstrip: FilmstripGrid | null;
};

export type FilmstripGrid = Omit<Filmstrip, 'url'>;

export type NewTake = Omit<TakeRow, 'createdAt' | 'posterKey' | 'filmstripKey' | 'filmstrip'>;
