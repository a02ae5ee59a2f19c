import { isDeepStrictEqual } from 'node:util';
import type { KeptWindow } from '../contract/window.schema';

/**
 * The columns of `scenes` that undo and redo bring back, with their types in SQL. A new column that people
 * change goes in here; one that is no part of the timeline into `notInSnapshot`. A test compares both with the
 * database.
 */
export const snapshotColumns = {
  slotFrames: 'integer',
  window: 'jsonb',
  imageTakeId: 'uuid',
  originalTakeId: 'uuid',
  currentTakeId: 'uuid',
  lipsyncTakeId: 'uuid',
  needsLipsync: 'boolean',
  prompt: 'text',
  negativePrompt: 'text',
} as const satisfies Record<string, 'integer' | 'real' | 'boolean' | 'text' | 'uuid' | 'jsonb'>;
export type SnapshotColumn = keyof typeof snapshotColumns;

/** The other columns of `scenes`: a snapshot's order tells the number, and that a scene is there. */
export const notInSnapshot = [
  'id',
  'projectId',
  'sequence',
  'deletedAt',
  'deletedSequence',
  'mediaOnly',
  'createdAt',
  'updatedAt',
] as const;

type ValueOf = {
  integer: number | null;
  real: number | null;
  boolean: boolean | null;
  text: string | null;
  uuid: string | null;
  jsonb: unknown;
};

/** A scene of a snapshot. A snapshot from before a column was made has nothing for it. */
export type SceneSnapshot = { id: string } & {
  [Column in SnapshotColumn]?: Column extends 'window'
    ? KeptWindow | null
    : ValueOf[(typeof snapshotColumns)[Column]];
};

/** All that makes a timeline what it is: pointers, lengths and words. Takes never change, so it is small. */
export type TimelineSnapshot = {
  songId: string | null;
  width: number;
  height: number;
  fps: number;
  /** In order: the first has the number 1. */
  scenes: SceneSnapshot[];
};

const columns = Object.keys(snapshotColumns) as SnapshotColumn[];

/** The columns in which two states of a scene differ. What one of them knows nothing of is no difference. */
export function changedSceneColumns(before: SceneSnapshot, after: SceneSnapshot): SnapshotColumn[] {
  return columns.filter(
    (column) =>
      before[column] !== undefined &&
      after[column] !== undefined &&
      !isDeepStrictEqual(before[column], after[column]),
  );
}

/** Two snapshots side by side. */
export type SnapshotDifference = {
  format: boolean;
  song: boolean;
  /** Ids of scenes that only one of them has. */
  added: string[];
  removed: string[];
  /** Whether the scenes that both have stand in another order. */
  order: boolean;
  /** The scenes that both have and that differ, in the order of the second one. */
  changed: { id: string; columns: SnapshotColumn[] }[];
};

export function compareSnapshots(before: TimelineSnapshot, after: TimelineSnapshot): SnapshotDifference {
  const had = new Map(before.scenes.map((scene) => [scene.id, scene]));
  const has = new Map(after.scenes.map((scene) => [scene.id, scene]));
  const stayed = before.scenes.filter(({ id }) => has.has(id)).map(({ id }) => id);
  const common = after.scenes.filter(({ id }) => had.has(id));
  return {
    format: before.width !== after.width || before.height !== after.height || before.fps !== after.fps,
    song: before.songId !== after.songId,
    added: after.scenes.filter(({ id }) => !had.has(id)).map(({ id }) => id),
    removed: before.scenes.filter(({ id }) => !has.has(id)).map(({ id }) => id),
    order: common.some(({ id }, index) => stayed[index] !== id),
    changed: common.flatMap((scene) => {
      const earlier = had.get(scene.id);
      const differing = earlier === undefined ? [] : changedSceneColumns(earlier, scene);
      return differing.length === 0 ? [] : [{ id: scene.id, columns: differing }];
    }),
  };
}

/** Whether nothing of a scene changed but the picture that was made for what it wanted already. */
export const isRender = ({ columns }: { columns: SnapshotColumn[] }): boolean =>
  columns.every((column) => column === 'currentTakeId');

/** What a difference means for the history. `render`: pictures came that scenes were waiting for, which is no step. */
export function weighDifference(difference: SnapshotDifference): 'none' | 'render' | 'step' {
  const { format, song, added, removed, order, changed } = difference;
  if (format || song || order || added.length > 0 || removed.length > 0) return 'step';
  if (changed.length === 0) return 'none';
  return changed.every(isRender) ? 'render' : 'step';
}
