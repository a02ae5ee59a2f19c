import type { Filmstrip, TakeKind } from '../contract/take.schema';
import { type ClipWindow, defaultWindow } from '../contract/window.schema';
import type { MediaRow } from './stored-file.rules';

/** A version of a scene's media as the database holds it. Rows never change. */
export type TakeRow = MediaRow & {
  projectId: string;
  sceneId: string;
  kind: TakeKind;
  parentId: string | null;
  frames: number | null;
  sourceKey: string | null;
  sourceBytes: number | null;
  sourceSha256: string | null;
  sourceName: string | null;
  /** The sound of a stand-alone lip-sync; one of a scene has its song's (songId). */
  soundKey: string | null;
  soundBytes: number | null;
  soundSha256: string | null;
  /** What a fitted take or a lip-sync was made with; of an original: how it lies in the frame, null: it has its shape. */
  window: ClipWindow | null;
  /** The file holds the frames from here on of the clip's `sourceFrames`, at the project's rate. */
  sourceStart: number;
  sourceFrames: number | null;
  trimIn: number | null;
  trimOut: number | null;
  songId: string | null;
  audioStart: number | null;
  audioEnd: number | null;
  costUsd: number | null;
  /** Small pictures, made after the take. */
  posterKey: string | null;
  filmstripKey: string | null;
  filmstrip: FilmstripGrid | null;
};

export type FilmstripGrid = Omit<Filmstrip, 'url'>;

export type NewTake = Omit<TakeRow, 'createdAt' | 'posterKey' | 'filmstripKey' | 'filmstrip'>;

const nothingElse = {
  parentId: null,
  sourceKey: null,
  sourceBytes: null,
  sourceSha256: null,
  sourceName: null,
  soundKey: null,
  soundBytes: null,
  soundSha256: null,
  window: null,
  sourceStart: 0,
  sourceFrames: null,
  trimIn: null,
  trimOut: null,
  songId: null,
  audioStart: null,
  audioEnd: null,
  costUsd: null,
} as const satisfies Partial<NewTake>;

/** A take that has what is given, and nothing else: no parent, source, sound, window, song or cost. */
export const newTake = (given: Omit<NewTake, keyof typeof nothingElse> & Partial<NewTake>): NewTake => ({
  ...nothingElse,
  ...given,
});

/**
 * What a take has of the one that it was made from. The source's file stays the original's alone: trims are
 * cut from it there.
 */
export const ofParent = (parent: TakeRow) => ({
  parentId: parent.id,
  projectId: parent.projectId,
  sceneId: parent.sceneId,
  width: parent.width,
  height: parent.height,
  frames: parent.frames,
  window: parent.window ?? defaultWindow,
  sourceName: parent.sourceName,
});
